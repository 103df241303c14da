"""Unit tests, floor 0: coded things in the reader's words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from trial import wording
from trial.protocol.forms import Choice, Item, MissingReason
from trial.states import ParticipantState

SEXES = (
    Choice(code="f", label={"en": "Female", "zh-hans": "女"}),
    Choice(code="m", label={"en": "Male"}),
)


def item(kind: str) -> Item:
    return Item.model_validate({"id": "x", "label": {"en": "X"}, "type": kind, "choices": None})


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("text", "as told", "as told"),
        ("integer", 50, "50"),
        ("decimal", "0.50", "0.50"),
        ("yesno", "yes", "Yes"),
        ("yesno", "no", "No"),
        ("yesno", "odd", "odd"),
        ("choice", "f", "Female"),
        ("choice", "gone", "gone"),
        ("choices", ["f", "m"], "Female; Male"),
        ("date", "2026-11-22", "22-Nov-2026"),
        ("partial_date", "2026-11", "Nov-2026"),
        ("partial_date", "2026", "2026"),
        ("partial_date", "soon", "soon"),
        ("date", None, ""),
    ],
)
def test_an_answer_is_told_as_people_read_it(kind: str, value: Any, told: str) -> None:
    assert wording.answer(item(kind), SEXES, value) == told


def test_labels_fall_back_to_english() -> None:
    with translation.override("zh-hans"):
        assert wording.answer(item("choices"), SEXES, ["f", "m"]) == "女；Male"
        assert wording.words({"en": "only"}) == "only"
    assert wording.words(None) == ""


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        (datetime(2026, 11, 22, 10, 42, tzinfo=UTC), "UTC", "22-Nov-2026 10:42 UTC"),
        (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), "Asia/Shanghai", "23-Nov-2026 02:30 UTC+08:00"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "America/St_Johns", "31-Dec-2025 20:30 UTC-03:30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Amsterdam", "29-Mar-2026 01:59 UTC+01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Amsterdam", "29-Mar-2026 03:00 UTC+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/London", "25-Oct-2026 01:30 UTC"),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), "Asia/Kolkata", "29-Feb-2028 17:30 UTC+05:30"),
    ],
)
def test_a_moment_is_told_with_the_offset_of_that_place_on_that_day(
    at: datetime, zone: str, told: str
) -> None:
    assert wording.moment(at, zone) == told


def test_a_day_is_unmistakable() -> None:
    assert wording.day(date(2026, 2, 3)) == "03-Feb-2026"
    assert wording.day(None) == ""


def test_every_code_of_the_house_has_words() -> None:
    assert all(wording.state_word(state) for state in ParticipantState)
    assert all(wording.missing_word(reason) != reason.value for reason in MissingReason)
    assert wording.missing_word("odd") == "odd"
    assert wording.verb_words("record.saved") == "Draft saved"
    assert wording.verb_words("odd.verb") == "odd.verb"


@pytest.mark.parametrize(
    ("label", "within"),
    [("Serious?", "Serious"), ("严重？", "严重"), ("Grade", "Grade"), ("Why? How", "Why? How")],
)
def test_a_question_stands_without_its_mark_within_a_sentence(label: str, within: str) -> None:
    assert wording.quoted(label) == within


def test_sentences_are_joined_and_empty_ones_left_out() -> None:
    assert wording.sentences("One.", "", "Two.") == "One. Two."
    assert wording.sentences("One.", "") == "One."
    assert wording.sentences() == ""


@pytest.mark.parametrize("state", ["screen_failed", "withdrawn"])
def test_nothing_is_promised_to_whoever_has_left(state: str) -> None:
    assert wording.unconsented_word(state) == "never consented"
    assert wording.unrandomized_word(state) == "not randomized"
    assert wording.unconsented_word("screening") == wording.unrandomized_word("enrolled") == "not yet"
