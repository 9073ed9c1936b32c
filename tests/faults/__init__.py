"""Real processes that are killed, starved and cut off."""
