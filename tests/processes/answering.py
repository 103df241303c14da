"""Tests: a web process by itself. Answers every page once, then says which forbidden libraries it has loaded.

Run `main` after `django.setup()`, in a process of its own, on a database that holds the world. This module must
not import `tests.world`, which runs analyses.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.test import Client

from exports import actions
from exports.secrets import Scope
from outcomes.models import Result, Snapshot
from trial.models import Participant, RoleGrant, Trial

MATRIX = Path(__file__).parent.parent / "integration" / "access_matrix.csv"
FORBIDDEN = ("lifelines", "matplotlib", "statsmodels", "altair", "vl_convert", "weasyprint")
API = ("participants/", "adtte/", "adtte/?format=csv", "dictionary/", "results/", "results/?format=csv")


def main() -> None:
    trial = Trial.objects.get(key="colon-moertel")
    places = {
        "trial": trial.key,
        "other_trial": "another-trial",
        "here": _label(trial, "01"),
        "there": _label(trial, "02"),
        "other": "x",
        "person": _grants(trial)["coordinator"].person_id,
        "result": Result.objects.filter(analysis__snapshot__trial=trial).order_by("pk")[0].pk,
    }
    answers: dict[str, int] = {}
    for row in _rows():
        for role, grant in _grants(trial).items():
            if row.get(role) == "ok" and row["name"] != "account_logout":
                client = Client(HTTP_HOST="127.0.0.1")
                client.force_login(grant.person, backend=settings.AUTHENTICATION_BACKENDS[0])
                answer = client.generic(row["method"], row["path"].format(**places))
                answers[f"{row['method']} {row['path']} {role}"] = answer.status_code
    answers.update(_api(trial))
    answers["snapshots frozen"] = _freeze(trial)
    print(json.dumps({"answers": answers, "loaded": [name for name in FORBIDDEN if name in sys.modules]}))


def _rows() -> list[dict[str, str]]:
    with MATRIX.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _grants(trial: Trial) -> dict[str, RoleGrant]:
    rows = RoleGrant.objects.filter(Q(trial=trial) | Q(trial=None)).select_related("person").order_by("-pk")
    return {grant.role: grant for grant in rows}


def _label(trial: Trial, site: str) -> str:
    return Participant.objects.filter(trial=trial, site__code=site).order_by("label")[0].label


def _api(trial: Trial) -> dict[str, int]:
    person = _grants(trial)["unblinded_statistician"].person
    secret = actions.make(trial=trial, name="light", scopes=list(Scope), by=person)[1]
    client = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
    return {f"GET api {what}": client.get(f"/api/v1/trials/{trial.key}/{what}").status_code for what in API}


def _freeze(trial: Trial) -> int:
    """Freeze a snapshot and ask for its analyses through the pages; the number of snapshots afterwards."""
    client: Any = Client(HTTP_HOST="127.0.0.1")
    client.force_login(
        _grants(trial)["unblinded_statistician"].person, backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    day = {"cut_off_0": "1", "cut_off_1": "1", "cut_off_2": "1999", "reason": "to see what it loads"}
    client.post(f"/trials/{trial.key}/snapshots/new/", day)
    client.post(f"/trials/{trial.key}/snapshots/2/analyses/")
    return Snapshot.objects.filter(trial=trial, analyses__isnull=False).distinct().count()
