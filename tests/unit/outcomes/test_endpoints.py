"""From a history to one row per endpoint: what counts, what wins, what is set aside, and where the data end."""

from datetime import date, timedelta

import pytest

from outcomes.endpoints import CNSR, DerivationFinding, FindingKind, derive
from outcomes.histories import History
from outcomes.imputation import Imputation
from outcomes.records import FormRecord, Recorded
from tests.unit.outcomes.sample_trial import (
    CUT_OFF,
    DEATH,
    ORIGIN,
    PROTOCOL,
    alive,
    changed,
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


@pytest.mark.shows("END-01")
def test_the_first_event_counts_and_names_its_record() -> None:
    found = row("DFS", visit(100), recurrence(600), recurrence(400), death(700))
    assert (found.aval, found.event, found.cnsr, found.evntdesc, found.cnsdtdsc) == (400, 1, 0, "local", "")
    assert (found.srcdom, found.srcvar, found.srcseq) == ("recurrence", "first_evidence", 2)
    assert (found.srcvis, found.srcvrep, found.srcrep, found.adtf) == ("events", 1, 1, "")


def test_the_codes_of_censoring_are_those_of_cdisc() -> None:
    assert CNSR == {1: 0, 0: 1, 2: 2}


@pytest.mark.shows("END-01")
def test_without_an_event_the_last_adequate_assessment_censors() -> None:
    found = row(
        "DFS", visit(182, at="m06"), visit(274, at="m09", full=False), visit(365, at="m12", full=False)
    )
    assert (found.aval, found.event, found.cnsdtdsc, found.srcvis) == (274, 0, "disease_assessment", "m09")


@pytest.mark.shows("END-01")
def test_who_was_never_assessed_is_censored_at_randomization() -> None:
    found = row("DFS", alive(100))
    assert (found.aval, found.event, found.cnsdtdsc, found.srcseq) == (
        0, 0, "randomization: never assessed", None,
    )  # fmt: skip


def test_the_end_of_data_counts_as_a_contact_only_where_declared() -> None:
    leaves = ("withdrawal", {"date": day(10), "level": "all_data"})
    assert (row("DFS", leaves).aval, row("OS", leaves).aval) == (0, 10)


@pytest.mark.shows("END-01")
def test_nothing_after_the_cut_off_counts() -> None:
    found = row("DFS", visit(1270), recurrence(1300), visit(1290))
    assert (found.aval, found.event) == (1270, 0)
    assert row("OS", alive(1276), alive(1277)).aval == 1276


def test_recurrence_and_death_on_one_day_are_one_event_named_recurrence() -> None:
    found = row("DFS", death(400), recurrence(400))
    assert (found.aval, found.evntdesc) == (400, "local")


def test_an_event_wins_over_a_competing_event_of_the_same_day() -> None:
    assert row("LRR", death(400), recurrence(400)).event == 1
    assert row("LRR", death(399), recurrence(400)).event == 2


@pytest.mark.shows("END-01")
@pytest.mark.parametrize("number", [0, -3])
def test_an_event_on_the_day_of_origin_is_listed_and_set_aside(number: int) -> None:
    rows, findings = derived("DFS", history(recurrence(number), visit(200)))
    assert (rows[0].aval, rows[0].event) == (200, 0)
    assert [(f.usubjid, f.paramcd, f.address) for f in findings] == [
        ("T-01-1", "DFS", "recurrence.first_evidence")
    ]
    assert findings[0] == DerivationFinding(
        "T-01-1",
        "DFS",
        "recurrence.first_evidence",
        FindingKind.NOT_AFTER_ORIGIN,
        {"recorded": day(number).isoformat(), "origin": "2024-01-01"},
    )


def test_a_contact_before_randomization_is_listed_and_one_on_the_day_counts() -> None:
    rows, findings = derived("OS", history(alive(-1), alive(0)))
    assert (rows[0].aval, rows[0].cnsdtdsc, rows[0].srcseq) == (0, "contact_alive", 2)
    assert len(findings) == 1


def test_an_unknown_date_or_condition_counts_for_nothing() -> None:
    unknown = ("recurrence", {"first_evidence": UNKNOWN, "site": "local"})
    unsited = ("recurrence", {"first_evidence": "2024-05-01", "site": UNKNOWN})
    assert (row("DFS", unknown, unsited, visit(100)).aval, row("DFS", unknown, visit(100)).event) == (100, 0)


def test_a_condition_may_look_at_the_participant_at_another_form_and_at_a_derived_value() -> None:
    for when, event in (
        ("participant.site == '02'", 0),
        ("participant.site == '01'", 1),
        ("base.ecog == 1", 1),
        ("base.ecog == 2", 0),
        ("derived.treated_on is missing", 1),
        ("second.organ == 'lung'", 0),
    ):
        chosen = changed("OS", events=[{**DEATH, "when": when}])
        rows, _ = derive(chosen, [history(("base", {"ecog": 1}), death(400))])
        assert rows[0].event == event, when


def test_somebody_not_randomized_by_the_cut_off_has_no_row() -> None:
    waiting = Recorded("T-01-3", "01", {"participant.randomized_on": UNKNOWN}, ())
    before = ORIGIN - timedelta(days=1)
    people = [History(each, PROTOCOL, before) for each in (waiting, person())]
    assert derive(PROTOCOL.endpoints.endpoint("DFS"), people) == ([], [])


@pytest.mark.shows("END-01")
def test_a_partial_date_is_completed_in_the_middle_and_flagged() -> None:
    for text, on, flag in (
        ("2025-03", date(2025, 3, 15), "D"),
        ("2025", date(2025, 7, 1), "M"),
        ("2025-03-07", date(2025, 3, 7), ""),
    ):
        found = row("DFS", recurrence(text))
        assert (found.adt, found.adtf) == (on, flag)


@pytest.mark.shows("END-01")
def test_a_partial_date_in_the_month_of_randomization_falls_on_the_day_after_it() -> None:
    late = date(2024, 1, 20)
    found = row("DFS", recurrence("2024-01"), randomized_on=late)
    assert (found.adt, found.aval, found.event, found.adtf) == (date(2024, 1, 21), 1, 1, "D")
    yearly = row("DFS", recurrence("2024"), randomized_on=date(2024, 9, 20))
    assert (yearly.adt, yearly.adtf) == (date(2024, 9, 21), "M")


def test_a_partial_date_that_cannot_lie_after_randomization_is_listed() -> None:
    rows, findings = derived("DFS", history(recurrence("2024-01"), randomized_on=date(2024, 1, 31)))
    assert (rows[0].event, len(findings)) == (0, 1)
    rows, findings = derived("DFS", history(recurrence("2023-11")))
    assert (rows[0].event, findings[0].told) == (0, {"recorded": "2023-11", "origin": "2024-01-01"})


@pytest.mark.shows("END-01")
def test_a_partial_date_is_never_completed_after_death_or_another_later_fact() -> None:
    died = (date(2025, 3, 10) - ORIGIN).days
    assert row("LRR", recurrence("2025-03"), death(died)).adt == date(2025, 3, 10)
    biopsied = recurrence("2025-03", biopsied_on="2025-03-04")
    assert row("LRR", biopsied, death(died)).adt == date(2025, 3, 4)
    known = recurrence("2025-03", _known_on=date(2025, 3, 2))
    assert (row("LRR", known).adt, row("LRR", known).adtf) == (date(2025, 3, 2), "D")


def test_a_death_without_a_day_does_not_come_before_the_recurrence_of_its_month() -> None:
    died = ("death", {"date": "2025-03", "public": "no"})
    found = row("LRR", recurrence("2025-03-20"), died)
    assert (found.adt, found.event) == (date(2025, 3, 20), 1)
    assert row("OS", recurrence("2025-03-20"), died).adt == date(2025, 3, 20)
    assert (row("OS", died).adt, row("LRR", died).adt) == (date(2025, 3, 15), date(2025, 3, 15))
    assert row("LRR", recurrence("2025-03"), died).event == 1


def test_a_partial_date_of_this_month_counts_before_its_fifteenth() -> None:
    early = recurrence("2027-06", _known_on=date(2027, 6, 3))
    rows, _ = derive(PROTOCOL.endpoints.endpoint("DFS"), [History(person(early), PROTOCOL, date(2027, 6, 4))])
    assert (rows[0].adt, rows[0].event) == (date(2027, 6, 3), 1)


def test_a_partial_date_wholly_after_a_later_fact_counts_and_is_listed() -> None:
    rows, findings = derived("LRR", history(recurrence("2025-05", biopsied_on="2025-03")))
    assert (rows[0].adt, rows[0].event) == (date(2025, 5, 1), 1)
    assert [(each.kind, each.told) for each in findings] == [
        (
            FindingKind.AFTER_LATER_FACT,
            {"recorded": "2025-05", "last": "2025-03-31", "item": "recurrence.biopsied_on"},
        )
    ]


@pytest.mark.parametrize(
    ("how", "on"),
    [
        (Imputation.EARLIEST, date(2025, 3, 1)),
        (Imputation.MIDDLE, date(2025, 3, 15)),
        (Imputation.LATEST, date(2025, 3, 31)),
    ],
)
def test_the_earliest_and_the_latest_day_are_there_for_sensitivity(how: Imputation, on: date) -> None:
    rows, _ = derived("DFS", history(recurrence("2025-03")), imputation=how)
    assert (rows[0].adt, rows[0].adtf) == (on, "D")


@pytest.mark.shows("END-01")
def test_after_a_withdrawal_only_what_is_declared_counts() -> None:
    leaves = ("withdrawal", {"date": day(300), "level": "all_data"})
    assert row("DFS", visit(200), recurrence(310), leaves).aval == 200
    assert (row("DFS", visit(200), recurrence(300), leaves).event, row("OS", leaves, death(500)).event) == (
        1,
        0,
    )
    assert (row("OS", leaves, death(500, public="yes")).aval, row("OS", leaves, alive(400)).aval) == (
        500,
        300,
    )
    assert row("DFS", leaves, death(500, public="yes")).event == 1


def test_leaving_treatment_only_ends_no_data() -> None:
    stops = ("withdrawal", {"date": day(300), "level": "treatment"})
    assert row("DFS", recurrence(310), stops).event == 1


def test_a_recurrence_of_the_month_of_withdrawal_lies_before_it() -> None:
    leaves = ("withdrawal", {"date": date(2025, 3, 10), "level": "all_data"})
    assert (row("DFS", recurrence("2025-03"), leaves).adt, row("DFS", recurrence("2025-03"), leaves).event) == (
        date(2025, 3, 10), 1,
    )  # fmt: skip


@pytest.mark.shows("END-01")
def test_metastasis_before_treatment_is_an_event_with_a_note() -> None:
    found = row("DFS", recurrence(12, "distant"))
    assert (found.aval, found.event, found.note) == (12, 1, "before treatment")
    treated = ("treated", {"on": day(20), "what": "A"})
    assert row("DFS", recurrence(12, "distant"), treated).note == "before treatment"
    assert row("DFS", recurrence(30, "distant"), treated).note == ""
    assert row("DFS", recurrence(12)).note == ""


@pytest.mark.shows("END-01")
def test_from_treatment_only_the_treated_are_followed() -> None:
    treated = ("treated", {"on": day(20), "what": "A"})
    assert derived("FROM", history(recurrence(400))) == ([], [])
    found = row("FROM", treated, recurrence(400))
    assert (found.startdt, found.aval) == (day(20), 380)
    assert row("FROM", treated).cnsdtdsc == "origin: never assessed"


def test_who_had_the_event_before_treatment_has_no_row_and_is_listed() -> None:
    treated = ("treated", {"on": day(20), "what": "A"})
    rows, findings = derived("FROM", history(treated, recurrence(12), visit(200)))
    assert rows == []
    assert [finding.paramcd for finding in findings] == ["FROM"]


def test_an_event_on_the_day_of_treatment_or_a_contradiction_later_leaves_the_person_at_risk() -> None:
    treated = ("treated", {"on": day(20), "what": "A"})
    rows, findings = derived("FROM", history(treated, recurrence(20), visit(200)))
    assert ([(each.aval, each.event) for each in rows], len(findings)) == ([(180, 0)], 1)
    told = (treated, recurrence(300), recurrence("2025-03", "distant"), death(400))
    rows, findings = derived("FROM", history(*told))
    assert [(each.aval, each.event) for each in rows] == [(280, 1)]
    assert findings[0].told == {"recorded": "2025-03", "last": day(400).isoformat(), "item": "death.date"}


@pytest.mark.shows("END-01")
def test_a_partial_date_taken_to_lie_after_the_cut_off_is_listed() -> None:
    rows, findings = derived("DFS", history(recurrence("2027"), visit(182, at="m06")))
    assert (rows[0].aval, rows[0].event) == (182, 0)
    assert [(finding.kind, finding.told) for finding in findings] == [
        (
            FindingKind.PERHAPS_BEFORE_CUT_OFF,
            {"recorded": "2027", "taken": "2027-07-01", "cut_off": "2027-06-30"},
        )
    ]
    assert derived("DFS", history(recurrence("2027-07")))[1] == []
    assert derived("DFS", history(recurrence("2027"), visit(182)), imputation=Imputation.EARLIEST)[0][0].event


@pytest.mark.shows("END-01")
def test_an_endpoint_of_one_arm_has_rows_for_those_allocated_to_it() -> None:
    people = [history(death(400), arm=arm, usubjid=arm) for arm in ("A", "B")]
    rows, _ = derived("ONLYB", *people)
    assert [each.usubjid for each in rows] == ["B"]


def test_a_record_about_something_after_the_cut_off_is_not_looked_at() -> None:
    later = ("treated", {"on": CUT_OFF + timedelta(days=1), "what": "A"})
    assert row("DFS", recurrence(30, "distant"), later).note == "before treatment"
    assert derived("FROM", history(later)) == ([], [])
    assert [record.form for record in history(later, ("base", {"born": "1960"})).records] == ["base"]


def test_a_record_of_a_form_that_the_protocol_no_longer_has_is_kept_and_not_asked() -> None:
    gone = FormRecord("gone", 1, {"date": day(2000)})
    left = History(Recorded("T", "01", {"participant.randomized_on": ORIGIN}, (gone,)), PROTOCOL, CUT_OFF)
    assert left.records == (gone,)
    assert derive(PROTOCOL.endpoints.endpoint("DFS"), [left])[0][0].aval == 0
