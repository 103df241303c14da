"""The roof: the only floor that sees everything."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
