"""Adequate and missed assessments, and the FDA-style censoring set that hangs on them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from outcomes.assessments import adequate, missed_in_a_row
from outcomes.histories import History
from outcomes.records import FormRecord
from tests.unit.outcomes.sample_trial import (
    CUT_OFF,
    ORIGIN,
    PROTOCOL,
    Told,
    day,
    death,
    derived,
    history,
    person,
    recurrence,
    row,
    visit,
)
from trial.protocol.expressions import UNKNOWN

VISITS = {each.id: each for each in PROTOCOL.visits}


def therapy(began: str) -> Told:
    return "therapy", {"began": began}


def missed(*told: Told, before: date = CUT_OFF) -> list[str]:
    return missed_by(history(*told), before)


def missed_by(seen: History, before: date) -> list[str]:
    """The visits missed in a row right before a day, of who was seen adequately at no other time."""
    row = missed_in_a_row(seen.assessments, after=ORIGIN, before=before)
    return [each.window.visit for each in row]


@pytest.mark.shows("END-01")
@pytest.mark.parametrize(
    ("done", "at", "answer"),
    [
        ("examined cea mri scope", "m06", True),
        ("examined mri scope", "m06", True),
        ("examined cea mri", "m06", False),
        ("cea mri scope", "m06", False),
        ("cea", "m03", False),
        ("examined", "m03", True),
        ("examined", "extra", False),
        ("examined scope", "extra", True),
        ("mri", "extra", False),
        ("examined mri", "", True),
    ],
)
def test_adequate_is_an_examination_with_what_the_schedule_asks(done: str, at: str, answer: bool) -> None:
    assert PROTOCOL.assessments is not None
    assert adequate(_done(done), VISITS.get(at), PROTOCOL.assessments) is answer


def test_what_does_not_apply_to_the_participant_is_not_asked() -> None:
    assert PROTOCOL.assessments is not None
    removed = replace(_done("examined mri"), inapplicable=frozenset({"scope"}))
    assert adequate(removed, VISITS["m06"], PROTOCOL.assessments)
    neither = replace(_done("examined"), inapplicable=frozenset({"scope"}))
    assert not adequate(neither, VISITS["m06"], PROTOCOL.assessments)
    assert not adequate(neither, VISITS["extra"], PROTOCOL.assessments)


@pytest.mark.parametrize(
    ("on", "answer"),
    [(CUT_OFF, True), (CUT_OFF + timedelta(days=1), False), (UNKNOWN, True)],
)
def test_what_was_done_after_the_last_day_was_not_done(on: object, answer: bool) -> None:
    assert PROTOCOL.assessments is not None
    dated = [
        each.model_copy(update={"on": "mri_on"}) if each.id == "mri" else each
        for each in PROTOCOL.assessments.modalities
    ]
    plan = PROTOCOL.assessments.model_copy(update={"modalities": tuple(dated)})
    whole = _done("examined mri scope")
    record = replace(whole, values={**whole.values, "mri_on": on})  # type: ignore[dict-item]
    assert adequate(record, VISITS["m06"], plan, until=CUT_OFF) is answer


def _done(items: str) -> FormRecord:
    named = ("examined", "cea", "mri", "scope")
    return FormRecord("visit", 1, {item: "yes" if item in items.split() else UNKNOWN for item in named})


@pytest.mark.shows("END-01")
def test_an_assessment_is_missed_when_its_window_has_closed_without_an_adequate_one() -> None:
    everything = ["m03", "m06", "m09", "m12", "m15", "m18", "m21", "m24"]
    assert missed() == everything
    assert missed(visit(91, at="m03", full=False), visit(182, at="m06")) == everything[2:]
    assert missed(visit(182, at="m06", full=False)) == everything
    met = history(visit(182, at="m06")).assessments[1]
    assert (met.window.target, met.adequate_on) == (date(2024, 7, 1), date(2024, 7, 1))


def test_an_assessment_after_its_window_does_not_meet_it() -> None:
    assert "m06" in missed(visit(197, at="m06"))
    assert "m06" not in missed(visit(196, at="m06"))


def test_an_unscheduled_visit_in_the_window_meets_it_when_it_holds_what_is_asked() -> None:
    assert "m06" not in missed(visit(180, at="extra"))
    assert "m06" in missed(visit(180, at="extra", full=False))


def test_nothing_is_missed_while_its_window_is_open_or_after_a_death() -> None:
    nobody = History(person(), PROTOCOL, date(2024, 4, 16))
    assert missed_by(nobody, date(2024, 4, 15)) == []
    assert missed_by(nobody, date(2024, 4, 16)) == ["m03"]
    assert missed(death(110), before=day(110)) == ["m03"]


def test_an_assessment_after_the_end_of_the_data_meets_nothing() -> None:
    leaves = ("withdrawal", {"date": day(181), "level": "all_data"})
    assert history(visit(182, at="m06"), leaves).assessments[1].adequate_on is None
    assert history(visit(182, at="m06")).assessments[1].adequate_on == day(182)


def test_a_protocol_without_assessments_has_none() -> None:
    bare = History(person(), PROTOCOL.model_copy(update={"assessments": None}), CUT_OFF)
    assert (bare.assessments, bare.adequate_on) == ((), ())
    record = person(visit(100)).records[0]
    assert bare.inside(record)("record.adequate") is UNKNOWN


@pytest.mark.shows("END-01")
def test_an_event_after_two_missed_assessments_is_censored_before_them() -> None:
    told = [visit(91, at="m03", full=False), visit(182, at="m06"), death(500)]
    assert (row("DFS", *told).aval, row("DFS", *told).event) == (500, 1)
    found = row("DFSFDA", *told)
    assert (found.aval, found.event, found.cnsdtdsc) == (
        182, 0, "disease_assessment, before missed assessments",
    )  # fmt: skip
    assert found.paramcd == "DFSFDA"


def test_an_event_after_one_missed_assessment_counts() -> None:
    assert row("DFSFDA", visit(182, at="m06"), death(300)).event == 1
    assert row("DFSFDA", visit(182, at="m06"), death(379)).event == 1
    assert row("DFSFDA", visit(182, at="m06"), death(381)).event == 0


def test_an_adequate_assessment_between_ends_the_row_of_missed_ones() -> None:
    told = [visit(182, at="m06"), visit(456, at="m15", full=False)]
    assert row("DFSFDA", *told, death(500)).event == 1
    assert row("DFSFDA", visit(182, at="m06"), visit(470), death(560)).event == 1


def test_the_assessment_that_finds_the_event_does_not_make_up_for_those_missed_before() -> None:
    found = row("DFSFDA", visit(182, at="m06"), visit(470), recurrence(470))
    assert (found.aval, found.event) == (182, 0)


def test_who_was_never_assessed_is_censored_at_randomization_with_the_reason() -> None:
    found = row("DFSFDA", death(500))
    assert (found.aval, found.cnsdtdsc) == (0, "randomization: never assessed, before missed assessments")


@pytest.mark.shows("END-01")
def test_new_therapy_before_the_event_censors_at_the_last_assessment_before_it() -> None:
    told = [visit(91, at="m03", full=False), visit(182, at="m06"), visit(274, at="m09", full=False)]
    found = row("DFSFDA", *told, therapy("2024-08-01"), death(300))
    assert (found.aval, found.event, found.cnsdtdsc) == (
        182, 0, "disease_assessment, before new anticancer therapy",
    )  # fmt: skip
    assert row("DFSFDA", *told, therapy("2024-08-01")).aval == 182
    assert row("DFSFDA", *told, therapy("2024-10-27"), death(300)).event == 1
    assert row("DFSFDA", *told, therapy("2023-08-01"), death(300)).event == 1


def test_of_two_reasons_the_earlier_one_ends_the_follow_up() -> None:
    found = row("DFSFDA", visit(91, at="m03", full=False), therapy("2024-06-01"), death(700))
    assert (found.aval, found.cnsdtdsc) == (91, "disease_assessment, before new anticancer therapy")
    found = row("DFSFDA", visit(91, at="m03", full=False), therapy("2025-06-01"), death(700))
    assert (found.aval, found.cnsdtdsc) == (91, "disease_assessment, before missed assessments")


def test_without_a_declared_rule_nothing_is_censored_earlier() -> None:
    plan = PROTOCOL.endpoints.model_copy(update={"fda_style": None})
    silent = History(person(death(500)), PROTOCOL.model_copy(update={"endpoints": plan}), CUT_OFF)
    rows, _ = derived("DFSFDA", silent)
    assert rows[0].event == 1
