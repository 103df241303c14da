"""Floor 1: what was observed."""
