"""The outputs of a report document. None of them knows a report, and none makes text of figures itself."""
