"""The verdict on the synthetic cohort, recomputed from the exported CSV by a Kaplan-Meier of our own."""

import csv
import io
import json
import re
import shutil
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.processes.independent import difference, kaplan_meier, said
from tests.processes.shell import Answer, checked, manage, surroundings
from tests.reference.tolerances import CLOSED_FORM

FETCH = "import django; django.setup(); from tests.processes import fetching; fetching.main('t1-salvage')"
MARGIN = 0.10


@pytest.fixture(scope="module")
def fetched(demo: tuple[Path, Answer], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Participants and times to event as CSV rows, and the stored results by endpoint and population."""
    var = shutil.copytree(demo[0], tmp_path_factory.mktemp("fetched") / "var")
    environment = surroundings(EQUIPOISE_VAR=str(var), DJANGO_SETTINGS_MODULE="config.settings")
    told = json.loads(checked(environment, "-c", FETCH).splitlines()[-1])
    values = [each["values"] for each in json.loads(told["results"])["results"]]
    return {
        "participants": list(csv.DictReader(io.StringIO(told["participants"]))),
        "adtte": list(csv.DictReader(io.StringIO(told["adtte"]))),
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


def compared(fetched: dict[str, Any], population: str) -> tuple[float, float, float]:
    """Chemoradiotherapy minus surgery at the horizon, and the ends of the interval."""
    arms = disease_free(fetched, population)
    return difference(arms["CRT"], arms["TME"])


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
    found, low, high = compared(fetched, population)
    assert stored["difference"]["difference"] == pytest.approx(found, rel=CLOSED_FORM)
    limits = stored["difference"]["interval"]
    assert [limits["lower"], limits["upper"]] == pytest.approx([low, high], rel=CLOSED_FORM)


@pytest.mark.shows("SYN-01")
def test_what_is_printed_is_what_the_exported_csv_says(
    demo: tuple[Path, Answer], fetched: dict[str, Any]
) -> None:
    block = demo[1].text.split("Trial t1-salvage, protocol version", 1)[1].splitlines()
    for population in ("ITT", "PP"):
        title = next(
            n for n, line in enumerate(block) if re.match(rf"DFS  .*, {population} · Result \d+", line)
        )
        assert block[title + 1].strip() == f"CRT − TME: {said(compared(fetched, population))}"
    assert _sentence(fetched) in [line.strip() for line in block]


def _sentence(fetched: dict[str, Any]) -> str:
    """The verdict by the rule of the protocol, in the words of the demonstration."""

    def conclusion(population: str) -> str:
        _found, low, high = compared(fetched, population)
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


@pytest.mark.shows("SYN-01", "AUD-01")
def test_the_randomization_and_the_audit_trail_of_the_cohort_verify(demo: tuple[Path, Answer]) -> None:
    sequences = manage(demo[0], "verify_randomization", "t1-salvage")
    assert sequences.code == 0, sequences.text
    trail = manage(demo[0], "verify_audit")
    assert trail.code == 0, trail.text
    assert "The audit trail holds" in trail.text


def test_nothing_printed_while_loading_names_an_arm_or_a_participant(demo: tuple[Path, Answer]) -> None:
    before = demo[1].text.split("Trial t1-salvage, protocol version", 1)[0]
    loading = [line for line in before.splitlines() if "synthetic" in line]
    assert loading
    assert not [line for line in loading if re.search(r"TME|CRT|\d\d-\d\d\d", line)]
