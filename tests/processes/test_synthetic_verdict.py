"""The verdict on the synthetic cohort, recomputed from the exported CSV by a Kaplan-Meier of our own."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT
from tests.processes.shell import Answer, manage
from tests.reference.tolerances import CLOSED_FORM

FETCH = "import django; django.setup(); from tests.processes import fetching; fetching.main('t1-salvage')"
HORIZON, QUANTILE, MARGIN = 1095.75, 1.959963984540054, 0.10


@pytest.fixture(scope="module")
def fetched(demo: tuple[Path, Answer], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Participants and times to event as CSV rows, and the stored results by endpoint and population."""
    var = shutil.copytree(demo[0], tmp_path_factory.mktemp("fetched") / "var")
    done = subprocess.run(
        [sys.executable, "-c", FETCH],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "EQUIPOISE_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(done.stdout.splitlines()[-1])
    values = [each["values"] for each in json.loads(said["results"])["results"]]
    return {
        "participants": list(csv.DictReader(io.StringIO(said["participants"]))),
        "adtte": list(csv.DictReader(io.StringIO(said["adtte"]))),
        "results": {(each["endpoint"], each["population"]): each for each in values},
    }


def disease_free(fetched: dict[str, Any], population: str) -> dict[str, list[tuple[int, bool]]]:
    """Arm → days to the event or to censoring, and which of the two, of the members of a population."""
    members = {row["USUBJID"] for row in fetched["participants"] if row[f"{population}FL"] == "Y"}
    arms: dict[str, list[tuple[int, bool]]] = {"TME": [], "CRT": []}
    for row in fetched["adtte"]:
        if row["PARAMCD"] == "DFS" and row["USUBJID"] in members:
            arms[row["TRT01P"]].append((int(row["AVAL"]), row["EVENT"] == "1"))
    return arms


def kaplan_meier(rows: list[tuple[int, bool]]) -> tuple[float, float]:
    """S at the horizon and its Greenwood variance, in ten lines that know nothing of the product."""
    survival, total = 1.0, 0.0
    for day in sorted({t for t, event in rows if event and t <= HORIZON}):
        at_risk = sum(t >= day for t, _event in rows)
        events = sum(t == day and event for t, event in rows)
        survival *= 1 - events / at_risk
        total += events / (at_risk * (at_risk - events))
    return survival, survival**2 * total


def difference(fetched: dict[str, Any], population: str) -> tuple[float, float, float]:
    """Experimental minus control at the horizon, and the ends of its Wald interval."""
    arms = disease_free(fetched, population)
    (s_e, v_e), (s_c, v_c) = kaplan_meier(arms["CRT"]), kaplan_meier(arms["TME"])
    half = QUANTILE * sqrt(v_e + v_c)
    return s_e - s_c, s_e - s_c - half, s_e - s_c + half


@pytest.mark.shows("SYN-01")
@pytest.mark.parametrize("population", ["ITT", "PP"])
def test_an_independent_kaplan_meier_on_the_exported_csv_agrees(
    fetched: dict[str, Any], population: str
) -> None:
    arms = disease_free(fetched, population)
    stored = fetched["results"]["DFS", population]["comparisons"][0]["non_inferiority"]
    for key, arm in (("control", "TME"), ("experimental", "CRT")):
        survival, variance = kaplan_meier(arms[arm])
        assert stored[key]["n"] == len(arms[arm])
        assert stored[key]["survival"] == pytest.approx(survival, rel=CLOSED_FORM)
        assert stored[key]["se"] == pytest.approx(sqrt(variance), rel=CLOSED_FORM)
    found, low, high = difference(fetched, population)
    assert stored["difference"]["difference"] == pytest.approx(found, rel=CLOSED_FORM)
    limits = stored["difference"]["interval"]
    assert [limits["lower"], limits["upper"]] == pytest.approx([low, high], rel=CLOSED_FORM)


def points(value: float) -> str:
    return f"{100 * value:.2f}".replace("-", "−")


@pytest.mark.shows("SYN-01")
def test_what_is_printed_is_what_the_exported_csv_says(
    demo: tuple[Path, Answer], fetched: dict[str, Any]
) -> None:
    block = demo[1].text.split("Trial t1-salvage, protocol version", 1)[1].splitlines()
    for population in ("ITT", "PP"):
        title = next(
            n for n, line in enumerate(block) if re.match(rf"DFS  .*, {population} · Result \d+", line)
        )
        found, low, high = difference(fetched, population)
        sign = "+" if found >= 0 else ""
        said = f"CRT − TME: {sign}{points(found)} points (95 % CI {points(low)} to {points(high)})"
        assert block[title + 1].strip() == said
    assert _sentence(fetched) in [line.strip() for line in block]


def _sentence(fetched: dict[str, Any]) -> str:
    """The verdict by the rule of the protocol, in the words of the demonstration."""

    def conclusion(population: str) -> str:
        _found, low, high = difference(fetched, population)
        if low > 0:
            return "superior"
        if low > -MARGIN:
            return "non-inferior"
        return "inferior" if high < 0 else "inconclusive"

    itt, pp = conclusion("ITT"), conclusion("PP")
    words = f"{itt} at a margin of 10 points in ITT"
    if itt == "non-inferior":
        backed = pp in ("non-inferior", "superior")
        return f"{words}, supported per protocol" if backed else f"{words}, not supported per protocol ({pp})"
    return f"{words}, {pp} per protocol"


def test_everybody_is_there_once_in_each_endpoint_and_arms_are_balanced(fetched: dict[str, Any]) -> None:
    people = fetched["participants"]
    assert len(people) == len({row["USUBJID"] for row in people}) == 258
    assert {row["ITTFL"] for row in people} == {"Y"}
    assert 200 < sum(row["PPFL"] == "Y" for row in people) < 258
    by_arm = [sum(row["TRT01P"] == arm for row in people) for arm in ("TME", "CRT")]
    # The imbalance of permuted blocks of at most 8 is at most 4 in each of the strata in use.
    assert abs(by_arm[0] - by_arm[1]) < 30
    for endpoint in ("DFS", "OS", "LRR", "RFS"):
        assert sum(row["PARAMCD"] == endpoint for row in fetched["adtte"]) == 258


@pytest.mark.shows("SYN-01")
def test_the_randomization_and_the_audit_trail_of_the_cohort_verify(demo: tuple[Path, Answer]) -> None:
    for command in (["verify_randomization", "t1-salvage"], ["verify_audit"]):
        answer = manage(demo[0], *command)
        assert answer.code == 0, answer.text


def test_nothing_printed_while_loading_names_an_arm_or_a_participant(demo: tuple[Path, Answer]) -> None:
    before = demo[1].text.split("Trial t1-salvage, protocol version", 1)[0]
    loading = [line for line in before.splitlines() if "synthetic" in line]
    assert loading
    assert not [line for line in loading if re.search(r"TME|CRT|\d\d-\d\d\d", line)]
