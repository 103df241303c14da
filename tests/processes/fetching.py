"""Tests: a process that fetches a trial through the API as an unblinded statistician and prints what it was given.

Run `main` after `django.setup()`, in a process of its own, on a database that holds the demonstration.
"""

import json
from typing import Any

from django.test import Client

from exports import actions
from exports.secrets import Scope
from trial.models import Person, Trial


def main(key: str) -> None:
    """Print, as JSON, the CSV of participants and of times to event, and the stored results."""
    trial = Trial.objects.get(key=key)
    person = Person.objects.get(email="unblinded-statistician@demo.invalid")
    fetched = _fetched(trial, person, "participants/?format=csv", "adtte/?format=csv", "results/")
    print(json.dumps(fetched))


def _fetched(trial: Trial, person: Person, *what: str) -> dict[str, Any]:
    secret = actions.make(trial=trial, name="independent check", scopes=list(Scope), by=person)[1]
    client = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
    answers = {each: client.get(f"/api/v1/trials/{trial.key}/{each}") for each in what}
    assert all(answer.status_code == 200 for answer in answers.values()), answers
    return {each.split("/")[0]: answer.content.decode() for each, answer in answers.items()}
