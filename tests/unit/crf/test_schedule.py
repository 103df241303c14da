"""When visits are due and which forms apply: calendar, ends of the schedule, forms that hang on the arm."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crf import schedule
from crf.schedule import Due, Window
from tests.unit.crf.sample_trial import protocol
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.schedule import AssessmentPlan
from trial.protocol.schema import Protocol

RANDOMIZED = "participant.randomized_on"
START = date(2024, 1, 1)
Records = Mapping[str, Sequence[Mapping[str, Value | Unknown]]]


def looking(**values: Value) -> Any:
    """Answers `form__item` as `form.item`, UNKNOWN for everything else."""
    known = {name.replace("__", "."): value for name, value in values.items()}
    return lambda address: known.get(address, UNKNOWN)


def records(**forms: Sequence[Mapping[str, Value | Unknown]]) -> Any:
    return lambda form: forms.get(form, ())


RUNNING = looking(participant__randomized_on=START)
TRIAL: Protocol = protocol()
ASSESSMENTS: dict[str, Any] = {
    "form": "visit",
    "on": "seen_on",
    "modalities": [
        {"id": name, "label": {"en": name}, "kind": kind, "done": name}
        for name, kind in (
            ("examination", "examination"),
            ("cea", "laboratory"),
            ("mri", "imaging"),
            ("scope", "endoscopy"),
        )
    ],
}


class Person:
    """A participant with an arm, "" where there is none yet."""

    def __init__(self, track: str) -> None:
        self.track = track


def standings(
    today: date, *, look: Any = RUNNING, arm: str = "", knowing: bool = True, **how: Any
) -> dict[str, Due]:
    offers = schedule.offered_to(Person(arm), TRIAL, look, knowing=knowing)
    found = schedule.planned(TRIAL, look, offers, today=today, **{"entered": {}, **how})
    return {each.visit.id: each.due for each in found}


@pytest.mark.shows("SCH-01")
@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2100, 1, 31), 1, date(2100, 2, 28)),
        (date(2024, 12, 31), 0, date(2024, 12, 31)),
    ],
)
def test_months_end_with_the_month(day: date, months: int, later: date) -> None:
    assert schedule.months_after(day, months) == later


@pytest.mark.shows("SCH-01")
@given(
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.integers(min_value=0, max_value=600),
)
def test_months_keep_the_day_or_take_the_last_of_the_month(day: date, months: int) -> None:
    later = schedule.months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    last = (later + timedelta(days=1)).month != later.month
    assert later.day == day.day or (last and later.day < day.day)


def test_windows_wait_for_the_day_they_count_from() -> None:
    assert schedule.windows(TRIAL, looking()) == {}
    assert set(schedule.windows(TRIAL, RUNNING)) == {"m01", "m03", "m06"}
    later = looking(participant__randomized_on=START, treated__on=date(2024, 2, 1))
    assert schedule.windows(TRIAL, later)["w04"] == Window(
        "w04", date(2024, 2, 29), date(2024, 2, 22), date(2024, 3, 7)
    )


def test_a_day_beyond_the_calendar_has_no_window() -> None:
    assert schedule.windows(TRIAL, looking(participant__randomized_on=date(9999, 12, 1))) == {}
    assert schedule.windows(TRIAL, looking(treated__on=date(9999, 12, 31))) == {}


def test_a_window_holds_both_its_ends() -> None:
    window = schedule.windows(TRIAL, RUNNING)["m03"]
    days = (date(2024, 3, 17), date(2024, 3, 18), date(2024, 4, 15), date(2024, 4, 16))
    assert [window.holds(day) for day in days] == [False, True, True, False]


@pytest.mark.shows("SCH-01")
def test_the_schedule_as_it_stands_on_one_day() -> None:
    assert standings(date(2024, 4, 20)) == {"m01": Due.MISSED, "m03": Due.OVERDUE, "m06": Due.UPCOMING}
    assert standings(date(2024, 7, 1), entered={"m03": {"visit"}}) == {
        "m01": Due.MISSED,
        "m03": Due.DONE,
        "m06": Due.DUE,
    }
    # After the last visit of the series nothing opens: it stays overdue until it is entered.
    assert standings(date(2030, 1, 1))["m06"] is Due.OVERDUE


def test_visits_counted_from_another_day_do_not_end_each_other() -> None:
    look = looking(participant__randomized_on=START, treated__on=date(2024, 3, 20))
    assert standings(date(2024, 4, 20), look=look)["m03"] is Due.OVERDUE


def test_a_visit_is_done_when_no_form_that_applies_is_wanting() -> None:
    today = date(2024, 2, 1)
    assert standings(today, entered={"m01": {"visit"}})["m01"] is Due.DONE
    assert standings(today, entered={"m01": {"visit"}}, arm="B")["m01"] is Due.DUE
    assert standings(today, entered={"m01": {"visit", "only_b"}}, arm="B")["m01"] is Due.DONE
    assert standings(today, entered={"m01": {"only_b"}})["m01"] is Due.DUE


def test_a_visit_none_of_whose_forms_applies_is_not_asked_for() -> None:
    look = looking(treated__on=date(2024, 2, 1))
    today = date(2024, 3, 1)
    assert standings(today, look=look) == {}
    assert standings(today, look=look, arm="A") == {}
    assert standings(today, look=look, arm="B") == {"w04": Due.DUE}


def test_a_visit_that_hangs_on_the_arm_is_not_asked_of_those_who_may_not_know_it() -> None:
    look = looking(treated__on=date(2024, 2, 1))
    today = date(2024, 3, 1)
    assert standings(today, look=look, arm="B", knowing=False) == {}
    held = {"w04": {"only_b"}}
    assert standings(today, look=look, arm="B", knowing=False, entered=held) == {"w04": Due.DONE}


@pytest.mark.shows("SCH-01")
@pytest.mark.parametrize("over", [True, False])
def test_nothing_is_due_after_the_schedule_ended(over: bool) -> None:
    found = standings(date(2024, 4, 20), ended_on=date(2024, 4, 1), over=over)
    assert found == {"m01": Due.MISSED, "m03": Due.NOT_EXPECTED, "m06": Due.NOT_EXPECTED}


def test_whoever_is_out_of_the_trial_owes_nothing_though_no_day_is_known() -> None:
    found = standings(date(2024, 4, 20), over=True, entered={"m01": {"visit"}})
    assert found == {"m01": Due.DONE, "m03": Due.NOT_EXPECTED, "m06": Due.NOT_EXPECTED}


def test_an_end_that_is_still_to_come_ends_nothing_yet() -> None:
    assert standings(date(2024, 4, 1), ended_on=date(2024, 4, 2))["m03"] is Due.DUE


@pytest.mark.parametrize(
    ("facts", "withdrawals", "ends"),
    [
        ({}, [], None),
        ({"death__died_on": date(2024, 5, 6)}, [], date(2024, 5, 6)),
        ({"death__died_on": "2024-05"}, [], date(2024, 5, 1)),
        ({}, [{"withdrawn_on": date(2024, 4, 4), "level": "treatment"}], None),
        ({}, [{"withdrawn_on": date(2024, 4, 4), "level": UNKNOWN}], None),
        ({}, [{"withdrawn_on": UNKNOWN, "level": "visits"}], None),
        (
            {"death__died_on": date(2024, 5, 6)},
            [
                {"withdrawn_on": date(2024, 4, 4), "level": "treatment"},
                {"withdrawn_on": date(2024, 4, 9), "level": "visits"},
                {"withdrawn_on": date(2024, 4, 7), "level": "all_data"},
            ],
            date(2024, 4, 7),
        ),
    ],
)
def test_the_schedule_ends_with_a_death_or_a_withdrawal(
    facts: dict[str, Value], withdrawals: list[Any], ends: date | None
) -> None:
    look, held = looking(**facts), records(withdrawal=withdrawals)
    assert schedule.ended_on(TRIAL, look, held) == ends


def test_a_step_is_taken_when_its_condition_is_true_or_there_is_none() -> None:
    forms = TRIAL.forms
    assert schedule.takes_step(forms["consent"], {"version": "1", "given_on": START})
    assert schedule.takes_step(forms["withdrawal"], {"withdrawn_on": START, "level": "visits"})
    assert not schedule.takes_step(forms["withdrawal"], {"withdrawn_on": START, "level": "treatment"})
    assert not schedule.takes_step(forms["visit"], {"seen_on": START})


@pytest.mark.parametrize(
    ("form", "facts", "arm", "offered"),
    [
        ("visit", {}, "", True),
        ("only_b", {}, "B", True),
        ("only_b", {}, "A", False),
        ("only_b", {}, "", False),
        ("only_men", {"consent__sex": "male"}, "A", True),
        ("only_men", {"consent__sex": "female"}, "A", False),
        ("only_men", {}, "A", False),
    ],
)
def test_a_form_is_offered_where_its_rule_is_true(
    form: str, facts: dict[str, Value], arm: str, offered: bool
) -> None:
    assert schedule.applicable(TRIAL.forms[form], looking(**facts), arm) is offered


def test_what_was_asked_for_and_not_done_is_named() -> None:
    plan = AssessmentPlan.model_validate(ASSESSMENTS)
    visit = TRIAL.visits[1].model_copy(update={"modalities": ("examination", "mri", "scope")})
    held = {"examination": "yes", "mri": "no", "cea": "no"}
    assert [each.id for each in schedule.not_done(plan, visit, held, {})] == ["mri", "scope"]
    exempt = {"scope": "not_applicable", "mri": "unknown"}
    assert [each.id for each in schedule.not_done(plan, visit, held, exempt)] == ["mri"]


def test_a_planned_assessment_is_expected_in_its_window() -> None:
    trial = protocol(assessments=ASSESSMENTS)
    window = schedule.windows(trial, RUNNING)["m03"]
    assert schedule.expected(trial, "m03", trial.forms["visit"], RUNNING) == ("seen_on", window)
    assert schedule.expected(trial, "extra", trial.forms["visit"], RUNNING) is None
    assert schedule.expected(trial, "m03", trial.forms["only_b"], RUNNING) is None
    assert schedule.expected(TRIAL, "m03", TRIAL.forms["visit"], RUNNING) is None


def test_only_the_answer_is_told_not_the_arm() -> None:
    form, look = TRIAL.forms["only_b"], looking()
    assert schedule.applies_to(Person("B"), form, look)
    assert not schedule.applies_to(Person("A"), form, look)
    assert not schedule.applies_to(Person(""), form, look)


@pytest.mark.parametrize(
    ("form", "hangs"),
    [
        ("visit", False),
        ("only_men", False),
        ("only_b", True),
        ("after_treatment", True),
        ("derived_arm", True),
    ],
)
def test_a_form_hangs_on_the_arm_by_itself_or_by_what_reveals_it(form: str, hangs: bool) -> None:
    assert schedule.hangs_on_arm(TRIAL, TRIAL.forms[form]) is hangs
    look = looking(treated__drug="B", consent__sex="male", derived__treated="B")
    blind = schedule.offered_to(Person("B"), TRIAL, look, knowing=False)
    assert blind(TRIAL.forms[form]) is not hangs
    assert schedule.offered_to(Person("B"), TRIAL, look, knowing=True)(TRIAL.forms[form])
