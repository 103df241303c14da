"""Verdicts in words: every margin and every flag stands in the sentence."""

from typing import Any

import pytest

from outcomes.estimate import Reason
from outcomes.noninferiority import Caution, Conclusion, Flag
from outcomes.wording import (
    caution_sentence,
    conclusion_name,
    conclusion_words,
    failure_sentences,
    flag_name,
    reason_sentence,
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
    assert verdicts_sentence([verdict(margin, "inferior")]) == f"inferior at a margin of {points} points"


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


def joined(own: str, other: str | None, *flags: str) -> str:
    beside = [verdict(0.1, other, *flags)] if other else None
    return verdicts_sentence([verdict(0.1, own)], beside, population="ITT")


@pytest.mark.shows("NI-02")
def test_the_per_protocol_population_stands_in_the_same_sentence() -> None:
    assert joined("non-inferior", "non-inferior") == (
        "non-inferior at a margin of 10 points in ITT, supported per protocol"
    )
    assert joined("non-inferior", "superior").endswith("in ITT, supported per protocol")
    assert joined("non-inferior", "inconclusive") == (
        "non-inferior at a margin of 10 points in ITT, not supported per protocol (inconclusive)"
    )
    assert joined("non-inferior", "not-estimable").endswith("not supported per protocol (not estimable)")
    assert joined("superior", "inconclusive").endswith("in ITT, not supported per protocol (inconclusive)")
    assert joined("superior", "not-estimable").endswith("in ITT, not supported per protocol (not estimable)")
    assert joined("inconclusive", "non-inferior") == (
        "inconclusive at a margin of 10 points in ITT, non-inferior per protocol"
    )


@pytest.mark.shows("NI-02")
def test_flags_of_both_populations_are_said() -> None:
    own = [verdict(0.1, "non-inferior", "statistically-worse")]
    said = verdicts_sentence(own, [verdict(0.1, "inferior", "beyond-the-margin")], population="ITT")
    assert said == (
        "non-inferior at a margin of 10 points in ITT (statistically worse), "
        "not supported per protocol (inferior, beyond the margin)"
    )
    assert joined("non-inferior", "non-inferior", "statistically-worse").endswith(
        "supported per protocol (statistically worse)"
    )


@pytest.mark.shows("NI-02")
def test_margins_share_the_words_only_where_both_populations_agree() -> None:
    own = [verdict(0.1, "non-inferior"), verdict(0.05, "non-inferior")]
    alike = verdicts_sentence(own, own, population="ITT")
    assert alike == "non-inferior at margins of 10 and 5 points in ITT, supported per protocol"
    other = [verdict(0.1, "non-inferior"), verdict(0.05, "inconclusive")]
    assert verdicts_sentence(own, other, population="ITT").count(";") == 1


@pytest.mark.shows("NI-02")
def test_non_inferior_without_per_protocol_is_never_plain() -> None:
    alone = verdict(0.1, "non-inferior")
    assert conclusion_words(alone, None) == "non-inferior, without a per-protocol analysis"
    assert "without a per-protocol analysis" in verdicts_sentence([alone])
    for other in Conclusion:
        words = conclusion_words(alone, verdict(0.1, other))
        assert words != "non-inferior"
        assert "supported per protocol" in words
    supported = {
        other for other in Conclusion if "not supported" not in conclusion_words(alone, verdict(0.1, other))
    }
    assert supported == {Conclusion.NON_INFERIOR, Conclusion.SUPERIOR}


@pytest.mark.shows("NI-02")
def test_superior_is_never_plain_where_a_per_protocol_population_is_declared() -> None:
    alone = verdict(0.1, "superior")
    said = verdicts_sentence([alone], population="ITT", declared=True)
    assert said == "superior at a margin of 10 points (without a per-protocol analysis)"
    assert conclusion_words(alone, None, declared=True) == "superior, without a per-protocol analysis"
    assert verdicts_sentence([alone]) == "superior at a margin of 10 points"
    for other in Conclusion:
        assert "supported per protocol" in conclusion_words(alone, verdict(0.1, other), declared=True)
        assert "supported per protocol" in joined("superior", other)


@pytest.mark.shows("NI-02")
def test_superior_beside_non_inferior_is_supported_in_part() -> None:
    words = "superiority not supported, non-inferiority supported per protocol"
    assert joined("superior", "non-inferior") == f"superior at a margin of 10 points in ITT, {words}"
    assert joined("superior", "non-inferior", "statistically-worse").endswith(
        f"{words} (statistically worse)"
    )
    assert conclusion_words(verdict(0.1, "superior"), verdict(0.1, "non-inferior")) == f"superior, {words}"
    assert words not in joined("non-inferior", "non-inferior")


def test_what_claims_nothing_needs_no_support() -> None:
    for own in (Conclusion.INFERIOR, Conclusion.INCONCLUSIVE, Conclusion.NOT_ESTIMABLE):
        assert conclusion_words(verdict(0.1, own), verdict(0.1, "superior")) == conclusion_name(own)
    assert conclusion_words(verdict(0.1, "superior"), None) == "superior"
    assert (
        conclusion_words(verdict(0.1, "superior"), verdict(0.1, "superior"))
        == "superior, supported per protocol"
    )
