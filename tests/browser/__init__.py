"""Tests: people's journeys in Chromium, on the whole demonstration."""
