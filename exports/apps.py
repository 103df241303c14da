"""The exports floor as a Django app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
