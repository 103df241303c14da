"""Floor 3: what it means."""
