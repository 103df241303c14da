"""Unit tests, floor 0: values derived from what was recorded, and what each of them hangs on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.trial.fuller_protocol import FILES
from trial.protocol.derivations import (
    Lookup,
    Record,
    awaited,
    completed_years,
    decided,
    traced,
    undecided,
    with_derived,
)
from trial.protocol.expressions import UNKNOWN, ExpressionError, Unknown, Value
from trial.protocol.loader import load_files
from trial.protocol.partial_dates import earliest, latest

drawn = settings(derandomize=True, deadline=None, max_examples=200, database=None)

PROTOCOL = load_files(FILES).protocol
CONSENTED, RANDOMIZED, BEGUN = date(2024, 6, 1), date(2024, 6, 10), date(2024, 6, 20)
FACTS: dict[str, Value | Unknown] = {
    "participant.consented_on": CONSENTED,
    "participant.randomized_on": RANDOMIZED,
    "entry.since": "1980-06-01",
    "entry.smoker": "no",
    "entry.packs": UNKNOWN,
    "entry.size": 2,
    "treated.on_day": BEGUN,
    "treated.arm": "B",
}


def looking(
    facts: Mapping[str, Value | Unknown] | None = None, records: Sequence[Record] = ()
) -> Callable[[str], Value | Unknown]:
    """The lookup of one participant: the FACTS with changes, and the records of the form contact."""
    values = {**FACTS, **(facts or {})}
    return with_derived(PROTOCOL, values.__getitem__, {"contact": records}.__getitem__)


@pytest.mark.parametrize(
    ("since", "until", "years"),
    [
        (date(2006, 5, 17), date(2024, 5, 16), 17),
        (date(2006, 5, 17), date(2024, 5, 17), 18),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2004, 2, 29), date(2024, 2, 28), 19),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (date(2024, 5, 17), date(2024, 5, 17), 0),
        (date(2024, 5, 18), date(2024, 5, 17), UNKNOWN),
        (date(2030, 1, 1), date(2024, 5, 17), UNKNOWN),
        (UNKNOWN, date(2024, 5, 17), UNKNOWN),
        (date(2024, 5, 17), UNKNOWN, UNKNOWN),
        (12, date(2024, 5, 17), UNKNOWN),
        ("1950-05-17", date(2024, 5, 17), 74),
        ("1950-05", date(2024, 5, 17), UNKNOWN),
        ("1950-05", date(2024, 5, 31), 74),
        ("1950-05", date(2024, 4, 30), 73),
        ("1950", date(2024, 12, 31), 74),
        ("1950", date(2024, 12, 30), UNKNOWN),
        ("2024", date(2024, 5, 17), UNKNOWN),
        (date(1950, 5, 17), "2024", UNKNOWN),
        (date(1950, 5, 17), "2024-06", 74),
    ],
)
def test_completed_years_are_counted_as_ages_are(
    since: Value | Unknown, until: Value | Unknown, years: int | Unknown
) -> None:
    found = completed_years(since, until)
    assert (type(found), found) == (type(years), years)


days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
partial = days.flatmap(lambda day: st.sampled_from([4, 7, 10]).map(lambda length: day.isoformat()[:length]))


@drawn
@given(days, days)
def test_an_age_is_the_number_of_birthdays_lived_through(born: date, day: date) -> None:
    assume(born <= day)
    following = range(born.year + 1, day.year + 1)
    leapling = (born.month, born.day) == (2, 29)
    birthdays = [
        date(year, 3, 1) if leapling and not _leap(year) else born.replace(year=year) for year in following
    ]
    assert completed_years(born, day) == sum(each <= day for each in birthdays)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@drawn
@given(partial, days)
def test_an_age_from_a_partial_date_is_known_where_every_day_agrees(vague: str, until: date) -> None:
    first, last = earliest(vague).toordinal(), latest(vague).toordinal()
    possible = {completed_years(date.fromordinal(each), until) for each in range(first, last + 1)}
    assert completed_years(vague, until) == (possible.pop() if len(possible) == 1 else UNKNOWN)


@pytest.mark.parametrize(
    ("changes", "address", "answer"),
    [
        ({}, "derived.age", 44),
        ({"participant.consented_on": UNKNOWN}, "derived.age", UNKNOWN),
        ({}, "derived.features", 0),
        ({"entry.smoker": "yes"}, "derived.features", 1),
        ({"entry.smoker": UNKNOWN, "entry.packs": 30}, "derived.features", 1),
        ({"entry.smoker": "yes", "entry.packs": 21}, "derived.features", 2),
        ({}, "derived.stage", "early"),
        ({"entry.size": 3}, "derived.stage", "middle"),
        ({"entry.size": 9}, "derived.stage", "late"),
        ({"entry.smoker": "yes"}, "derived.stage", "middle"),
        # Whether it is late is open, although it is at least middle.
        ({"entry.size": UNKNOWN, "entry.smoker": "yes"}, "derived.stage", UNKNOWN),
        ({"entry.smoker": UNKNOWN}, "derived.stage", UNKNOWN),
        ({}, "derived.begun", BEGUN),
        ({"treated.on_day": UNKNOWN}, "derived.begun", date(2024, 6, 17)),
        ({"treated.on_day": UNKNOWN, "participant.randomized_on": UNKNOWN}, "derived.begun", UNKNOWN),
        # A value whose condition is false or unknown is passed over.
        ({"treated.on_day": UNKNOWN, "treated.arm": "A"}, "derived.begun", UNKNOWN),
        ({"treated.on_day": UNKNOWN, "treated.arm": UNKNOWN}, "derived.begun", UNKNOWN),
        ({}, "derived.given", "B"),
        ({"treated.arm": UNKNOWN}, "derived.given", UNKNOWN),
    ],
)
def test_a_derived_value_is_computed_from_what_was_recorded(
    changes: dict[str, Value | Unknown], address: str, answer: Value | Unknown
) -> None:
    found = looking(changes)(address)
    assert (type(found), found) == (type(answer), answer)


def test_no_class_is_given_when_none_of_the_conditions_is_true() -> None:
    classes = PROTOCOL.derived[2].classes[:1]
    assert decided(classes, {"entry.size": 2}.__getitem__) is None


ALIVE: Record = {"dead": "no", "on_day": BEGUN}
DEAD: Record = {"dead": "yes", "on_day": BEGUN}
BEFORE: Record = {"dead": "yes", "on_day": RANDOMIZED}
UNDATED: Record = {"dead": "yes"}


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ([], "no"),
        ([ALIVE], "no"),
        ([ALIVE, DEAD], "yes"),
        ([BEFORE], "no"),
        ([ALIVE, UNDATED], UNKNOWN),
        ([UNDATED, DEAD], "yes"),
        ([DEAD, UNDATED], "yes"),
    ],
)
def test_any_record_looks_at_each_record_by_itself(records: list[Record], answer: Value | Unknown) -> None:
    assert looking(records=records)("derived.ever_dead") is answer


def test_a_condition_on_records_sees_the_derived_values_above_it() -> None:
    changes = {"treated.on_day": date(2024, 7, 1)}
    assert looking(changes, [DEAD])("derived.ever_dead") == "no"


def test_other_addresses_are_left_to_the_lookup() -> None:
    assert looking()("entry.size") == 2
    with pytest.raises(KeyError):
        looking()("entry.weight")


def test_a_derived_value_nobody_defined_is_absent_not_unknown() -> None:
    with pytest.raises(KeyError):
        looking()("derived.weight")


def test_an_item_that_the_form_does_not_have_is_absent_not_unknown() -> None:
    asked = PROTOCOL.derived[5].model_copy(
        update={"any_record": PROTOCOL.derived[5].any_record.model_copy(update={"when": "contact.hour > 3"})}  # type: ignore[union-attr]
    )
    protocol = PROTOCOL.model_copy(update={"derived": (asked,)})
    with pytest.raises(ExpressionError, match=r"contact\.hour"):
        with_derived(protocol, FACTS.__getitem__, lambda _form: [ALIVE])("derived.ever_dead")


def test_a_value_is_computed_once_for_one_lookup() -> None:
    asked: list[str] = []

    def look(address: str) -> Value | Unknown:
        asked.append(address)
        return FACTS[address]

    seen: Lookup = with_derived(PROTOCOL, look, lambda _form: [DEAD, DEAD, DEAD])
    assert seen("derived.ever_dead") == seen("derived.ever_dead") == "yes"
    assert asked == ["treated.on_day"]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("entry.size > 3 or entry.packs > 2 and entry.size < 9", ("entry.size", "entry.packs")),
        ("derived.age > 3", ("derived.age", "entry.since", "participant.consented_on")),
        ("derived.features > 3", ("derived.features", "entry.smoker", "entry.packs")),
        ("derived.stage == 'late'", ("derived.stage", "entry.size", "entry.smoker")),
        (
            "derived.ever_dead == 'yes'",
            (
                "derived.ever_dead",
                "contact.dead",
                "contact.on_day",
                "derived.begun",
                "treated.on_day",
                "treated.arm",
                "participant.randomized_on",
            ),
        ),
    ],
)
def test_an_expression_is_traced_to_all_it_hangs_on(text: str, addresses: tuple[str, ...]) -> None:
    assert traced(text, PROTOCOL.derived) == addresses


def test_items_of_repeated_records_can_be_left_out_of_a_trace() -> None:
    found = traced(
        "derived.ever_dead == 'yes' and contact.dead == 'no'", PROTOCOL.derived, into_records=False
    )
    assert found == (
        "derived.ever_dead",
        "derived.begun",
        "treated.on_day",
        "treated.arm",
        "participant.randomized_on",
        "contact.dead",
    )


def test_eligibility_is_traced_into_the_criteria() -> None:
    text, criteria = "participant.eligible == 'yes' and entry.packs > 3", PROTOCOL.eligibility
    assert traced(text, PROTOCOL.derived, criteria=criteria) == (
        "participant.eligible",
        "entry.packs",
        "derived.age",
        "entry.since",
        "participant.consented_on",
        "derived.stage",
        "entry.size",
        "entry.smoker",
    )
    assert traced("entry.packs > 3", PROTOCOL.derived, criteria=criteria) == ("entry.packs",)


@pytest.mark.parametrize(
    ("text", "changes", "addresses"),
    [
        ("entry.packs > 3 and entry.size > 1", {}, ("entry.packs",)),
        ("derived.age > 3", {"entry.since": UNKNOWN}, ("entry.since",)),
        ("derived.age > 3", {"entry.since": "1980-06"}, ("entry.since",)),
        ("derived.age > 3", {"participant.consented_on": UNKNOWN}, ("participant.consented_on",)),
        ("derived.age > 3", {"entry.since": "2025"}, ("entry.since",)),
        # In the wrong order: nothing is missing.
        ("derived.age > 3", {"entry.since": "2025-01-01"}, ()),
        ("derived.stage == 'late'", {"entry.smoker": UNKNOWN}, ("entry.smoker",)),
        ("derived.stage == 'late'", {"entry.size": UNKNOWN}, ("entry.size",)),
        # What stands below a true condition cannot matter.
        ("derived.stage == 'late'", {"entry.size": UNKNOWN, "entry.smoker": "yes"}, ("entry.size",)),
        (
            "derived.begun > '2024-01-01'",
            {"treated.on_day": UNKNOWN, "participant.randomized_on": UNKNOWN},
            ("treated.on_day", "participant.randomized_on"),
        ),
        (
            "derived.begun > '2024-01-01'",
            {"treated.on_day": UNKNOWN, "treated.arm": UNKNOWN, "participant.randomized_on": UNKNOWN},
            ("treated.on_day", "treated.arm", "participant.randomized_on"),
        ),
        # What stands under a false condition cannot matter either.
        (
            "derived.begun > '2024-01-01'",
            {"treated.on_day": UNKNOWN, "treated.arm": "A", "participant.randomized_on": UNKNOWN},
            ("treated.on_day",),
        ),
    ],
)
def test_an_open_answer_names_the_values_it_waits_for(
    text: str, changes: dict[str, Value | Unknown], addresses: tuple[str, ...]
) -> None:
    assert awaited(text, looking(changes), PROTOCOL.derived) == addresses


def test_an_open_question_about_records_stands_for_itself() -> None:
    look = looking(records=[UNDATED])
    assert awaited("derived.ever_dead == 'yes'", look, PROTOCOL.derived) == ("derived.ever_dead",)


def test_only_conditions_above_the_first_true_one_are_undecided() -> None:
    look = looking({"entry.size": UNKNOWN, "entry.smoker": "yes"})
    assert list(undecided(PROTOCOL.derived[2].classes, look)) == ["entry.size >= 9"]
    assert list(undecided(PROTOCOL.derived[2].classes, looking())) == []
