"""Floor 0 as a Django app."""

from django.apps import AppConfig
from simple_history.signals import post_create_historical_record

from trial.writing import cite


class TrialConfig(AppConfig):
    name = "trial"

    def ready(self) -> None:
        post_create_historical_record.connect(cite, dispatch_uid="cite")
