"""Tests: an invitation as an administrator fills it in, and who was invited."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.world import PASSWORD
from trial.models import Person


def sure(client: Client) -> Client:
    """The client after its person has proved again who she is."""
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def today(field: str = "starts_on", *, days: int = 0) -> dict[str, str]:
    """Today, or another day, in the three parts of a day field."""
    day = timezone.now().date() + timedelta(days=days)
    return {f"{field}_0": str(day.day), f"{field}_1": str(day.month), f"{field}_2": str(day.year)}


def invitation(**changes: str) -> dict[str, str]:
    """A filled-in invitation of a coordinator."""
    filled = {"email": "new@example.org", "name": "New Person", "role": "coordinator", "site": "01"}
    return {**filled, **today(), **changes}


def newcomer() -> Person:
    return Person.objects.get(email="new@example.org")
