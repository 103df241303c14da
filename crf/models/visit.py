"""Shapes of floor 1: a contact that has taken place."""

from django.db import models

from trial.models import Participant
from trial.models.history import History


class Visit(models.Model):
    """`key` names a visit of the protocol; `repeat` counts from 1 where it may happen more than once."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="visits")
    key = models.CharField(max_length=40)
    repeat = models.PositiveIntegerField(default=1)
    history = History()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "key", "repeat"], name="visit_once")]

    def __str__(self) -> str:
        return self.key if self.repeat == 1 else f"{self.key} {self.repeat}"
