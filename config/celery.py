"""The Celery application: it only wakes rows that carry their own state and lease."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("equipoise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
