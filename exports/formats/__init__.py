"""Rules room of floor 4: data as text in the formats other programs read."""
