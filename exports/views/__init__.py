"""Doors of floor 4."""
