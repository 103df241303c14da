"""Shapes of floor 0: where participants are enrolled."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone

from trial.models.history import History
from trial.models.protocol import Trial
from trial.states import SiteState


class Site(models.Model):
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    state = models.CharField(max_length=10, default=SiteState.OPEN)
    # The most participants the site may randomize; empty: no limit.
    cap = models.PositiveIntegerField(null=True, blank=True)
    history = History()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "code"], name="site_code"),
            models.CheckConstraint(condition=models.Q(state__in=list(SiteState)), name="site_state"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def today(self) -> date:
        """The calendar day at the site: hours before it has begun in UTC, it is not the future there."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone)).date()
