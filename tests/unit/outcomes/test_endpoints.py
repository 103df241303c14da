"""Derivation vectors: from a history to one row per endpoint (randomized 2024-01-01, cut-off 2027-06-30)."""

from datetime import date, timedelta

import pytest

from outcomes.endpoints import DerivationFinding, FormRecord, Person, TimeToEvent, derive
from outcomes.populations import members
from trial.protocol.endpoints import Endpoint, Population
from trial.protocol.expressions import UNKNOWN

ORIGIN, CUT_OFF = date(2024, 1, 1), date(2027, 6, 30)
NAMED = {"en": "an endpoint"}
ASSESSED = {"on": "visit.date", "type": "disease_assessment", "when": "visit.assessed == 'yes'"}
PELVIC = {"on": "visit.date", "type": "pelvic_assessment", "when": "visit.pelvic == 'yes'"}
ALIVE = {"on": "visit.date", "type": "contact_alive"}
LOCAL = {"on": "recurrence.first_evidence", "type": "local", "when": "recurrence.site == 'local'"}
DISTANT = {"on": "recurrence.first_evidence", "type": "distant", "when": "recurrence.site == 'distant'"}
SECOND = {"on": "second.date", "type": "second_primary_crc", "when": "second.site == 'colorectal'"}
DEATH = {"on": "death.date", "type": "death"}


def endpoint(
    name: str, events: list[dict[str, str]], censor: dict[str, str], *competing: dict[str, str]
) -> Endpoint:
    return Endpoint.model_validate(
        {"id": name, "label": NAMED, "events": events, "censor": [censor], "competing": list(competing)}
    )


DFS = endpoint("DFS", [LOCAL, DISTANT, SECOND, DEATH], ASSESSED)
LRR = endpoint("LRR", [LOCAL], PELVIC, DEATH)
OS = endpoint("OS", [DEATH], ALIVE)


def day(number: int) -> date:
    return ORIGIN + timedelta(days=number)


def person(*records: tuple[str, dict[str, object]]) -> Person:
    facts = {
        "participant.randomized_on": ORIGIN,
        "participant.consented_on": ORIGIN,
        "participant.site": "01",
    }
    listed = tuple(FormRecord(form, seq, values) for seq, (form, values) in enumerate(records, start=1))
    return Person("T-01-1", "01", facts, listed)


def visit(number: int, *, assessed: str = "yes", pelvic: str = "no") -> tuple[str, dict[str, object]]:
    return "visit", {"date": day(number), "assessed": assessed, "pelvic": pelvic}


def recurrence(number: int, site: str = "local") -> tuple[str, dict[str, object]]:
    return "recurrence", {"first_evidence": day(number), "site": site}


def second(number: int, site: str) -> tuple[str, dict[str, object]]:
    return "second", {"date": day(number), "site": site}


def death(number: int) -> tuple[str, dict[str, object]]:
    return "death", {"date": day(number)}


def row(chosen: Endpoint, who: Person) -> TimeToEvent:
    rows, findings = derive(chosen, [who], cut_off=CUT_OFF)
    assert findings == []
    assert len(rows) == 1
    return rows[0]


A = person(recurrence(400), death(700))
B = person(visit(540, pelvic="yes"), visit(720), visit(900, assessed="no"))
C = person(visit(182), death(500))
D = person(second(300, "colorectal"), recurrence(600, "distant"), visit(700, pelvic="yes"))
E = person(second(200, "lung"), visit(1000))
F = person(visit(1270), recurrence(1300))
G = person()
I_ = person(recurrence(12, "distant"))


@pytest.mark.parametrize(
    ("who", "chosen", "aval", "event"),
    [
        (A, DFS, 400, 1),
        (A, LRR, 400, 1),
        (A, OS, 700, 1),
        (B, DFS, 720, 0),
        (B, LRR, 540, 0),
        (B, OS, 900, 0),
        (C, DFS, 500, 1),
        (C, LRR, 500, 2),
        (C, OS, 500, 1),
        (D, DFS, 300, 1),
        (D, LRR, 700, 0),
        (E, DFS, 1000, 0),
        (F, DFS, 1270, 0),
        (G, DFS, 0, 0),
        (I_, DFS, 12, 1),
    ],
    ids=[
        "a-DFS", "a-LRR", "a-OS", "b-DFS", "b-LRR", "b-OS", "c-DFS", "c-LRR", "c-OS", "d-DFS", "d-LRR", "e-DFS",
        "f-DFS", "g-DFS", "i-DFS",
    ],
)  # fmt: skip
def test_derivation_vectors(who: Person, chosen: Endpoint, aval: int, event: int) -> None:
    found = row(chosen, who)
    assert (found.aval, found.event) == (aval, event)
    assert found.cnsr == {1: 0, 0: 1, 2: 2}[event]
    assert found.adt == day(aval)


def test_a_recurrence_without_a_day_falls_on_the_fifteenth_and_is_flagged() -> None:
    found = row(DFS, person(("recurrence", {"first_evidence": "2025-03", "site": "local"})))
    assert (found.adt, found.adtf) == (date(2025, 3, 15), "D")


def test_a_recurrence_without_a_month_falls_on_the_first_of_july() -> None:
    found = row(DFS, person(("recurrence", {"first_evidence": "2025", "site": "local"})))
    assert (found.adt, found.adtf) == (date(2025, 7, 1), "M")


def test_an_imputed_date_never_precedes_the_origin_of_the_same_month() -> None:
    late = Person(
        "T-01-2",
        "01",
        {"participant.randomized_on": date(2024, 1, 20)},
        (FormRecord("visit", 1, {"date": "2024-01", "assessed": "yes", "pelvic": "no"}),),
    )
    rows, findings = derive(DFS, [late], cut_off=CUT_OFF)
    assert (rows[0].adt, rows[0].event, findings) == (date(2024, 1, 20), 0, [])


def test_recurrence_and_death_on_one_day_are_one_event_named_recurrence() -> None:
    found = row(DFS, person(death(400), recurrence(400)))
    assert (found.aval, found.evntdesc) == (400, "local")


def test_an_event_wins_over_a_competing_event_of_the_same_day() -> None:
    assert row(LRR, person(death(400), recurrence(400))).event == 1


@pytest.mark.parametrize("number", [0, -3])
def test_an_event_at_or_before_randomization_is_listed_and_set_aside(number: int) -> None:
    rows, findings = derive(DFS, [person(recurrence(number), visit(200))], cut_off=CUT_OFF)
    assert (rows[0].aval, rows[0].event) == (200, 0)
    assert [(f.usubjid, f.paramcd, f.address) for f in findings] == [
        ("T-01-1", "DFS", "recurrence.first_evidence")
    ]
    assert isinstance(findings[0], DerivationFinding)


def test_a_contact_before_randomization_is_listed_and_one_on_the_day_counts() -> None:
    rows, findings = derive(OS, [person(visit(-1), visit(0))], cut_off=CUT_OFF)
    assert (rows[0].aval, rows[0].cnsdtdsc, rows[0].srcseq) == (0, "contact_alive", 2)
    assert len(findings) == 1


def test_an_unknown_date_counts_for_nothing() -> None:
    found = row(DFS, person(("recurrence", {"first_evidence": UNKNOWN, "site": "local"}), visit(100)))
    assert (found.aval, found.event) == (100, 0)


def test_a_condition_may_look_at_the_participant() -> None:
    at_site = endpoint("DFS", [{**DEATH, "when": "participant.site == '02'"}], ALIVE)
    assert row(at_site, person(death(10), visit(5))).event == 0


def test_somebody_not_randomized_by_the_cut_off_has_no_row() -> None:
    waiting = Person("T-01-3", "01", {"participant.randomized_on": UNKNOWN}, ())
    assert derive(DFS, [waiting, person()], cut_off=ORIGIN - timedelta(days=1)) == ([], [])


def test_a_population_holds_those_for_whom_its_rule_is_true() -> None:
    sick = Person(
        "T-01-4", "01", {"participant.randomized_on": ORIGIN}, (FormRecord("base", 1, {"ecog": 3}),)
    )
    well = Person(
        "T-01-5", "01", {"participant.randomized_on": ORIGIN}, (FormRecord("base", 1, {"ecog": 1}),)
    )
    rule = Population.model_validate({"id": "FIT", "label": NAMED, "rule": "base.ecog <= 2"})
    everybody = Population.model_validate(
        {"id": "ITT", "label": NAMED, "rule": "participant.randomized_on is not missing"}
    )
    unknown = Person("T-01-6", "01", {"participant.randomized_on": UNKNOWN}, ())
    assert members(rule, [sick, well, unknown]) == {"T-01-5"}
    assert members(everybody, [sick, well, unknown]) == {"T-01-4", "T-01-5"}


def test_a_condition_may_ask_another_form() -> None:
    cancer = {"on": "death.date", "type": "death", "when": "cause.of == 'cancer'"}
    chosen = endpoint("CSS", [cancer], ALIVE)
    assert row(chosen, person(death(400), ("cause", {"of": "cancer"}))).event == 1
    assert row(chosen, person(death(400), ("cause", {"of": "other"}))).event == 0
    assert row(chosen, person(death(400))).event == 0


def test_a_partial_date_written_in_full_is_taken_as_it_is_and_not_flagged() -> None:
    found = row(DFS, person(("recurrence", {"first_evidence": "2025-03-07", "site": "local"})))
    assert (found.adt, found.adtf) == (date(2025, 3, 7), "")
