"""Everything that is computed from the floors below, and how it is sent."""
