"""Tests: the real processes on this machine: PostgreSQL, Redis, a Celery worker, beat and the web process."""
