"""Unit tests, floor 0: acts of the audit trail in words, and masked where they tell an arm."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trial.models import Act, Person
from trial.protocol.loader import load
from trial.views import acts
from trial.views.acts import Change

PROTOCOL = load(Path(__file__).parents[3] / "protocols" / "colon-moertel").protocol
AT = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)


def act(**given: Any) -> Act:
    fields = {
        "chain": "colon-moertel",
        "seq": 7,
        "at": AT,
        "actor": Person(name="Anna"),
        "verb": "record.corrected",
        "subject": "baseline.1/baseline.1",
        "site": "01",
        "participant": "01-1",
        "reason": "misread",
    }
    return Act(**{**fields, **given})


def everybody(_act: Act) -> bool:
    return True


def nobody(_act: Act) -> bool:
    return False


def changes(subject: str, **values: Any) -> tuple[Change, ...]:
    return acts.shown(act(subject=subject, changes=values), PROTOCOL, nobody).changes


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("age", {"from": 50, "to": 51}, Change("Age", "50", "51")),
        ("sex", {"from": None, "to": "female"}, Change("Sex", "", "Female")),
        ("node4", {"from": "yes", "to": None}, Change("More than 4 positive lymph nodes?", "Yes", "")),
        (
            "nodes",
            {"from": 5, "to": {"missing": "not_done"}},
            Change("Lymph nodes with detectable cancer", "5", "Not done"),
        ),
        ("gone", {"from": ["a"], "to": ["a", "b"]}, Change("gone", '["a"]', '["a", "b"]')),
        (
            "many_nodes:nodes",
            {"from": None, "to": "counted twice"},
            Change("Lymph nodes with detectable cancer: why it is right", "", "counted twice"),
        ),
        ("whole:", {"from": None, "to": "x"}, Change("Baseline: why it is right", "", "x")),
    ],
)
def test_a_change_of_a_form_is_told_in_its_own_words(item: str, value: Any, expected: Change) -> None:
    assert changes("baseline.1/baseline.1", **{item: value}) == (expected,)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("state", ["enrolled", "withdrawn"], Change("State", "Enrolled", "Withdrawn")),
        ("state", ["open", "closed"], Change("State", "Open", "Closed")),
        ("role", "data_manager", Change("Role", "", "Data manager")),
        ("version", "1", Change("Version", "", "1")),
        ("results", [1, 2, 3], Change("Results", "", "[1, 2, 3]")),
        ("never_heard_of", "7", Change("never_heard_of", "", "7")),
    ],
)
def test_a_change_of_no_form_is_told_in_words_where_there_are_any(
    name: str, value: Any, expected: Change
) -> None:
    assert changes("trial.participant:5", **{name: value}) == (expected,)


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("baseline.1/baseline.1", "Baseline"),
        ("follow_up.3/follow_up.1", "Follow-up contact 3"),
        ("visit.1/dropped.1", "visit.1/dropped.1"),
        ("trial.participant:5", ""),
        ("trial.site:5", "trial.site:5"),
    ],
)
def test_the_subject_is_named_where_it_says_something(subject: str, told: str) -> None:
    assert acts.shown(act(subject=subject), PROTOCOL, nobody).subject == told


def test_an_act_that_tells_an_arm_is_masked_whole() -> None:
    telling = act(shows_arm=True, changes={"treatment": {"from": None, "to": "Lev"}})
    masked = acts.shown(telling, PROTOCOL, nobody)
    assert (masked.hidden, masked.subject, masked.changes, masked.reason) == (True, "", (), "")
    assert not acts.shown(telling, PROTOCOL, everybody).hidden
    assert not acts.shown(act(changes={}), PROTOCOL, nobody).hidden


def test_an_act_about_many_is_masked_for_everybody() -> None:
    assert acts.is_hidden(act(shows_arm=True, participant=""), everybody)


def test_the_download_holds_what_the_reader_may_know() -> None:
    told = act(changes={"age": {"from": None, "to": 50}}, actor=None, refused=True)
    heading, open_row, masked = acts.csv_rows([told, act(shows_arm=True)], nobody)
    assert len(heading) == len(open_row) == len(masked)
    assert dict(zip(heading, open_row, strict=True)) == {
        "seq": "7",
        "at_utc": "2026-11-22T10:42:00+00:00",
        "who": "",
        "verb": "record.corrected",
        "refused": "yes",
        "subject": "baseline.1/baseline.1",
        "site": "01",
        "participant": "01-1",
        "changes": '{"age": {"from": null, "to": 50}}',
        "why": "misread",
        "hidden": "no",
    }
    assert [masked[heading.index(name)] for name in ("subject", "changes", "why", "hidden")] == [
        "",
        "",
        "",
        "yes",
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_free_text_is_no_formula(sign: str) -> None:
    row = list(acts.csv_rows([act(reason=f"{sign}1+1")], everybody))[1]
    assert row[9] == f"'{sign}1+1"
