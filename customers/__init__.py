"""Who our customers are, and what we said to each other."""
