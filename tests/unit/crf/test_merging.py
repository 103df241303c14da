"""Unit tests, floor 1: a page that somebody else's save has overtaken, item by item."""

from typing import Any

import pytest

from crf.checks import Finding, Reading
from crf.views import merging
from tests.unit.crf.sample_forms import form
from trial.protocol.forms import CheckLevel

FORM = form()
BASE: dict[str, Any] = {"weight": "70", "steps": 10, "well": "yes"}


def steps(now: dict[str, Any], mine: dict[str, Any], **unread: Any) -> list[tuple[str, bool]]:
    findings = tuple(Finding("integer", CheckLevel.HARD, item) for item in unread)
    found = merging.steps(
        FORM, base=Reading(BASE, {}, ()), now=Reading(now, {}, ()), mine=Reading(mine, {}, findings)
    )
    return [(step.item.id, step.clashes) for step in found]


@pytest.mark.parametrize(
    ("now", "mine", "expected"),
    [
        (BASE, {**BASE, "steps": 99}, []),
        ({**BASE, "steps": 11}, BASE, [("steps", False)]),
        ({**BASE, "steps": 11}, {**BASE, "weight": "71"}, [("steps", False)]),
        ({**BASE, "steps": 11}, {**BASE, "steps": 12}, [("steps", True)]),
        ({**BASE, "steps": 11}, {**BASE, "steps": 11}, []),
        ({"weight": "70", "well": "yes"}, BASE, [("steps", False)]),
        ({**BASE, "note": "new"}, BASE, [("note", False)]),
        ({**BASE, "note": "new"}, {**BASE, "note": "mine"}, [("note", True)]),
    ],
)
def test_what_others_changed_is_taken_unless_it_was_typed_over(
    now: dict[str, Any], mine: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    assert steps(now, mine) == expected


def test_an_unreadable_answer_is_never_taken_for_an_untouched_one() -> None:
    mine = {key: value for key, value in BASE.items() if key != "steps"}
    gone = {key: value for key, value in BASE.items() if key != "steps"}
    assert steps({**BASE, "steps": 11}, mine, steps=1) == [("steps", True)]
    assert steps(gone, mine, steps=1) == [("steps", True)]


def test_a_missing_reason_is_part_of_the_answer() -> None:
    found = merging.steps(
        FORM,
        base=Reading(BASE, {}, ()),
        now=Reading({"steps": 10, "well": "yes"}, {"weight": "refused"}, ()),
        mine=Reading(BASE, {}, ()),
    )
    assert [(step.base, step.now, step.clashes) for step in found] == [(("70", ""), (None, "refused"), False)]


def test_sameness_needs_every_answer_readable_and_equal() -> None:
    assert merging.same(Reading(dict(BASE), {}, ()), Reading(BASE, {}, ()))
    assert not merging.same(Reading({**BASE, "steps": 9}, {}, ()), Reading(BASE, {}, ()))
    assert not merging.same(
        Reading(dict(BASE), {}, (Finding("date", CheckLevel.HARD, "began"),)), Reading(BASE, {}, ())
    )
