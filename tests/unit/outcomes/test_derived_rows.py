"""Rows of ADTTE in the reader's words: events, competing events, censoring with its reason, notes and findings."""

from dataclasses import asdict
from typing import Any

import pytest
from django.utils import translation

from outcomes.endpoints import TimeToEvent, derive
from outcomes.figure_wording import figure_words
from outcomes.selectors import Finding, joined
from outcomes.views.derived_rows import endpoint_table, sentence
from outcomes.views.finding_tables import all_findings, finding_table
from outcomes.wording import item_words
from tests.unit.outcomes.sample_trial import (
    PROTOCOL,
    Told,
    day,
    death,
    derived,
    history,
    recurrence,
    row,
    visit,
)
from trial.models import Participant, Trial

TREATED: Told = ("treated", {"on": day(20), "what": "A"})
SOMEBODY = Participant(label="01-0001", trial=Trial(key="sample"))


def columns(found: TimeToEvent) -> dict[str, Any]:
    return {name.upper(): value for name, value in vars(found).items()}


def said(endpoint: str, *told: Told) -> str:
    return sentence(columns(row(endpoint, *told)), PROTOCOL.endpoints.endpoint(endpoint), PROTOCOL)


def cells(endpoint: str, *told: Told) -> list[Any]:
    rows, _findings = derived(endpoint, history(*told))
    table = endpoint_table([columns(each) for each in rows], PROTOCOL, SOMEBODY)
    return list(table["rows"][0]["cells"])


@pytest.mark.parametrize(
    ("endpoint", "told", "words"),
    [
        ("DFS", [recurrence("2025-02-04")], "Event 04-Feb-2025: local"),
        ("LRR", [death(400)], "Competing event 04-Feb-2025: death"),
        ("DFS", [visit(731, at="m24")], "Censored 01-Jan-2026: disease_assessment, visit M24"),
        ("DFS", [visit(731)], "Censored 01-Jan-2026: disease_assessment"),
        ("DFS", [], "Censored 01-Jan-2024: never assessed"),
        (
            "DFSFDA",
            [visit(182, at="m06"), death(500)],
            "Censored 01-Jul-2024: disease_assessment, visit M06, before missed assessments",
        ),
        ("DFSFDA", [death(500)], "Censored 01-Jan-2024: never assessed, before missed assessments"),
        (
            "DFSFDA",
            [visit(182, at="m06"), ("therapy", {"began": "2024-08-01"})],
            "Censored 01-Jul-2024: disease_assessment, visit M06, before new anticancer therapy",
        ),
    ],
)
def test_each_end_of_a_time_has_its_sentence(endpoint: str, told: list[Told], words: str) -> None:
    assert said(endpoint, *told) == words


def test_a_time_says_from_when_it_is_counted() -> None:
    assert cells("DFS")[0]["note"] == "since randomization on 01-Jan-2024"
    assert cells("FROM", TREATED)[0]["note"] == "since: Treated on, on 21-Jan-2024"


def test_an_origin_may_be_a_fact_of_the_participant() -> None:
    plan = PROTOCOL.endpoints
    consent = plan.endpoint("OS").model_copy(update={"id": "CONS", "origin": "participant.consented_on"})
    changed = plan.model_copy(update={"endpoints": (consent,)})
    protocol = PROTOCOL.model_copy(update={"endpoints": changed})
    rows, _findings = derive(consent, [history(death(400))])
    table = endpoint_table([columns(each) for each in rows], protocol, SOMEBODY)
    assert table["rows"][0]["cells"][0]["note"] == "since: Day of consent, on 01-Jan-2024"
    drawn = figure_words(consent, protocol, population="ITT", language="en")
    assert drawn.curve.time_axis == "Years since: Day of consent"
    assert drawn.curve_description == "an endpoint by arm since: Day of consent, with numbers at risk."


def test_the_source_is_linked_and_what_was_never_assessed_has_none() -> None:
    assert cells("DFS", recurrence(400))[3] == {
        "text": "recurrence: first_evidence",
        "url": "/trials/sample/participants/01-0001/visits/events/1/recurrence/1/",
    }
    assert cells("DFS")[3] == {"missing": "none"}


def test_imputed_dates_notes_and_pending_events_are_said() -> None:
    assert cells("DFS", recurrence("2025-02"))[4] == (
        "The day was imputed. Pending adjudication: counts as site-reported."
    )
    assert cells("LRR", recurrence("2025"))[4] == "Day and month were imputed."
    assert cells("DFS", recurrence(12, "distant"))[4].startswith("before treatment ")
    with translation.override("zh-hans"):
        assert cells("DFS", recurrence(12, "distant"))[4].startswith("治疗前")


def test_a_finding_names_the_item_in_words_where_there_is_one() -> None:
    assert item_words("base.ecog", PROTOCOL) == "base: ecog"
    assert [item_words(each, PROTOCOL) for each in ("derived.x", "base.gone", "")] == [
        "derived.x",
        "base.gone",
        "",
    ]
    assert item_words("derived.treated_on", PROTOCOL) == "Treated on"


def test_each_kind_of_finding_has_its_sentence_and_one_of_an_earlier_version_its_text() -> None:
    told = {
        "not_after_origin": {"recorded": "2024-01", "origin": "2024-01-31"},
        "after_later_fact": {"recorded": "2025-05", "last": "2025-03-31", "item": "recurrence.biopsied_on"},
        "perhaps_before_cut_off": {"recorded": "2027", "taken": "2027-07-01", "cut_off": "2027-06-30"},
        "criterion_not_met": {"criterion": "fit"},
        "": {"message": "as it was told"},
    }
    found = [Finding("T-01-1", "base.ecog", kind, values, ("",)) for kind, values in told.items()]
    assert [row["cells"] for row in finding_table(found, PROTOCOL)["rows"]] == [
        ["Eligibility", "base: ecog", words]
        for words in (
            "Jan-2024 is not after the origin 31-Jan-2024",
            "May-2025 is after 31-Mar-2025 (recurrence: biopsied_on)",
            "2027 is taken as 01-Jul-2027 and does not count, but may lie before the cut-off 30-Jun-2027",
            "eligibility criterion not met: Fit",
            "as it was told",
        )
    ]


def test_one_wrong_date_is_one_finding_however_many_endpoints_it_bears_on() -> None:
    wrong = [asdict(each) for name in ("DFS", "LRR") for each in derived(name, history(recurrence(0)))[1]]
    old = {"usubjid": "T-01-1", "paramcd": "DFS", "address": "death.date", "message": "as it was told"}
    found = joined([*wrong, old])
    assert [(each.address, each.endpoints) for each in found] == [
        ("recurrence.first_evidence", ("DFS", "LRR")),
        ("death.date", ("DFS",)),
    ]
    table = all_findings(found, PROTOCOL)
    assert table is not None
    assert table["summary"] == "2 findings for the sites to answer"
    assert table["rows"][0]["cells"] == [
        "T-01-1",
        "an endpoint; an endpoint",
        "recurrence: first_evidence",
        "01-Jan-2024 is not after the origin 01-Jan-2024",
    ]
    assert all_findings([], PROTOCOL) is None
