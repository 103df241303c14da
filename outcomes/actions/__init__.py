"""Writes of floor 3."""
