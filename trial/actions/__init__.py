"""Writes of floor 0."""
