"""Tests: nothing here is imported by the product."""
