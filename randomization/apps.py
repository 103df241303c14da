"""The randomization floor as a Django app."""

from django.apps import AppConfig


class RandomizationConfig(AppConfig):
    name = "randomization"
