"""The Celery application: it only wakes rows that carry their own state and lease."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("equipoise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_another_purpose(**_: Any) -> None:
    """A worker whose database is for something else ends before it takes any work."""
    # Models can be imported only when Django is set up.
    import_string("config.purpose.require_agreement")()
