"""The roof as a Django app: commands, system checks and the triggers that guard append-only tables."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate

from config import checks, purpose
from trial import append_only


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(checks.protocols_hold_together)
        register(checks.triggers_stand, "database")
        register(purpose.purposes_agree)
        register(checks.statements_stay_out_of_the_log)
        # SQLite drops a table's triggers whenever a migration remakes it.
        post_migrate.connect(append_only.install_after_migrate, dispatch_uid="append_only")
