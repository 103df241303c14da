"""Tests: how the journeys sign in and what they read of a page."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests import salvage
from trial.models import Participant

SignIn = Callable[..., Client]
# The most queries that a page may ask, session and user included.
BUDGET = 12


def client_of(role: str, *, site: str = "01") -> Client:
    """A client signed in as a person of the main trial; site roles are held at `site`."""
    client = Client()
    client.force_login(salvage.person(role, site=site))
    return client


def main(response: Any) -> str:
    """The page below its header, whatever the answer: the header names the trial, and with it treatments."""
    page: str = response.content.decode()
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def text(response: Any) -> str:
    """The page below its header; the answer must be a page."""
    assert response.status_code == 200
    return main(response)


def page_of(client: Client, path: str) -> str:
    """The whole page at an address, header included."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def path(participant: Participant, page: str = "eligibility") -> str:
    """The address of a page about a participant of the main trial."""
    return f"/trials/{salvage.TRIAL}/participants/{participant.label}/{page}/"
