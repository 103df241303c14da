"""The colon cancer trial as frames for the estimators, and what R says about it."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.reference.tolerances import CLOSED_FORM

DATA = Path(__file__).parent / "data"
ARMS = ("Obs", "Lev", "Lev+5FU")
PAIRS = ("lev5fu_vs_obs", "lev_vs_obs", "obs_vs_lev5fu")
ENDPOINTS = ("DFS", "OS", "REC")
THREE_YEARS = 1095.75

EXPECTED: dict[str, Any] = json.loads((DATA / "colon.json").read_text())


def _participants() -> list[dict[str, dict[str, str]]]:
    people: dict[str, dict[str, dict[str, str]]] = {}
    with (DATA / "colon.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            people.setdefault(row["id"], {})[row["etype"]] = row
    return list(people.values())


def _row(person: dict[str, dict[str, str]], endpoint: str) -> tuple[str, int, int]:
    recurrence, death = person["1"], person["2"]
    recurred, died = int(recurrence["status"]), int(death["status"])
    first = min(int(recurrence["time"]), int(death["time"]))
    time, event = {
        "DFS": (first, int(recurred or died)),
        "OS": (int(death["time"]), died),
        "REC": (int(recurrence["time"]), recurred),
        "competing": (first, 1 if recurred else 2 * died),
    }[endpoint]
    return recurrence["rx"], time, event


def frame(endpoint: str, arms: tuple[str, ...] = ARMS) -> pd.DataFrame:
    """`arm`, `time` in days, `event`, for DFS, OS, REC or competing, of the participants of these arms."""
    rows = pd.DataFrame(
        [_row(person, endpoint) for person in _participants()], columns=["arm", "time", "event"]
    )
    return rows[rows["arm"].isin(arms)]


def arms_of(pair: str) -> tuple[str, str]:
    """Control and experimental arm of a pair."""
    arms = EXPECTED[pair]["arms"]
    return arms["control"], arms["experimental"]


def close(expected: Any) -> Any:
    """Equal to a reference value, or to each of a list of them, within the tolerance for closed forms."""
    return pytest.approx(expected, rel=CLOSED_FORM, abs=0)
