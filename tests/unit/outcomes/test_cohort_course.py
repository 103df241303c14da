"""What happens in the synthetic cohort follows its parameters, its seed, and no calendar."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from operator import attrgetter

import pytest

from crf.checks import read
from crf.definitions import typed_values
from crf.schedule import windows
from outcomes.cohort.answers import Casebook
from outcomes.cohort.calls import NEAR
from outcomes.cohort.candidates import first_day
from outcomes.cohort.course import Course, Disease, course
from outcomes.endpoints import TimeToEvent, derive
from outcomes.histories import History
from outcomes.populations import memberships
from outcomes.records import FormRecord, Recorded
from tests.unit.outcomes.sample_cohort import TODAY, Followed, followed, parameters, people, protocol
from trial.protocol.expressions import UNKNOWN

SEEDS = range(1, 5)
MANY = 6000
NEVER = 100_000
THREE_YEARS, FIVE_YEARS = 1095.75, 1826.25
CUT_OFF = first_day(TODAY, parameters().calendar.weeks) + timedelta(
    weeks=parameters().calendar.weeks, days=-1
)


def history(each: Followed, cut_off: date) -> History:
    """A participant as a snapshot would hold her."""
    records = []
    for number, answers in enumerate((*each.candidate.forms, *each.forms), start=1):
        form = protocol().forms[answers.form]
        reading = read(form, protocol().choices, dict(answers.values), dict(answers.missing))
        gone = frozenset(item for item, why in reading.missing.items() if why == "not_applicable")
        values = typed_values(form, reading.values)
        place = (answers.visit, answers.visit_repeat, answers.repeat)
        records.append(FormRecord(answers.form, number, values, *place, answers.day, gone))
    facts = {
        "participant.randomized_on": each.randomized_on,
        "participant.consented_on": each.candidate.asked_on,
        "participant.site": each.candidate.site,
        "today": cut_off,
    }
    person = Recorded(each.candidate.label, each.candidate.site, facts, tuple(records), each.arm)
    return History(person, protocol(), cut_off)


@cache
def histories(today: date = TODAY) -> list[History]:
    """The cohort as of the cut-off that belongs to a day."""
    return [
        history(each, CUT_OFF + (first_day(today, 0) - first_day(TODAY, 0))) for each in followed(today=today)
    ]


def derived(people: Iterable[History], endpoint: str) -> list[TimeToEvent]:
    rows, findings = derive(protocol().endpoints.endpoint(endpoint), people)
    assert findings == []
    return rows


@cache
def courses(arm: str) -> list[Course]:
    """What happens to a great many participants of one arm."""
    book = Casebook(date(2024, 1, 1))
    return [
        course(parameters(), arm, book, seed=seed, label="01-001", horizon=10_000) for seed in range(MANY)
    ]


def by(horizon: float, arm: str, *days: Callable[[Disease], int | None]) -> float:
    """The share of an arm with one of the events by a day."""
    found = 0
    for each in courses(arm):
        found += any((day := of(each.disease)) is not None and day <= horizon for of in days)
    return found / MANY


@pytest.mark.parametrize("arm", ["TME", "CRT"])
def test_disease_free_survival_at_three_years_is_the_published_one(arm: str) -> None:
    events = (attrgetter(name) for name in ("local", "distant", "second_crc", "death"))
    assert 0.905 < 1 - by(THREE_YEARS, arm, *events) < 0.925


def test_local_recurrence_at_three_years_is_the_published_one() -> None:
    assert 0.03 < by(THREE_YEARS, "TME", attrgetter("local")) < 0.05
    assert 0.04 < by(THREE_YEARS, "CRT", attrgetter("local")) < 0.06


@pytest.mark.parametrize("arm", ["TME", "CRT"])
def test_overall_survival_at_five_years_is_the_published_one(arm: str) -> None:
    assert 0.94 < 1 - by(FIVE_YEARS, arm, attrgetter("death")) < 0.96


def test_what_happens_while_a_participant_is_seen_is_written_down() -> None:
    rows = {row.usubjid: row for row in derived(histories(), "DFS")}
    for each in followed():
        lived = course(
            parameters(),
            each.arm,
            Casebook(each.randomized_on),
            seed=parameters().seed,
            label=each.candidate.label,
            horizon=(CUT_OFF - each.randomized_on).days,
        )
        row, ill = rows[each.candidate.label], lived.disease
        first = min(day for day in (ill.recurred, ill.second_crc, ill.death, NEVER) if day is not None)
        # An event is dated on the visit that showed it; one of the last weeks may not be entered yet.
        if first <= lived.seen_until - 2 * NEAR:
            assert row.event == 1, each.candidate.label
            assert abs(row.aval - first) <= NEAR + 2
        if row.event == 1:
            assert first <= row.aval + NEAR + 2


def test_the_same_seed_gives_the_same_cohort_and_another_seed_another_one() -> None:
    first = [each.forms for each in followed()]
    assert [each.forms for each in followed.__wrapped__()] == first
    assert [each.forms for each in followed(seed=1)] != first


@pytest.mark.parametrize("today", [TODAY + timedelta(days=3), TODAY - timedelta(days=40), date(2028, 3, 1)])
def test_the_day_of_the_demonstration_changes_no_time_to_event(today: date) -> None:
    now, then = histories(), histories(today)
    for endpoint in protocol().endpoints.endpoints:
        rows = [
            [(row.usubjid, row.aval, row.event) for row in derived(each, endpoint.id)] for each in (now, then)
        ]
        assert rows[0] == rows[1], endpoint.id
    for population in protocol().endpoints.populations:
        assert memberships(population, now) == memberships(population, then)


def test_visits_lie_inside_their_windows_but_for_the_late_ones() -> None:
    inside = late = 0
    for each in followed():
        known = {"participant.randomized_on": each.randomized_on}
        found = windows(protocol(), lambda address, known=known: known.get(address, UNKNOWN))
        for answers in each.forms:
            if answers.visit in found:
                holds = found[answers.visit].holds(date.fromisoformat(answers.values["visit_on"]))
                inside, late = inside + holds, late + (not holds)
    assert inside > 2500
    assert 0.01 < late / (inside + late) < 0.06


def test_nothing_is_written_before_its_day_nor_out_of_order_nor_after_the_cut_off() -> None:
    for each in followed():
        days = [answers.day for answers in (*each.candidate.forms, *each.forms)]
        assert days == sorted(days)
        assert days[-1] <= CUT_OFF
        assert each.candidate.asked_on <= each.randomized_on


def share(chosen: Callable[[Followed], bool], among: Callable[[Followed], bool] = lambda each: True) -> float:
    cohort = [each for seed in SEEDS for each in followed(seed=seed) if among(each)]
    return sum(chosen(each) for each in cohort) / len(cohort)


def test_a_stoma_is_common_after_surgery_and_mostly_closed_again() -> None:
    def made(each: Followed) -> bool:
        return bool(each.of("stoma_log"))

    def closed(each: Followed) -> bool:
        return any(log["event"] == "closed" for log in each.of("stoma_log"))

    assert share(made, lambda each: each.arm == "TME") > 0.5
    assert share(made, lambda each: each.arm == "CRT") < 0.1
    assert 0.7 < share(closed, made) < 0.95


def test_adverse_events_are_those_of_the_treatment() -> None:
    def has(term: str) -> Callable[[Followed], bool]:
        return lambda each: any(event["term"] == term for event in each.of("adverse_event"))

    surgical, radiated = (lambda each: each.arm == "TME"), (lambda each: each.arm == "CRT")
    assert share(has("rectal_anastomotic_leak"), surgical) > 5 * share(
        has("rectal_anastomotic_leak"), radiated
    )
    assert share(has("dermatitis_radiation"), radiated) > 5 * share(has("dermatitis_radiation"), surgical)


def test_some_refuse_cross_over_begin_late_withdraw_or_are_lost() -> None:
    def started(each: Followed, status: str) -> bool:
        return any(form["status"] == status for form in each.of("treatment_start"))

    assert 0.005 < share(lambda each: started(each, "refused")) < 0.03
    assert 0.015 < share(lambda each: started(each, "cross_over")) < 0.05
    levels = {
        form["level"] for seed in SEEDS for each in followed(seed=seed) for form in each.of("withdrawal")
    }
    assert levels == {"treatment", "visits", "all_data"}
    unknown = share(lambda each: any(c["vital_status"] == "unknown" for c in each.of("survival_contact")))
    assert 0.02 < unknown < 0.12


def test_the_accrual_takes_three_years_at_all_sites() -> None:
    days = [each.randomized_on for each in followed()]
    assert len(days) == parameters().randomized == 258
    assert 1000 < (max(days) - min(days)).days < 1096
    assert len({each.candidate.site for each in followed()}) == 8
    asked = people()
    assert 0.18 < sum(bool(each.fails) for each in asked) / len(asked) < 0.22
    assert len({each.label for each in asked}) == len(asked)
