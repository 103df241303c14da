"""Shapes of floor 0: a message to one person, sent later and once."""

from django.conf import settings
from django.db import models

from trial.models.lease import Leased
from trial.models.protocol import Trial
from trial.states import MESSAGE


class Notification(Leased):
    """`kind` names the template, `context` holds its words; secrets such as one-time links are made when it is sent.

    `sent_at` is when the mail server took it. It never holds an arm.
    """

    STEPS = MESSAGE

    kind = models.CharField(max_length=30)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    context = models.JSONField(default=dict)
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
