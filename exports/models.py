"""Shapes of floor 4: API tokens, stored hashed."""

from datetime import datetime

from django.conf import settings
from django.db import models

from trial.models import Site, Trial
from trial.models.history import History


class ApiToken(models.Model):
    """A named, scoped, expiring token of one person in one trial. `digest` is the SHA-256 of the secret."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tokens")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    history = History(excluded_fields=["digest"])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "trial", "name"], name="token_name")]

    def __str__(self) -> str:
        return self.name

    def in_force(self, now: datetime) -> bool:
        """Whether the token may still be used at that time."""
        return self.revoked_at is None and now < self.expires_at


class TokenUse(models.Model):
    """When a token was last used; apart from the token so that reading leaves no trace in its history."""

    token = models.OneToOneField(ApiToken, on_delete=models.PROTECT, related_name="use")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token_id} at {self.at}"
