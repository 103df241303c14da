"""Rows of ADTTE in the reader's words: events, competing events, censoring with its reason, notes and findings."""

from typing import Any

import pytest
from django.utils import translation

from outcomes.endpoints import TimeToEvent, derive
from outcomes.figure_wording import figure_words
from outcomes.views.derived_rows import endpoint_table, finding_table, item_words, sentence
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
    told = [{"PARAMCD": "", "ADDRESS": "base.ecog", "MESSAGE": "not met"}]
    assert finding_table(told, PROTOCOL)["rows"] == [{"cells": ["Eligibility", "base: ecog", "not met"]}]
