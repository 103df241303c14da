"""Shapes of floor 0: a person in the trial, known by a label only."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models.history import History
from trial.models.protocol import Trial
from trial.models.site import Site
from trial.states import AFTER_RANDOMIZATION, ParticipantState


class Participant(models.Model):
    """`track` is the public label of the arm: it decides which forms appear, and nothing may query by it."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="participants")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="participants")
    label = models.CharField(max_length=40)
    state = models.CharField(max_length=15, default=ParticipantState.SCREENING)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    consented_on = models.DateField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    randomized_at = models.DateTimeField(null=True, blank=True)
    randomized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    track = models.CharField(max_length=40, blank=True)
    # Why a screen failure was not randomized: the id of an eligibility criterion, or `declined`, or `other`.
    screen_failure = models.CharField(max_length=40, blank=True)
    history = History()

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "label"], name="participant_label"),
            models.CheckConstraint(condition=Q(state__in=list(ParticipantState)), name="participant_state"),
            models.CheckConstraint(
                condition=Q(enrolled_at__isnull=True, enrolled_by__isnull=True)
                | Q(enrolled_at__isnull=False, enrolled_by__isnull=False),
                name="participant_enrolled_pair",
            ),
            models.CheckConstraint(
                condition=Q(randomized_at__isnull=True, randomized_by__isnull=True)
                | Q(randomized_at__isnull=False, randomized_by__isnull=False),
                name="participant_randomized_pair",
            ),
            models.CheckConstraint(
                condition=Q(randomized_at__isnull=True) | Q(state__in=list(AFTER_RANDOMIZATION)),
                name="participant_after_randomization",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def usubjid(self) -> str:
        """The identifier in exports: STUDYID-SITEID-SUBJID; a label that begins with its site says it once."""
        subject = self.label.removeprefix(f"{self.site.code}-")
        return f"{self.trial.key}-{self.site.code}-{subject}"

    @property
    def randomized_on(self) -> date | None:
        """The calendar day of randomization at the site."""
        if self.randomized_at is None:
            return None
        return self.randomized_at.astimezone(ZoneInfo(self.site.time_zone)).date()
