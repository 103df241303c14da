"""Unit tests, floor 1: reading and judging a record."""

from datetime import date
from typing import Any

import pytest

from crf import checks
from crf.checks import Finding, Reading
from crf.schedule import Window
from tests.unit.crf.sample_forms import choices_of, form
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.forms import CheckLevel

FORM = form()
GOOD: dict[str, str | list[str]] = {"weight": "70", "well": "yes", "note": "fine"}
TODAY = date(2026, 11, 22)


def outside(address: str) -> Value | Unknown:
    return TODAY if address == "today" else UNKNOWN


def read(raw: dict[str, Any], reasons: dict[str, str] | None = None) -> Reading:
    return checks.read(FORM, choices_of, raw, reasons or {})


def judged(raw: dict[str, Any], reasons: dict[str, str] | None = None) -> list[Finding]:
    return checks.judge(FORM, read(raw, reasons), outside)


def rules(raw: dict[str, Any], reasons: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [(finding.rule, finding.item) for finding in judged(raw, reasons)]


def test_a_complete_record_has_no_findings() -> None:
    assert rules(GOOD) == []


def test_reading_separates_values_from_missing_reasons() -> None:
    reading = read({"well": "no", "symptoms": ["b"]}, {"weight": "refused"})
    assert reading == Reading({"well": "no", "symptoms": ["b"]}, {"weight": "refused"}, ())


def test_reading_keeps_what_it_can() -> None:
    reading = read({"steps": "many", "well": "yes"})
    assert reading.values == {"well": "yes"}
    assert [(f.rule, f.item, f.value, f.level) for f in reading.findings] == [
        ("integer", "steps", "many", CheckLevel.HARD)
    ]


@pytest.mark.parametrize(
    ("raw", "reasons", "expected"),
    [
        ({**GOOD, "weight": ""}, {}, [("required", "weight")]),
        ({**GOOD, "weight": ""}, {"weight": "not_done"}, []),
        ({**GOOD, "weight": ""}, {"weight": "unknown"}, [("missing_reason", "weight")]),
        (GOOD, {"weight": "not_done"}, [("value_and_reason", "weight")]),
        (GOOD, {"steps": "not_done"}, [("missing_reason", "steps")]),
        ({**GOOD, "weight": "heavy"}, {}, [("decimal", "weight")]),
        ({**GOOD, "weight": "0.9"}, {}, [("hard_range", "weight"), ("light", "weight")]),
        ({**GOOD, "weight": "1"}, {}, [("soft_range", "weight"), ("light", "weight")]),
        ({**GOOD, "weight": "30"}, {}, [("light", "weight")]),
        ({**GOOD, "weight": "200"}, {}, []),
        ({**GOOD, "weight": "200.01"}, {}, [("soft_range", "weight")]),
        ({**GOOD, "weight": "400.01"}, {}, [("hard_range", "weight")]),
        ({**GOOD, "steps": "50001"}, {}, [("soft_range", "steps")]),
        ({**GOOD, "steps": "-1"}, {}, []),
        ({**GOOD, "seen_on": "2026-11-22"}, {}, []),
        ({**GOOD, "seen_on": "2026-11-23"}, {}, [("future", "seen_on")]),
        ({**GOOD, "note": ""}, {}, [("silent", "")]),
        ({**GOOD, "well": "no"}, {}, [("required", "symptoms")]),
        ({**GOOD, "well": "no", "symptoms": ["a"]}, {}, []),
        ({**GOOD, "symptoms": ["a"]}, {}, [("hidden", "symptoms")]),
        ({**GOOD, "worst": "a"}, {}, [("hidden", "worst")]),
        ({**GOOD, "colour": "red"}, {}, [("unknown_item", "colour")]),
        (GOOD, {"colour": "unknown"}, [("unknown_item", "colour")]),
    ],
)
def test_each_rule_finds_what_it_is_for(
    raw: dict[str, Any], reasons: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert rules(raw, reasons) == expected


def test_an_answer_that_cannot_be_read_is_told_once() -> None:
    assert rules({"weight": "heavy", "well": "yes", "note": "x"}) == [("decimal", "weight")]


def test_a_check_over_an_unknown_answer_stays_silent() -> None:
    assert ("light", "weight") not in rules({"weight": "35", "note": "x"})


def test_a_check_does_not_see_hidden_answers() -> None:
    looking = form(
        checks=[
            {
                "id": "seen",
                "if": "worst == 'a'",
                "level": "hard",
                "item": "worst",
                "say": {"en": "Seen."},
            }
        ]
    )
    hidden = Reading({"worst": "a", "well": "yes"}, {}, ())
    found = checks.judge(looking, hidden, outside)
    assert [finding.rule for finding in found] == ["required", "hidden"]


def test_a_finding_names_its_bounds_its_value_and_the_protocols_words() -> None:
    found = {finding.rule: finding for finding in judged({**GOOD, "weight": "29", "steps": "60000"})}
    assert found["light"].say == {"en": "Light for somebody well.", "zh-hans": "体重偏低。"}
    assert found["light"].value == "29"
    soft = [finding for finding in judged({**GOOD, "weight": "29"}) if finding.rule == "soft_range"]
    assert soft[0].details == {"low": "30", "high": "200"}
    assert judged({**GOOD, "steps": "60000"})[0].details == {"low": "", "high": "50000"}


def test_a_refused_choice_names_the_allowed_ones() -> None:
    reading = read({"symptoms": ["z", "a"]})
    assert reading.findings[0].details == {"allowed": "a, b, c"}
    assert reading.findings[0].value == "z; a"


@pytest.mark.shows("SCH-01")
@pytest.mark.parametrize(
    ("seen_on", "found"),
    [
        ("2024-03-18", []),
        ("2024-04-15", []),
        ("2024-04-16", ["window"]),
        ("2024-03-17", ["window"]),
        ("", []),
    ],
)
def test_a_visit_outside_its_window_is_unusual(seen_on: str, found: list[str]) -> None:
    window = Window("m03", date(2024, 4, 1), date(2024, 3, 18), date(2024, 4, 15))
    reading = read({**GOOD, "seen_on": seen_on})
    findings = checks.judge(FORM, reading, outside, expected=("seen_on", window))
    assert [finding.rule for finding in findings] == found
    assert all(finding.level is CheckLevel.SOFT and finding.item == "seen_on" for finding in findings)
