"""What the report lays out of a Result: the published numbers, verdicts for the primary endpoint only."""

import json
from typing import Any

import pandas as pd
import pytest

from outcomes.estimators import panel
from outcomes.models import Result, Snapshot
from outcomes.reporting.risk_rows import incidence_rows, survival_rows
from outcomes.views.reading import Reading
from outcomes.views.sections import section
from tests.architecture.source import ROOT
from tests.reference.colon import ARMS, EXPECTED, frame
from trial.protocol.loader import load

PROTOCOL = load(ROOT / "protocols" / "colon-moertel").protocol
PLAN = PROTOCOL.endpoints
DATA = {"DFS": "DFS", "LRR": "competing", "OS": "OS"}


def found_of(endpoint: str, data: pd.DataFrame | None = None) -> dict[str, Any]:
    rows = frame(DATA[endpoint]) if data is None else data
    return panel.estimate(rows, endpoint=PLAN.endpoint(endpoint), plan=PLAN, arms=ARMS)


def laid_out(endpoint: str, data: pd.DataFrame | None = None) -> dict[str, Any]:
    found = {**found_of(endpoint, data), "population": "ITT"}
    result = Result(pk=3, payload=json.dumps(found))
    return section(Reading(Snapshot(number=1), result, PROTOCOL), lambda name: f"/{name}.svg?seen=x")


def cells(table: dict[str, Any], row: int) -> list[str]:
    return [_text(cell) for cell in table["rows"][row]["cells"]]


def _text(cell: Any) -> str:
    return (
        str(cell.get("number", cell.get("text", cell.get("missing"))))
        if isinstance(cell, dict)
        else str(cell)
    )


def test_the_primary_endpoint_has_a_verdict_for_each_comparison() -> None:
    first, second = laid_out("DFS")["verdicts"]
    assert (first["conclusion"], second["conclusion"]) == ("superior", "non-inferior")
    assert first["sentence"] == (
        "+14.38 points (95 % CI 6.65 to 22.11): superior at margins of 10 and 5 points."
    )
    assert second["sentence"] == (
        "−0.08 points (95 % CI −7.93 to 7.76): non-inferior at a margin of 10 points "
        "(without a per-protocol analysis); "
        "inconclusive at a margin of 5 points."
    )
    assert "36 months" in first["about"]


def test_the_sensitivity_interval_stands_beside_the_declared_one() -> None:
    facts = dict(laid_out("DFS")["verdicts"][0]["facts"])
    low, high = EXPECTED["lev5fu_vs_obs"]["DFS"]["fixed_time_ni"][0]["ci95_mover_loglog"]
    assert facts["95 % CI, MOVER, log-log (sensitivity)"].startswith(f"{100 * low:.2f} to {100 * high:.2f}")
    assert facts["95 % CI, Wald (declared)"] == "6.65 to 22.11"


@pytest.mark.parametrize("endpoint", ["LRR", "OS"])
def test_a_secondary_endpoint_has_intervals_and_no_word_of_a_verdict(endpoint: str) -> None:
    said = str(laid_out(endpoint)).lower()
    assert laid_out(endpoint)["verdicts"] == []
    assert not [word for word in ("inferior", "superior", "inconclusive", "margin of") if word in said]


def test_rates_at_the_landmarks_are_those_of_r() -> None:
    table = laid_out("DFS")["figures"][0]["table"]
    assert cells(table, 0) == ["Observation", "72.1\u00a0%", "56.5\u00a0%", "49.4\u00a0%", "42.4\u00a0%"]
    assert table["rows"][0]["cells"][3]["note"] == "43.8 to 54.8\u00a0%"


def test_competing_events_show_cumulative_incidence_and_their_counts() -> None:
    part = laid_out("LRR")
    assert cells(part["figures"][0]["table"], 2)[3] == "33.9\u00a0%"
    assert cells(part["figures"][1]["table"], 0)[1] == "−14.77"
    assert "Competing events" in str(part["tables"][0])


def test_numbers_at_risk_are_those_of_r() -> None:
    expected = EXPECTED["lev5fu_vs_obs"]["DFS"]["risk_table"][1]
    rows = survival_rows(found_of("DFS")["curves"][2]["risk_table"])[: len(expected["t"])]
    assert [row.at_risk for row in rows] == expected["n_risk"]
    assert [row.events for row in rows] == expected["cum_event"]
    assert [row.censored for row in rows] == expected["cum_censor"]


def test_an_event_on_the_day_of_a_column_counts_in_it_whether_events_compete_or_not() -> None:
    curve = {"n": 4, "time": [0, 10, 20], "events": [0, 1, 0], "competing": [0, 1, 1], "censored": [0, 0, 1]}
    at_ten = incidence_rows(curve, [10])[0]
    assert (at_ten.at_risk, at_ten.events, at_ten.competing, at_ten.censored) == (4, 1, 1, 0)


def test_what_cannot_be_estimated_says_why_and_what_is_known() -> None:
    short = frame("DFS").assign(time=100, event=0)
    first = laid_out("DFS", short)["verdicts"][0]
    assert (first["conclusion"], first["scale"]) == ("not-estimable", None)
    assert first["sentence"] == "not estimable: follow-up too short."
    assert "0 events among 304" in " ".join(first["flags"])


def test_a_trial_without_participants_is_laid_out_too() -> None:
    nobody = pd.DataFrame({"arm": [], "time": [], "event": []})
    assert laid_out("DFS", nobody)["verdicts"][0]["conclusion"] == "not-estimable"


def test_no_two_titles_of_a_page_are_the_same() -> None:
    parts = [laid_out(endpoint) for endpoint in DATA]
    titles = [figure["title"] for part in parts for figure in part["figures"]]
    titles += [figure["table"]["caption"] for part in parts for figure in part["figures"]]
    titles += [table["caption"] for part in parts for table in part["tables"]]
    assert len(set(titles)) == len(titles)
