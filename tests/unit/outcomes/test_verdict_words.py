"""Verdicts in words: every margin and every flag stands in the sentence."""

from typing import Any

import pytest

from outcomes.estimate import Reason
from outcomes.noninferiority import Caution, Conclusion, Flag
from outcomes.wording import (
    caution_sentence,
    conclusion_name,
    failure_sentences,
    flag_name,
    reason_sentence,
    verdict_sentence,
    verdicts_sentence,
)


def verdict(margin: float, conclusion: str, *flags: str) -> dict[str, Any]:
    return {"margin": margin, "conclusion": conclusion, "flags": list(flags)}


def test_different_verdicts_at_two_margins_are_both_said() -> None:
    said = verdicts_sentence([verdict(0.1, "non-inferior"), verdict(0.05, "inconclusive")])
    assert said == (
        "non-inferior at a margin of 10 points (without a per-protocol analysis); "
        "inconclusive at a margin of 5 points"
    )


def test_the_same_verdict_at_two_margins_is_said_once() -> None:
    said = verdicts_sentence([verdict(0.1, "superior"), verdict(0.05, "superior")])
    assert said == "superior at margins of 10 and 5 points"


def test_a_flag_stands_in_the_sentence_and_keeps_margins_apart() -> None:
    said = verdicts_sentence(
        [verdict(0.1, "non-inferior", "statistically-worse"), verdict(0.05, "non-inferior")]
    )
    assert said == (
        "non-inferior at a margin of 10 points (statistically worse, without a per-protocol analysis); "
        "non-inferior at a margin of 5 points (without a per-protocol analysis)"
    )


@pytest.mark.parametrize(("margin", "points"), [(0.1, "10"), (0.07, "7"), (0.125, "12.5"), (0.29, "29")])
def test_margins_are_whole_points_where_they_are(margin: float, points: str) -> None:
    assert verdict_sentence(verdict(margin, "inferior")) == f"inferior at a margin of {points} points"


def test_everything_an_estimator_may_say_has_words() -> None:
    words = [conclusion_name(each) for each in Conclusion]
    words += [flag_name(each) for each in Flag]
    words += [caution_sentence(each, "Obs") for each in Caution]
    words += [reason_sentence(each) for each in Reason]
    assert all(words)
    assert len(set(words)) == len(words)


def test_a_failure_says_what_to_do() -> None:
    what, remedy = failure_sentences("The column 'time' is missing.")
    assert what == "The column 'time' is missing."
    assert "freeze a new snapshot" in remedy
    assert failure_sentences("lost")[0] != "lost"
