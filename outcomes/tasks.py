"""Doors of floor 3 for Celery: thin, idempotent, imported by workers only."""

from celery import shared_task

from outcomes.actions import runs
from outcomes.models import Analysis
from trial import leases
from trial.actions import notifications
from trial.tasks import deliver


@shared_task(name="outcomes.tasks.run")
def run(key: int) -> None:
    """Run one analysis; delivered twice it does nothing the second time."""
    runs.run(key)


@shared_task(name="outcomes.tasks.sweep")
def sweep() -> None:
    """Wake what nobody works on: rows whose message was lost or whose time has come, and rows whose holder is gone."""
    for key in leases.waiting(Analysis):
        run.delay(key)
    for key in notifications.waiting():
        deliver.delay(key)
