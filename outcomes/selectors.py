"""Reads of floor 3."""

import json
from typing import Any

from outcomes.models import Analysis, Result, Snapshot
from trial.models import Trial


def latest_snapshot(trial: Trial) -> Snapshot | None:
    """The newest snapshot of a trial, None before the first."""
    return Snapshot.objects.filter(trial=trial).select_related("taken_by", "protocol").order_by("-number").first()


def snapshots(trial: Trial) -> list[Snapshot]:
    """All snapshots of a trial, newest first."""
    return list(Snapshot.objects.filter(trial=trial).select_related("taken_by").order_by("-number"))


def analyses(snapshot: Snapshot) -> list[Analysis]:
    """The analyses asked for on a snapshot, each with its result where it is done."""
    return list(snapshot.analyses.select_related("result").order_by("pk"))


def results(trial: Trial) -> list[Result]:
    """All results of a trial, newest first."""
    rows = Result.objects.filter(analysis__snapshot__trial=trial).select_related("analysis__snapshot")
    return list(rows.order_by("-pk"))


def found(result: Result) -> dict[str, Any]:
    """The values of a result."""
    values: dict[str, Any] = json.loads(result.payload)
    return values
