"""Number and date formats of the languages: what people type, and what tables show (always ISO)."""
