"""Pages of this floor that are not generic."""
