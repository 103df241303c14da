"""Tests: journeys through views, commands and processes on a real database."""
