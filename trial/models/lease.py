"""Shapes of floor 0: a row that is also a job, claimed under a lease."""

from datetime import datetime

from django.conf import settings
from django.db import models

from trial.states import WORK, WorkState


class Leased(models.Model):
    """Abstract: `holder` is host:process id:process start, `leased_until` when others may take over."""

    # Which state may follow which; a kind of job with other steps names its own table.
    STEPS = WORK

    state = models.CharField(max_length=10, default=WorkState.QUEUED, db_index=True)
    holder = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    stage = models.CharField(max_length=60, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Not to be claimed earlier; a kind of job that is tried again has a field of this name.
    not_before: datetime | None = None

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(WorkState)), name="%(app_label)s_%(class)s_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state=WorkState.RUNNING, leased_until__isnull=False)
                | ~models.Q(state=WorkState.RUNNING),
                name="%(app_label)s_%(class)s_lease",
            ),
        ]
