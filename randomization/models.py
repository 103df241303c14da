"""Shapes of floor 2: scheme, strata and allocations, append-only and without reverse accessors."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models import Participant, Trial


class Scheme(models.Model):
    """How a trial allocates. `sealed_list` is the uploaded list, encrypted with the SEAL_KEY."""

    append_only = True

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=30)
    sealed_list = models.BinaryField()
    list_sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.method} of trial {self.trial_id}"


class Stratum(models.Model):
    """One combination of factor levels; its row is the lock under which numbers are taken."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    length = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="stratum_key")]

    def __str__(self) -> str:
        return self.key


class Allocation(models.Model):
    """The act and result of allocating one participant: the next number of its stratum, once."""

    append_only = True

    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="+")
    arm = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=80, unique=True)
    allocated_at = models.DateTimeField()
    allocated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stratum", "number"], name="allocation_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="allocation_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"allocation {self.pk}"
