"""Kaplan-Meier and log-rank at the edges: nobody, one, all censored, all failed, ties, day 0."""

import json
import math

import pandas as pd
import pytest

from outcomes.estimate import (
    EstimationError,
    Interval,
    IntervalScale,
    LogRank,
    NotEstimable,
    Reason,
    SurvivalCurve,
    SurvivalPoint,
    SurvivalSteps,
)
from outcomes.estimators import survival

ARMS = ("A", "B")


def rows(**arms: list[tuple[float, int]]) -> pd.DataFrame:
    """One row for each (time, event) of each arm."""
    flat = [(arm, time, event) for arm, pairs in arms.items() for time, event in pairs]
    return pd.DataFrame(flat, columns=["arm", "time", "event"])


def curve_of(*pairs: tuple[float, int]) -> SurvivalCurve:
    (curve,) = survival.curves(rows(A=list(pairs)), arms=("A",))
    return curve


def read(*pairs: tuple[float, int], at: float) -> SurvivalPoint:
    return survival.landmark(curve_of(*pairs), at=at)


def why(reason: Reason) -> NotEstimable:
    return NotEstimable(reason, "A")


def test_an_arm_without_participants_has_a_curve_without_steps() -> None:
    first, second = survival.curves(rows(B=[(1, 1), (2, 0)]), arms=ARMS, table_at=[0, 1])
    assert (first.n, first.events, first.censored, first.steps) == (0, 0, 0, SurvivalSteps())
    assert first.risk_table.at_risk == (0, 0)
    assert (second.n, second.events, second.censored) == (2, 1, 1)
    point = survival.landmark(first, at=1)
    assert point.survival == point.se == point.interval == why(Reason.NO_PARTICIPANTS)
    assert point.bound == Interval(0.0, 1.0, 0.95)
    assert survival.quantile(first).time == why(Reason.NO_PARTICIPANTS)


def test_an_empty_frame_gives_a_pooled_curve_without_steps() -> None:
    pooled = survival.pooled_curve(rows(), arms=ARMS)
    assert survival.landmark(pooled, at=1).survival == NotEstimable(Reason.NO_PARTICIPANTS, None)


def test_all_censored_keeps_survival_at_one_with_an_exact_bound_only() -> None:
    point = read(*[(5, 0)] * 10, at=5)
    assert (point.survival, point.at_risk, point.events, point.censored) == (1.0, 10, 0, 10)
    assert point.se == point.interval == why(Reason.NO_EVENT)
    assert point.bound.lower == pytest.approx(0.025**0.1)
    assert point.bound.upper == 1


def test_all_censored_is_unknown_after_the_last_censoring() -> None:
    point = read(*[(5, 0)] * 10, at=5.5)
    assert point.survival == point.se == point.interval == why(Reason.FOLLOW_UP_TOO_SHORT)
    assert (point.bound.lower, point.bound.upper) == (0, 1)


def test_an_event_and_a_censoring_on_the_last_day_leave_survival_unknown_after_it() -> None:
    pairs = [(3, 1), (7, 1), (7, 0)]
    assert read(*pairs, at=7).survival == pytest.approx(1 / 3)
    assert read(*pairs, at=8).survival == why(Reason.FOLLOW_UP_TOO_SHORT)


def test_everybody_failed_is_zero_for_ever_without_a_standard_error() -> None:
    for at in (9, 10, 5000):
        point = read(*[(time, 1) for time in range(10)], at=at)
        assert point.survival == 0
        assert point.se == point.interval == why(Reason.NOBODY_EVENT_FREE)
        assert (point.bound.lower, point.bound.upper) == (0, pytest.approx(1 - 0.025**0.1))


def test_one_participant_censored() -> None:
    point = read((4, 0), at=4)
    assert (point.n, point.survival, point.se) == (1, 1.0, why(Reason.NO_EVENT))


def test_one_participant_failed() -> None:
    curve = curve_of((4, 1))
    assert survival.landmark(curve, at=3).survival == 1
    assert survival.landmark(curve, at=4).survival == 0
    assert survival.quantile(curve).time == 4


def test_a_single_event_has_the_binomial_standard_error() -> None:
    point = read((2, 1), (5, 0), (5, 0), (5, 0), at=4)
    assert point.survival == pytest.approx(0.75)
    assert point.se == pytest.approx(math.sqrt(0.75 * 0.25 / 4))
    assert (point.at_risk, point.events, point.censored) == (3, 1, 0)


def test_tied_events_fall_in_one_step_before_the_censorings_of_the_same_day() -> None:
    curve = curve_of((2, 1), (2, 1), (2, 0), (6, 0))
    assert curve.steps.time == (0.0, 2.0, 6.0)
    assert curve.steps.survival == pytest.approx((1, 0.5, 0.5))
    assert curve.steps.at_risk == (4, 4, 1)
    assert curve.steps.events == (0, 2, 0)
    assert curve.steps.censored == (0, 1, 1)
    assert curve.steps.se[:2] == (0, pytest.approx(0.25))


def test_an_event_on_day_zero_counts_at_once() -> None:
    point = read((0, 1), (1, 0), (2, 0), (2, 0), at=0)
    assert (point.survival, point.at_risk, point.events) == (pytest.approx(0.75), 4, 1)


def test_the_band_is_undefined_where_nothing_or_everything_has_happened() -> None:
    steps = curve_of((1, 1), (2, 1)).steps
    assert steps.survival == pytest.approx((1, 0.5, 0))
    assert (steps.lower[0], steps.upper[0], steps.se[0]) == (None, None, 0)
    assert (steps.lower[2], steps.upper[2], steps.se[2]) == (None, None, None)
    assert 0 < steps.lower[1] < 0.5 < steps.upper[1] < 1


def test_the_bound_counts_those_censored_before_as_lost_either_way() -> None:
    point = read((1, 0), (1, 0), (2, 1), *[(9, 0)] * 7, at=5)
    assert point.bound.lower == pytest.approx(0.3475, abs=5e-5)
    assert point.bound.upper == pytest.approx(0.9975, abs=5e-5)


def test_the_bound_knows_that_an_event_on_the_day_is_no_survivor() -> None:
    point = read(*[(5, 1)] * 3, *[(5, 0)] * 7, at=5)
    assert point.at_risk == 10
    assert (point.bound.lower, point.bound.upper) == pytest.approx((0.3475, 0.9333), abs=5e-5)


def test_numbers_at_risk_count_the_day_itself() -> None:
    curve = curve_of((3, 1), (5, 0), (8, 1))
    table = survival.risk_table(curve.steps, at=[0, 3, 3.5, 5, 8, 9])
    assert table.at == (0, 3, 3.5, 5, 8, 9)
    assert table.at_risk == (3, 3, 2, 2, 1, 0)
    assert table.events == (0, 1, 1, 1, 2, 2)
    assert table.censored == (0, 0, 0, 1, 1, 1)


@pytest.mark.parametrize("at", [-1, math.nan, math.inf])
def test_an_impossible_time_is_refused(at: float) -> None:
    with pytest.raises(EstimationError, match="cannot be read"):
        read((1, 1), at=at)


def test_an_impossible_level_is_refused_even_without_participants() -> None:
    with pytest.raises(EstimationError, match="confidence level"):
        survival.curves(rows(), arms=ARMS, level=95)


@pytest.mark.parametrize("probability", [0, 1, 50])
def test_an_impossible_quantile_is_refused(probability: float) -> None:
    with pytest.raises(EstimationError, match="quantile"):
        survival.quantile(curve_of((1, 1)), probability=probability)


def test_a_competing_event_is_refused_in_a_survival_curve() -> None:
    with pytest.raises(EstimationError, match="event"):
        curve_of((1, 2))


def test_the_median_is_the_first_day_below_one_half() -> None:
    assert survival.quantile(curve_of((1, 1), (2, 1), (3, 0))).time == 2


def test_the_median_is_the_middle_of_the_days_at_exactly_one_half() -> None:
    assert survival.quantile(curve_of((1, 1), (2, 1), (7, 1), (9, 1))).time == 4.5


def test_the_middle_reaches_to_the_last_follow_up_when_no_event_follows() -> None:
    assert survival.quantile(curve_of((1, 1), (2, 1), (7, 0), (9, 0))).time == 5.5


def test_the_median_is_not_reached_above_one_half() -> None:
    found = survival.quantile(curve_of((1, 1), (7, 0), (9, 0)))
    assert (found.time, found.upper) == (why(Reason.NOT_REACHED), None)


@pytest.mark.parametrize("scale", list(IntervalScale))
def test_the_scale_asked_for_is_the_scale_given(scale: IntervalScale) -> None:
    (curve,) = survival.curves(rows(A=[(1, 1), (2, 0), (3, 0)]), arms=("A",), scale=scale, level=0.9)
    point = survival.landmark(curve, at=1)
    assert (curve.scale, point.scale, point.interval.level) == (scale, scale, 0.9)
    assert (curve.steps.lower[1], curve.steps.upper[1]) == (point.interval.lower, point.interval.upper)


def test_a_curve_and_what_is_read_from_it_can_be_written_as_json() -> None:
    curve = curve_of((0, 1), (2, 0), (4, 1))
    readings = [survival.landmark(curve, at=at).as_dict() for at in (0, 1, 4, 5)]
    whole = [curve.as_dict(), survival.quantile(curve).as_dict(), *readings]
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_log_rank_of_arms_with_the_same_times_is_zero() -> None:
    same = [(1, 1), (2, 0), (3, 1)]
    found = survival.log_rank(rows(A=same, B=same), arms=ARMS)
    assert isinstance(found, LogRank)
    assert (found.chi_square, found.p) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert found.observed == (2, 2)
    assert found.expected == pytest.approx((2, 2))


def test_log_rank_with_one_event_by_hand() -> None:
    found = survival.log_rank(rows(A=[(1, 1), (5, 0)], B=[(5, 0), (5, 0)]), arms=ARMS)
    assert isinstance(found, LogRank)
    assert found.expected == (0.5, 0.5)
    assert found.chi_square == pytest.approx((1 - 0.5) ** 2 / 0.25)


def test_log_rank_does_not_mind_the_names_of_the_arms() -> None:
    pairs = {"_": [(1.0, 1), (4.0, 1)], "1": [(2.0, 1), (3.0, 0)]}
    named = survival.log_rank(rows(**pairs), arms=("_", "1"))
    plain = survival.log_rank(rows(A=pairs["_"], B=pairs["1"]), arms=ARMS)
    assert isinstance(named, LogRank)
    assert isinstance(plain, LogRank)
    assert named.chi_square == plain.chi_square


@pytest.mark.parametrize(
    ("first", "second", "reason", "arm"),
    [
        ([], [(1, 1)], Reason.NO_PARTICIPANTS, "A"),
        ([(1, 0)], [(2, 0)], Reason.NO_EVENT, None),
        ([(5, 1), (6, 1)], [(4, 0), (4, 0)], Reason.NO_COMPARISON, "B"),
        ([(1, 0), (5, 1)], [(2, 0), (5, 1)], Reason.NO_COMPARISON, None),
    ],
    ids=["nobody in an arm", "no event", "an arm gone before the first event", "the first event takes all"],
)
def test_log_rank_is_not_estimable(
    first: list[tuple[float, int]], second: list[tuple[float, int]], reason: Reason, arm: str | None
) -> None:
    assert survival.log_rank(rows(A=first, B=second), arms=ARMS) == NotEstimable(reason, arm)


def test_log_rank_of_three_arms_is_not_estimable_when_one_is_gone_before_the_first_event() -> None:
    data = rows(A=[(5, 1), (6, 1)], B=[(5, 0), (7, 1)], C=[(1, 0), (2, 0)])
    assert survival.log_rank(data, arms=("A", "B", "C")) == NotEstimable(Reason.NO_COMPARISON, "C")


@pytest.mark.parametrize("arms", [(), ("A",), ("A", "A"), ("A", "B", "A")])
def test_log_rank_needs_two_different_arms(arms: tuple[str, ...]) -> None:
    with pytest.raises(EstimationError, match="two or more"):
        survival.log_rank(rows(A=[(1, 1)]), arms=arms)
