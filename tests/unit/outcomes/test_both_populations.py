"""The report of a trial with a per-protocol population: side by side, in one sentence, never one without the other."""

import json
from typing import Any

import pandas as pd
import pytest

from outcomes.estimators import panel
from outcomes.models import Result, Snapshot
from outcomes.noninferiority import Conclusion, Support, support
from outcomes.views.reading import Reading
from outcomes.views.sections import section
from tests.unit.outcomes.sample_trial import PROTOCOL

PLAN = PROTOCOL.endpoints
LARGE, SMALL = 300, 30


def rows(size: int, *, failing: float = 0.1) -> pd.DataFrame:
    """Both arms alike: some fail on day 400, the others are followed for four years; two dates were imputed."""
    events = round(size * failing)
    arm = [(400, 1)] * events + [(1461, 0)] * (size - events)
    frame = pd.DataFrame([(name, *each) for name in "AB" for each in arm], columns=["arm", "time", "event"])
    return frame.assign(imputed=[place < 2 for place in range(len(frame))])


def reading(
    data: pd.DataFrame, population: str, endpoint: str = "DFS", beside: Reading | None = None
) -> Reading:
    found = panel.estimate(data, endpoint=PLAN.endpoint(endpoint), plan=PLAN, arms=["A", "B"])
    result = Result(pk=len(population), payload=json.dumps({**found, "population": population}))
    return Reading(Snapshot(number=1), result, PROTOCOL, beside)


def laid_out(itt: int, pp: int | None) -> dict[str, Any]:
    beside = reading(rows(pp), "PP") if pp else None
    return section(reading(rows(itt), "ITT", beside=beside), lambda name: f"/{name}.svg")


@pytest.mark.shows("NI-02")
def test_the_verdict_names_what_the_per_protocol_population_says() -> None:
    shown = laid_out(LARGE, LARGE)["verdicts"][0]
    assert shown["sentence"].endswith("non-inferior at a margin of 10 points in ITT, supported per protocol.")
    assert shown["word"] == "Non-inferior, supported per protocol"
    shown = laid_out(LARGE, SMALL)["verdicts"][0]
    assert "in ITT, not supported per protocol (inconclusive)." in shown["sentence"]
    assert shown["word"] == "Non-inferior, not supported per protocol"
    shown = laid_out(SMALL, LARGE)["verdicts"][0]
    assert "inconclusive at a margin of 10 points in ITT, non-inferior per protocol." in shown["sentence"]
    assert shown["word"] == "Inconclusive"


@pytest.mark.shows("NI-02")
@pytest.mark.parametrize("pp", [LARGE, SMALL, None])
def test_nowhere_in_the_section_of_the_verdict_stands_a_plain_non_inferior(pp: int | None) -> None:
    part = laid_out(LARGE, pp)
    verdict = part["verdicts"][0]
    facts = [value for _label, value in verdict["facts"]]
    cells = [cell for figure in part["figures"] for row in figure["table"]["rows"] for cell in row["cells"]]
    said = [verdict["word"], verdict["sentence"], *facts, *(cell for cell in cells if isinstance(cell, str))]
    claims = [words for words in said if "non-inferior" in words.lower()]
    assert len(claims) >= 4
    assert not [words for words in claims if "per protocol" not in words and "per-protocol" not in words]


@pytest.mark.shows("NI-02")
def test_both_populations_stand_side_by_side() -> None:
    table = laid_out(LARGE, SMALL)["beside"][0]
    itt, pp = (row["cells"] for row in table["rows"])
    assert (itt[-1], pp[-1]) == ("non-inferior, not supported per protocol", "inconclusive")
    assert [cell["note"] for cell in (itt[1], pp[1])] == ["300 participants", "30 participants"]
    assert itt[3]["number"] == "0.00"
    assert len(table["columns"]) == len(itt)
    assert laid_out(LARGE, None)["beside"] == []


def test_a_population_in_which_nothing_can_be_estimated_says_why() -> None:
    beside = reading(rows(SMALL, failing=0), "PP")
    part = section(reading(rows(LARGE), "ITT", beside=beside), lambda name: name)
    pp = part["beside"][0]["rows"][1]["cells"]
    assert pp[3:] == [{"missing": "no event yet"}, "not estimable"]
    nobody = reading(rows(SMALL).iloc[:0], "PP")
    part = section(reading(rows(LARGE), "ITT", beside=nobody), lambda name: name)
    assert part["beside"][0]["rows"][1]["cells"][1] == {
        "missing": "no participants",
        "note": "0 participants",
    }
    assert part["verdicts"][0]["word"] == "Non-inferior, not supported per protocol"


@pytest.mark.shows("NI-02")
def test_the_per_protocol_section_gives_no_verdict_of_its_own() -> None:
    own = section(reading(rows(LARGE), "PP"), lambda name: name)
    assert own["verdicts"] == []
    assert own["key"] == "dfs-pp"
    assert own["kind"] == "primary endpoint again: supports the verdict or not"
    main = laid_out(LARGE, LARGE)
    titles = [figure["title"] for part in (own, main) for figure in part["figures"]]
    ids = [figure["id"] for part in (own, main) for figure in part["figures"]]
    assert len(set(titles)) == len(set(ids)) == 4


def test_what_is_open_about_events_and_dates_is_said() -> None:
    notes = laid_out(LARGE, None)["notes"]
    assert notes == [
        "Every event is pending adjudication and counts as site-reported: 30 (Arm A), 30 (Arm B).",
        "2 times rest on a date of which the day or month was imputed.",
    ]
    nobody = section(reading(rows(LARGE, failing=0), "ITT"), lambda name: name)
    assert not [note for note in nobody["notes"] if "adjudication" in note]
    quiet = section(reading(rows(LARGE).assign(imputed=False), "ITT", "OS"), lambda name: name)
    assert quiet["notes"] == []
    assert ("Hazard ratio margin", "2.38 · Supportive; not estimated yet.") in laid_out(LARGE, None)[
        "verdicts"
    ][0]["facts"]


@pytest.mark.shows("END-01")
def test_imputed_dates_at_their_ends_give_the_difference_again() -> None:
    early, late = rows(LARGE), rows(LARGE)
    late.loc[(late["arm"] == "B") & (late["event"] == 1), "event"] = 0
    found = panel.estimate(
        rows(LARGE),
        endpoint=PLAN.endpoint("DFS"),
        plan=PLAN,
        arms=["A", "B"],
        completions={"earliest": early, "latest": late},
    )
    result = Result(pk=1, payload=json.dumps({**found, "population": "ITT"}))
    part = section(Reading(Snapshot(number=1), result, PROTOCOL), lambda name: name)
    facts = dict(part["verdicts"][0]["facts"])
    assert facts["Imputed dates at their earliest"] == "0.00 points (95 % CI −4.80 to 4.80) · same conclusion"
    assert facts["Imputed dates at their latest"] == "not estimable: no event yet · another conclusion"
    assert "Imputed dates at their latest" not in dict(laid_out(LARGE, None)["verdicts"][0]["facts"])


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("ONLYB", "described in one arm only: no comparison"),
        ("DFSFDA", "sensitivity analysis with FDA-style censoring: intervals without verdict"),
        ("FROM", "sensitivity analysis with another origin: intervals without verdict"),
        ("OS", "secondary endpoint: intervals without verdict"),
    ],
)
def test_each_section_says_what_its_numbers_are_for(endpoint: str, kind: str) -> None:
    data = rows(SMALL)
    data = data[data["arm"] == "B"] if endpoint == "ONLYB" else data
    part = section(reading(data, "ITT", endpoint), lambda name: name)
    assert (part["kind"], part["verdicts"]) == (kind, [])


def test_an_endpoint_of_one_arm_has_its_rates_and_no_comparison() -> None:
    data = rows(SMALL)
    part = section(reading(data[data["arm"] == "B"], "ITT", "ONLYB"), lambda name: name)
    assert [figure["id"] for figure in part["figures"]] == ["ONLYB-curve"]
    assert len(part["tables"]) == 1
    nobody = section(reading(data.iloc[:0], "ITT", "ONLYB"), lambda name: name)
    assert nobody["figures"] == []
    assert "no participants" in str(nobody["tables"][1]["rows"])


@pytest.mark.shows("NI-02")
def test_support_needs_the_same_claim_or_a_stronger_one() -> None:
    supported = {
        (own, other) for own in Conclusion for other in Conclusion if support(own, other) is Support.SUPPORTED
    }
    assert supported == {
        (Conclusion.NON_INFERIOR, Conclusion.NON_INFERIOR),
        (Conclusion.NON_INFERIOR, Conclusion.SUPERIOR),
        (Conclusion.SUPERIOR, Conclusion.SUPERIOR),
    }
    assert support(Conclusion.NON_INFERIOR, None) is Support.UNKNOWN
    assert support(Conclusion.INFERIOR, None) is Support.NOTHING_CLAIMED
    assert support(Conclusion.SUPERIOR, Conclusion.NON_INFERIOR) is Support.IN_PART
    assert support(Conclusion.SUPERIOR, Conclusion.INCONCLUSIVE) is Support.NOT_SUPPORTED
    assert support(Conclusion.SUPERIOR, None) is Support.NOTHING_CLAIMED
    assert support(Conclusion.SUPERIOR, None, declared=True) is Support.UNKNOWN
