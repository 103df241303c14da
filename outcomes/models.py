"""Shapes of floor 3: snapshots, analyses and their results."""

from django.conf import settings
from django.db import models

from trial.models import Leased, ProtocolVersion, Trial


class Snapshot(models.Model):
    """The data of a trial frozen as of one act of its audit chain; `cut_off` is the last day that counts."""

    append_only = True

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="+")
    cut_off = models.DateField()
    reason = models.TextField()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    manifest = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="snapshot_number")]

    def __str__(self) -> str:
        return f"{self.trial_id} snapshot {self.number}"


class SnapshotFile(models.Model):
    """One Parquet file of a snapshot. A file with `shows_arm` never reaches a blinded reader."""

    append_only = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=40)
    shows_arm = models.BooleanField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "name"], name="snapshot_file")]

    def __str__(self) -> str:
        return self.name


class Analysis(Leased):
    """A request to analyse one endpoint of a snapshot: a row, a state and a lease."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="analyses")
    endpoint = models.CharField(max_length=20)
    population = models.CharField(max_length=20)

    class Meta(Leased.Meta):
        verbose_name_plural = "analyses"
        constraints = [
            *Leased.Meta.constraints,
            models.UniqueConstraint(fields=["snapshot", "endpoint", "population"], name="analysis_once"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.population} of snapshot {self.snapshot_id}"


class Result(models.Model):
    """What an analysis found: canonical JSON, figures, and the hash of both. Never changed."""

    append_only = True

    analysis = models.OneToOneField(Analysis, on_delete=models.PROTECT, related_name="result")
    payload = models.TextField()
    figures = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"result {self.pk}"
