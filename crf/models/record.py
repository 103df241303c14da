"""Shapes of floor 1: one form of one visit of one participant."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from crf.models.visit import Visit
from crf.states import RecordState
from trial.models import Participant, ProtocolVersion
from trial.models.history import History


class Record(models.Model):
    """`values` holds item → stored value, `missing` item → typed reason, `soft_reasons` rule → reason given.

    `version` is the optimistic token: it grows by one with each write. `protocol` is the text the record was
    entered under, hence its form version.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="records")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="records")
    form = models.CharField(max_length=40)
    repeat = models.PositiveIntegerField(default=1)
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=RecordState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    values = models.JSONField(default=dict)
    missing = models.JSONField(default=dict)
    soft_reasons = models.JSONField(default=dict)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "form", "repeat"], name="record_once"),
            models.CheckConstraint(
                condition=Q(state__in=[s for s in RecordState if s != RecordState.EMPTY]), name="record_state"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="record_submitted_pair",
            ),
        ]
        indexes = [models.Index(fields=["participant", "form"], name="record_participant_form")]

    def __str__(self) -> str:
        return f"{self.form} of {self.participant_id}"
