"""Shapes of floor 2: scheme, strata and allocations, append-only and without reverse accessors."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models import Participant, ProtocolVersion, Trial


class Scheme(models.Model):
    """How a trial allocates: by an uploaded list, or by permuted blocks from a seed and a supplement.

    What is sealed is encrypted with the SEAL_KEY, and empty where the method needs none; the hashes are SHA-256 of
    the list's text, of the seed's bytes and of the supplement's text. `protocol` is the text that was in force when
    the scheme was opened, empty for schemes older than this field.
    """

    append_only = True

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="+")
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=30)
    sealed_list = models.BinaryField(default=b"")
    list_sha256 = models.CharField(max_length=64, default="")
    sealed_seed = models.BinaryField(default=b"")
    seed_sha256 = models.CharField(max_length=64, default="")
    sealed_supplement = models.BinaryField(default=b"")
    supplement_sha256 = models.CharField(max_length=64, default="")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method="uploaded_list", seed_sha256="", supplement_sha256="") & ~Q(list_sha256="")
                | Q(method="permuted_blocks", list_sha256="", protocol__isnull=False)
                & ~Q(seed_sha256="")
                & ~Q(supplement_sha256=""),
                name="scheme_method",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} of trial {self.trial_id}"


class Stratum(models.Model):
    """One combination of factor levels; its row is the lock under which numbers are taken.

    `length` is the number of places of an uploaded list; blocks never end.
    """

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=1000)
    length = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="stratum_key")]

    def __str__(self) -> str:
        return self.key


class Allocation(models.Model):
    """The act and result of allocating one participant: the next number of its stratum, once.

    `basis` holds the level of every factor by its id, as randomized.
    """

    append_only = True

    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="+")
    arm = models.CharField(max_length=40)
    basis = models.JSONField(default=dict)
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
