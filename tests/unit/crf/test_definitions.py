"""Unit tests, floor 1: what is kept of a typed answer, what it means in expressions, and skip logic."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crf import definitions
from crf.definitions import Unreadable
from tests.unit.crf.sample_forms import choices_of, form
from trial.protocol.expressions import UNKNOWN, Unknown, Value

FORM = form()


def wide(text: str) -> str:
    """The digits as a Chinese keyboard may write them."""
    return text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


def kept(item: str, raw: str | list[str]) -> Any:
    return definitions.stored(FORM.item(item), choices_of(FORM.item(item)), raw)


def shown(values: dict[str, Any], *, flag: Value | Unknown = UNKNOWN) -> set[str]:
    return set(definitions.visible(FORM, values, lambda address: flag)) - {"weight", "steps", "note", "well"}


@pytest.mark.parametrize(
    ("item", "typed", "stored"),
    [
        ("steps", "12", 12),
        ("steps", " 012 ", 12),
        ("steps", "+5", 5),
        ("steps", "-5", -5),
        ("steps", wide("12"), 12),
        ("weight", "62.50", "62.50"),
        ("weight", "62,5", "62.5"),
        ("weight", wide("0.5"), "0.5"),
        ("weight", "0.0000001", "0.0000001"),
        ("weight", "1,2345", "1.2345"),
        ("weight", "1.234", "1.234"),
        ("note", "  as told  ", "as told"),
        ("note", "first\r\nsecond\rthird\nfourth", "first\nsecond\nthird\nfourth"),
        ("note", wide("12"), wide("12")),
        ("well", "yes", "yes"),
        ("symptoms", ["c", "a"], ["a", "c"]),
        ("symptoms", "c; a ;", ["a", "c"]),
        ("letter", "h", "h"),
        ("seen_on", "2024-3-5", "2024-03-05"),
        ("seen_on", "2024/03/05", "2024-03-05"),
        ("seen_on", wide("2024-2-29"), "2024-02-29"),
        ("began", "2024", "2024"),
        ("began", "2024-3", "2024-03"),
        ("began", "2024-03-05", "2024-03-05"),
    ],
)
def test_a_typed_answer_is_kept_in_one_form(item: str, typed: str | list[str], stored: Any) -> None:
    assert kept(item, typed) == stored


@pytest.mark.parametrize("item", [item.id for item in FORM.items])
@pytest.mark.parametrize("typed", ["", "  "])
def test_an_empty_answer_is_no_answer(item: str, typed: str) -> None:
    assert kept(item, typed) is None


@pytest.mark.parametrize("typed", [[], [""], ";", " ; "])
def test_choosing_nothing_is_no_answer(typed: str | list[str]) -> None:
    assert kept("symptoms", typed) is None


@pytest.mark.parametrize(
    ("item", "typed", "rule"),
    [
        ("steps", "1.5", "integer"),
        ("steps", "twelve", "integer"),
        ("steps", "1" * 16, "integer"),
        ("steps", ["1", "2"], "integer"),
        ("weight", "1,234", "decimal"),
        ("weight", "1e5", "decimal"),
        ("weight", "NaN", "decimal"),
        ("weight", ".5", "decimal"),
        ("note", "x" * 4001, "text"),
        ("note", "a\x00b", "text"),
        ("well", "maybe", "yesno"),
        ("well", "Yes", "yesno"),
        ("letter", "z", "choices"),
        ("letter", ["a", "b"], "choices"),
        ("symptoms", ["a", "z"], "choices"),
        ("symptoms", "a b", "choices"),
        ("seen_on", "2023-02-29", "date"),
        ("seen_on", "2024-03", "date"),
        ("seen_on", "20240305", "date"),
        ("seen_on", "2024-W10-2", "date"),
        ("seen_on", "05-03-2024", "date"),
        ("seen_on", "0000-01-01", "date"),
        ("began", "2024--05", "partial_date"),
        ("began", "24", "partial_date"),
    ],
)
def test_an_answer_of_another_type_is_refused_by_the_name_of_its_rule(
    item: str, typed: str | list[str], rule: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        kept(item, typed)
    assert refused.value.rule == rule


@pytest.mark.parametrize("item", ["weight", "steps", "note", "well", "letter", "seen_on", "began"])
def test_what_is_kept_can_be_typed_again(item: str) -> None:
    examples = {
        "weight": "0.00000001",
        "steps": "-7",
        "note": "a\nb",
        "well": "no",
        "letter": "a",
        "seen_on": "2024-2-9",
        "began": "2024-2",
    }
    once = kept(item, examples[item])
    assert kept(item, str(once)) == once


@pytest.mark.parametrize(
    ("item", "stored", "value"),
    [
        ("weight", "62.5", Decimal("62.5")),
        ("steps", 12, 12),
        ("note", "x", "x"),
        ("well", "yes", "yes"),
        ("symptoms", ["a", "b"], ("a", "b")),
        ("seen_on", "2024-03-05", date(2024, 3, 5)),
        ("began", "2024-03", "2024-03"),
        ("began", None, UNKNOWN),
    ],
)
def test_a_stored_value_is_typed_for_expressions(item: str, stored: Any, value: Value | Unknown) -> None:
    assert definitions.typed(FORM.item(item), stored) == value


def test_every_item_has_a_typed_value() -> None:
    values = definitions.typed_values(FORM, {"steps": 3})
    assert values["steps"] == 3
    assert {name for name, value in values.items() if value is UNKNOWN} == {
        item.id for item in FORM.items
    } - {"steps"}


def test_skip_logic_hides_until_it_is_known_to_apply() -> None:
    assert shown({}) == {"letter", "seen_on"}
    assert shown({"well": "yes"}) == {"letter", "seen_on"}
    assert shown({"well": "no"}) == {"symptoms", "letter", "seen_on"}


def test_skip_logic_reaches_other_forms() -> None:
    assert "began" in shown({}, flag="yes")
    assert "began" not in shown({}, flag="no")


def test_an_answer_behind_a_hidden_item_does_not_count() -> None:
    behind = {"symptoms": ["b"], "well": "no"}
    assert "worst" in shown(behind)
    assert "worst" not in shown({**behind, "well": "yes"})


def test_the_items_that_decide_about_others_are_known() -> None:
    assert definitions.controls(FORM) == {"well", "symptoms"}


@pytest.mark.parametrize("raw", ["10²", "5₂", "①"])
@pytest.mark.parametrize("item", ["steps", "weight"])
def test_raised_lowered_and_circled_digits_are_not_read_as_plain_ones(item: str, raw: str) -> None:
    with pytest.raises(Unreadable):
        kept(item, raw)
