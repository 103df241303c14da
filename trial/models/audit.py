"""Shapes of floor 0: the audit trail, an append-only chain of acts."""

from django.conf import settings
from django.db import models

INSTALLATION = "installation"


class Act(models.Model):
    """One act: who did what to what, when, why, citing the history rows and append-only rows it made.

    `history` holds [table, key, SHA-256 of the row]; `hash` covers every other field and the
    hash of the act before it in the same chain.
    """

    append_only = True

    chain = models.SlugField(max_length=80)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verb = models.CharField(max_length=60)
    refused = models.BooleanField(default=False)
    subject = models.CharField(max_length=120)
    site = models.CharField(max_length=20, blank=True)
    participant = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    changes = models.JSONField(default=dict)
    shows_arm = models.BooleanField(default=False)
    history = models.JSONField(default=list)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="act_chain_seq")]
        indexes = [models.Index(fields=["chain", "participant", "seq"], name="act_participant")]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq}: {self.verb}"


class ChainHead(models.Model):
    """The last act of each chain; locked last in every writing transaction."""

    chain = models.SlugField(max_length=80, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.chain} at {self.seq}"
