"""Floor 4: what leaves the building."""
