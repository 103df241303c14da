"""What estimates are as values: JSON, intervals, and arguments that cannot be."""

import json
import math

import pytest

from outcomes.estimate import (
    Estimate,
    EstimationError,
    Interval,
    IntervalScale,
    NotEstimable,
    Quantile,
    Reason,
    normal_quantile,
    proportion_interval,
    wald_interval,
)


def test_as_dict_says_enumerations_tuples_and_nested_estimates_in_json() -> None:
    quantile = Quantile(
        "A", 0.5, NotEstimable(Reason.NOT_REACHED, "A"), 12.0, None, 0.95, IntervalScale.LOGLOG
    )
    expected = {
        "arm": "A",
        "probability": 0.5,
        "time": {"not_estimable": "not-reached", "arm": "A"},
        "lower": 12.0,
        "upper": None,
        "level": 0.95,
        "scale": "loglog",
    }
    assert quantile.as_dict() == expected
    assert json.loads(json.dumps(quantile.as_dict())) == expected


def test_as_dict_refuses_what_json_cannot_say() -> None:
    with pytest.raises(TypeError, match="complex"):
        Interval(0.1, 1j, 0.95).as_dict()  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_as_dict_refuses_numbers_that_are_none(value: float) -> None:
    with pytest.raises(TypeError, match="JSON cannot say"):
        Interval(0.1, value, 0.95).as_dict()


def test_an_estimate_cannot_be_changed() -> None:
    interval: Estimate = Interval(0.1, 0.2, 0.95)
    with pytest.raises(AttributeError):
        interval.lower = 0.0  # type: ignore[attr-defined]


def test_an_error_says_what_and_what_to_do() -> None:
    assert str(EstimationError("Wrong.", remedy="Repair it.")) == "Wrong. Repair it."
    assert str(EstimationError("Wrong.")) == "Wrong."


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(EstimationError, match="confidence level"):
        normal_quantile(level)


def test_the_quantile_of_a_95_percent_interval() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-15)


@pytest.mark.parametrize("scale", [IntervalScale.PLAIN, IntervalScale.LOG])
def test_limits_never_leave_zero_to_one(scale: IntervalScale) -> None:
    assert proportion_interval(0.99, 0.05, scale=scale, level=0.95).upper == 1
    assert proportion_interval(0.01, 0.05, scale=scale, level=0.95).lower >= 0
    assert proportion_interval(0.01, 0.05, scale=IntervalScale.PLAIN, level=0.95).lower == 0


def test_a_wald_interval_is_not_cut() -> None:
    assert wald_interval(0.9, 0.5, level=0.95).upper > 1
