"""Shapes of floor 0: which consent text a participant has agreed to, and when."""

from django.conf import settings
from django.db import models

from trial.models.history import History
from trial.models.participant import Participant


class Consent(models.Model):
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=20)
    given_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    history = History()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "version"], name="consent_version")]

    def __str__(self) -> str:
        return f"{self.participant_id} consent {self.version}"
