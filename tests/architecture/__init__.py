"""Tests: the whole house is walked, and what does not fit is refused."""
