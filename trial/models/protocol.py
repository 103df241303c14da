"""Shapes of floor 0: a trial and the immutable texts it runs under."""

from django.conf import settings
from django.db import models

from trial.models.history import History


class Trial(models.Model):
    """An interventional study. `protocol` is the version in force, `is_demo` marks invented or public data."""

    key = models.SlugField(max_length=60, unique=True)
    protocol = models.ForeignKey(
        "trial.ProtocolVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_demo = models.BooleanField(default=False)
    recruiting = models.BooleanField(default=True)
    history = History()

    def __str__(self) -> str:
        return self.key

    @property
    def next_version(self) -> int:
        """The number that the next text of the protocol must bear."""
        return self.protocol.number + 1 if self.protocol else 1


class ProtocolVersion(models.Model):
    """The text of a protocol as activated: path → file text, and its SHA-256."""

    append_only = True

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    files = models.JSONField()
    activated_at = models.DateTimeField()
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="protocol_number"),
            models.UniqueConstraint(fields=["trial", "sha256"], name="protocol_text"),
        ]

    def __str__(self) -> str:
        return f"{self.trial_id} v{self.number}"
