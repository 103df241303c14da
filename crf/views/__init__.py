"""Doors of floor 1."""
