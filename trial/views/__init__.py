"""Doors of floor 0."""
