"""Shapes of floor 0: what kind of data this database holds."""

from django.db import models
from django.db.models import Q


class Purpose(models.TextChoices):
    """Real data and exercises never share a database."""

    DEMONSTRATION = "demonstration"
    TRAINING = "training"
    PRODUCTION = "production"


class Installation(models.Model):
    """One row, made when the database is first used and never changed."""

    append_only = True

    purpose = models.CharField(max_length=20)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="installation_once"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="installation_purpose"),
        ]

    def __str__(self) -> str:
        return self.purpose
