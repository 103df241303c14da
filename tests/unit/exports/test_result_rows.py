"""Results as flat rows: the published numbers are among them, and what does not exist says why."""

from typing import Any

import pandas as pd
import pytest

from exports.result_rows import COLUMNS, rows
from outcomes.estimators import panel
from tests.architecture.source import ROOT
from tests.reference.colon import ARMS, EXPECTED, close, frame
from trial.protocol.loader import load

PLAN = load(ROOT / "protocols" / "colon-moertel").protocol.endpoints


def flat(endpoint: str, data: pd.DataFrame) -> list[dict[str, Any]]:
    return rows(found_of(endpoint, data), result=7, snapshot=2, others=[], plan=PLAN)


def found_of(endpoint: str, data: pd.DataFrame, population: str = "ITT") -> dict[str, Any]:
    found = panel.estimate(data, endpoint=PLAN.endpoint(endpoint), plan=PLAN, arms=ARMS)
    return {**found, "population": population}


def test_every_row_has_every_column_in_the_same_order() -> None:
    found = [*flat("DFS", frame("DFS")), *flat("LRR", frame("competing"))]
    assert {tuple(row) for row in found} == {COLUMNS}
    assert {(row["RESULT"], row["SNAPSHOT"], row["POPULATION"]) for row in found} == {(7, 2, "ITT")}


def test_the_declared_difference_is_the_published_one() -> None:
    found = [
        row
        for row in flat("DFS", frame("DFS"))
        if (row["QUANTITY"], row["ARM"], row["METHOD"]) == ("survival_difference", "Lev+5FU", "wald")
    ]
    assert [(round(100 * row["ESTIMATE"], 2), row["CONTROL"]) for row in found] == [(14.38, "Obs")]
    assert [round(100 * found[0][limit], 2) for limit in ("LOWER", "UPPER")] == [6.65, 22.11]


def test_the_verdicts_of_both_margins_are_there_for_the_primary_endpoint_only() -> None:
    said = [
        (row["MARGIN"], row["CONCLUSION"])
        for row in flat("DFS", frame("DFS"))
        if row["QUANTITY"] == "verdict" and row["ARM"] == "Lev"
    ]
    assert said == [(pytest.approx(0.1), "non-inferior"), (pytest.approx(0.05), "inconclusive")]
    assert not [row for row in flat("OS", frame("OS")) if row["QUANTITY"] == "verdict"]


@pytest.mark.shows("NI-02")
def test_no_conclusion_of_the_verdict_stands_without_its_support() -> None:
    analysis = PLAN.analysis.model_copy(update={"per_protocol": "PP"})
    plan = PLAN.model_copy(update={"analysis": analysis})
    itt, pp = found_of("DFS", frame("DFS")), found_of("DFS", frame("DFS"), "PP")

    def said(found: dict[str, Any], *others: dict[str, Any]) -> list[tuple[str, str | None]]:
        flattened = rows(found, result=7, snapshot=2, others=others, plan=plan)
        return [(row["CONCLUSION"], row["SUPPORT"]) for row in flattened if row["QUANTITY"] == "verdict"]

    words = ["superior", "superior", "non-inferior", "inconclusive"]
    supported = ["supported", "supported", "supported", "nothing-claimed"]
    alone = ["unknown", "unknown", "unknown", "nothing-claimed"]
    assert said(itt, itt, pp) == list(zip(words, supported, strict=True))
    assert said(itt, itt) == list(zip(words, alone, strict=True))
    assert said(pp, itt, pp) == list(zip(words, [None] * 4, strict=True))
    few = frame("DFS").groupby("arm").head(40)
    assert said(itt, found_of("DFS", few, "PP"))[2] == ("non-inferior", "not-supported")


def test_the_log_rank_test_is_the_one_of_r() -> None:
    expected = EXPECTED["lev5fu_vs_obs"]["DFS"]["logrank"]
    found = next(
        row for row in flat("DFS", frame("DFS")) if row["QUANTITY"] == "log_rank" and row["ARM"] == "Lev+5FU"
    )
    assert (found["ESTIMATE"], found["P"]) == (close(expected["chisq"]), close(expected["p"]))
    assert (found["N"], found["EVENTS"]) == (sum(expected["n"]), sum(expected["obs"]))


def test_what_cannot_be_estimated_says_why_and_has_no_number() -> None:
    short = frame("DFS").assign(time=100, event=0)
    survival = [row for row in flat("DFS", short) if row["QUANTITY"] == "survival"]
    assert {(row["ESTIMATE"], row["WHY_MISSING"]) for row in survival} == {(None, "follow-up-too-short")}
    differences = [row for row in flat("DFS", short) if row["QUANTITY"] == "survival_difference"]
    assert {row["WHY_MISSING"] for row in differences} == {"follow-up-too-short"}


def test_an_endpoint_that_is_compared_with_nothing_has_its_rates() -> None:
    endpoint = PLAN.endpoint("OS").model_copy(update={"arms": ("Lev",)})
    one = frame("OS")
    found = panel.estimate(one[one["arm"] == "Lev"], endpoint=endpoint, plan=PLAN, arms=ARMS)
    flattened = rows({**found, "population": "ITT"}, result=7, snapshot=2, others=[], plan=PLAN)
    assert {row["QUANTITY"] for row in flattened} == {"survival", "median_days", "log_rank"}
    assert {row["ARM"] for row in flattened if row["QUANTITY"] == "survival"} == {"Lev"}
    assert [row["WHY_MISSING"] for row in flattened if row["QUANTITY"] == "log_rank"] == ["no-comparison"]
