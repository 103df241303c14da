"""The crf floor as a Django app."""

from django.apps import AppConfig


class CrfConfig(AppConfig):
    name = "crf"
