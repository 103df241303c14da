"""Doors of floor 2."""
