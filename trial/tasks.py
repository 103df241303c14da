"""Doors of floor 0 for Celery: thin, idempotent, imported by workers only."""

from celery import shared_task

from trial.actions import notifications


@shared_task(name=notifications.DELIVER_TASK)
def deliver(key: int) -> None:
    """Send one message; delivered twice it does nothing the second time."""
    notifications.deliver(key)
