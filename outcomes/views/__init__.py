"""Doors of floor 3."""
