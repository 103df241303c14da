"""Tell workers that rows wait for them, where there is a broker; without one the sweep finds them a little later."""

from collections.abc import Iterable

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = structlog.get_logger("equipoise.waking")


def wake(task: str, keys: Iterable[int]) -> None:
    """Send a task by name for each row. A broker that is down costs one short wait, and the time until the sweep."""
    if not settings.CELERY_BROKER_URL:
        return
    try:
        for key in keys:
            current_app.send_task(task, args=[key], retry=False)
    except OperationalError:
        log.warning("broker unreachable", task=task)
