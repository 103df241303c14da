"""Cumulative incidence at the edges."""

import json
import math

import pandas as pd
import pytest

from outcomes.estimate import CumulativeIncidenceCurve, EstimationError, Interval, NotEstimable, Reason
from outcomes.estimators import competing


def curve_of(*pairs: tuple[float, int], cause: int = 1) -> CumulativeIncidenceCurve:
    rows = pd.DataFrame([("A", *pair) for pair in pairs], columns=["arm", "time", "event"])
    (curve,) = competing.curves(rows, arms=("A",), cause=cause)
    return curve


def why(reason: Reason) -> NotEstimable:
    return NotEstimable(reason, "A")


def test_an_arm_without_participants_is_not_estimable() -> None:
    curve = curve_of()
    point = competing.incidence(curve, at=1)
    assert (curve.n, curve.time) == (0, ())
    assert point.incidence == point.se_aalen == point.se_jackknife == point.interval
    assert point.incidence == why(Reason.NO_PARTICIPANTS)
    assert point.bound == Interval(0, 1, 0.95)


def test_without_censoring_it_is_a_share() -> None:
    curve = curve_of((1, 1), (2, 2), (3, 1), (4, 2), (5, 0))
    point = competing.incidence(curve, at=4)
    assert point.incidence == pytest.approx(2 / 5)
    assert point.se_jackknife == pytest.approx(math.sqrt(0.4 * 0.6 / 5))
    assert (point.at_risk, point.events, point.competing, point.censored) == (2, 2, 2, 0)


def test_a_competing_event_takes_people_away_from_the_cause() -> None:
    curve = curve_of((1, 2), (2, 0), (3, 1), (4, 0))
    assert competing.incidence(curve, at=3).incidence == pytest.approx(0.75 * 0.5)


def test_the_other_cause_is_described_when_asked_for() -> None:
    pairs = [(1.0, 1), (2.0, 2), (3.0, 0), (4.0, 2)]
    exchanged = [(time, {0: 0, 1: 2, 2: 1}[event]) for time, event in pairs]
    first, second = curve_of(*pairs, cause=2), curve_of(*exchanged, cause=1)
    assert first.incidence == second.incidence
    assert first.se_aalen == second.se_aalen


def test_ties_of_both_causes_share_the_day() -> None:
    curve = curve_of((2, 1), (2, 2), (2, 0), (5, 0))
    assert curve.time == (0.0, 2.0, 5.0)
    assert curve.incidence == pytest.approx((0, 0.25, 0.25))
    assert curve.survival == pytest.approx((1, 0.5, 0.5))
    assert (curve.events, curve.competing, curve.censored) == ((0, 1, 0), (0, 1, 0), (0, 1, 1))


def test_no_event_of_the_cause_leaves_an_exact_bound_only() -> None:
    point = competing.incidence(curve_of((1, 2), *[(5, 0)] * 9), at=3)
    assert point.incidence == 0
    assert point.se_aalen == point.se_jackknife == point.interval == why(Reason.NO_EVENT)
    assert (point.bound.lower, point.bound.upper) == (0, pytest.approx(1 - 0.025**0.1))


def test_everybody_with_the_event_leaves_an_exact_bound_only() -> None:
    point = competing.incidence(curve_of(*[(time, 1) for time in range(1, 11)]), at=99)
    assert point.incidence == 1
    assert point.se_aalen == point.se_jackknife == point.interval == why(Reason.NOBODY_EVENT_FREE)
    assert (point.bound.lower, point.bound.upper) == (pytest.approx(0.025**0.1), 1)


def test_one_participant_with_the_event() -> None:
    assert competing.incidence(curve_of((3, 1)), at=3).incidence == 1


def test_one_participant_with_the_competing_event() -> None:
    point = competing.incidence(curve_of((3, 2)), at=3)
    assert (point.incidence, point.se_aalen) == (0, why(Reason.NO_EVENT))


def test_when_everybody_had_one_event_or_the_other_the_incidence_stays() -> None:
    curve = curve_of((1, 1), (2, 2), (3, 1), (4, 2))
    for at in (4, 400):
        point = competing.incidence(curve, at=at)
        assert point.incidence == pytest.approx(0.5)
        assert point.se_jackknife == pytest.approx(0.25)
        assert point.interval.lower < 0.5 < point.interval.upper


def test_nothing_is_read_beyond_the_last_censoring() -> None:
    curve = curve_of((1, 1), (5, 0))
    assert competing.incidence(curve, at=5).incidence == pytest.approx(0.5)
    point = competing.incidence(curve, at=6)
    assert point.incidence == point.se_aalen == point.interval == why(Reason.FOLLOW_UP_TOO_SHORT)


def test_the_bound_counts_those_censored_before_either_way() -> None:
    point = competing.incidence(curve_of((1, 0), (2, 1), (2, 1), (2, 1), *[(9, 0)] * 6), at=5)
    assert point.bound.lower == pytest.approx(0.0667, abs=5e-5)
    assert point.bound.upper == pytest.approx(0.7376, abs=5e-5)


def test_an_event_on_day_zero_counts_at_once() -> None:
    assert competing.incidence(curve_of((0, 1), (1, 0)), at=0).incidence == 0.5


@pytest.mark.parametrize("cause", [0, 3])
def test_an_impossible_cause_is_refused(cause: int) -> None:
    with pytest.raises(EstimationError, match="not a cause"):
        curve_of((1, 1), cause=cause)


def test_an_impossible_time_is_refused() -> None:
    with pytest.raises(EstimationError, match="cannot be read"):
        competing.incidence(curve_of((1, 1)), at=-1)


def test_a_difference_passes_on_why_an_arm_is_not_estimable() -> None:
    good = competing.incidence(curve_of((1, 1), (5, 0)), at=3)
    no_event = competing.incidence(curve_of((1, 2), (5, 0)), at=3)
    too_short = competing.incidence(curve_of((1, 1), (2, 0)), at=3)
    assert competing.difference(no_event, good) == why(Reason.NO_EVENT)
    assert competing.difference(good, too_short) == why(Reason.FOLLOW_UP_TOO_SHORT)


def test_a_difference_of_unlike_points_is_refused() -> None:
    first = competing.incidence(curve_of((1, 1), (5, 0)), at=3)
    with pytest.raises(EstimationError, match="different times or causes"):
        competing.difference(first, competing.incidence(curve_of((1, 1), (5, 0)), at=4))
    with pytest.raises(EstimationError, match="different times or causes"):
        competing.difference(first, competing.incidence(curve_of((1, 2), (5, 0), cause=2), at=3))


def test_a_curve_and_its_readings_can_be_written_as_json() -> None:
    curve = curve_of((1, 1), (2, 2), (5, 0))
    whole = [curve.as_dict(), *(competing.incidence(curve, at=at).as_dict() for at in (0, 2, 9))]
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
