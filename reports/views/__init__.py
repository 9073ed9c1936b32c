"""The pages of reports: reading one, what was sent to oneself, and schedules."""
