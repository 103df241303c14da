"""Kaplan-Meier curves of the colon trial equal R's `survfit`, at every landmark and in every risk table."""

from typing import Any

import pytest

from outcomes.estimate import IntervalScale, NotEstimable, Reason, SurvivalCurve
from outcomes.estimators import survival
from tests.reference.colon import ENDPOINTS, EXPECTED, PAIRS, arms_of, close, frame

CASES = [(pair, endpoint) for pair in PAIRS for endpoint in ENDPOINTS]
SCALES = tuple(IntervalScale)


def curves_of(pair: str, endpoint: str, scale: IntervalScale) -> tuple[SurvivalCurve, ...]:
    arms = arms_of(pair)
    return survival.curves(frame(endpoint, arms), arms=arms, scale=scale)


def assert_same_landmarks(curve: SurvivalCurve, rows: list[dict[str, Any]]) -> None:
    assert len(rows) == 4
    for row in rows:
        point = survival.landmark(curve, at=row["t"])
        counts = (point.at_risk, point.events, point.censored)
        assert counts == (row["n_risk"], row["n_event_cum"], row["n_censor_cum"])
        assert point.survival == close(row["surv"])
        assert point.se == close(row["se_greenwood"])
        assert [point.interval.lower, point.interval.upper] == close(row[f"ci_{curve.scale}"])
        assert point.bound.lower < point.survival < point.bound.upper


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("pair", "endpoint"), CASES)
def test_survival_se_interval_and_numbers_at_each_landmark(
    pair: str, endpoint: str, scale: IntervalScale
) -> None:
    expected = EXPECTED[pair][endpoint]["km"]
    for curve, arm in zip(curves_of(pair, endpoint, scale), expected, strict=True):
        assert (curve.arm, curve.n, curve.events) == (arm["arm"], arm["n"], arm["events"])
        assert_same_landmarks(curve, arm["at"])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("pair", "endpoint"), CASES)
def test_pooled_curve_at_each_landmark(pair: str, endpoint: str, scale: IntervalScale) -> None:
    arms = arms_of(pair)
    curve = survival.pooled_curve(frame(endpoint, arms), arms=arms, scale=scale)
    expected = EXPECTED[pair][endpoint]
    assert (curve.arm, curve.n, curve.events) == (None, expected["n"], expected["events"])
    assert_same_landmarks(curve, expected["km_pooled"])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("pair", "endpoint"), CASES)
def test_quartiles_and_their_limits(pair: str, endpoint: str, scale: IntervalScale) -> None:
    for curve, arm in zip(curves_of(pair, endpoint, scale), EXPECTED[pair][endpoint]["km"], strict=True):
        expected = arm["quantiles"][scale]
        for index, probability in enumerate(expected["p"]):
            found = survival.quantile(curve, probability=probability)
            time = expected["q"][index]
            not_reached = NotEstimable(Reason.NOT_REACHED, curve.arm)
            assert found.time == (not_reached if time is None else time)
            assert (found.lower, found.upper) == (expected["lower"][index], expected["upper"][index])


@pytest.mark.parametrize(("pair", "endpoint"), CASES)
def test_risk_table_by_year(pair: str, endpoint: str) -> None:
    arms = arms_of(pair)
    rows = frame(endpoint, arms)
    for expected in EXPECTED[pair][endpoint]["risk_table"]:
        (curve,) = survival.curves(
            rows[rows["arm"] == expected["arm"]], arms=(expected["arm"],), table_at=expected["t"]
        )
        table = curve.risk_table
        assert list(table.at) == expected["t"]
        assert list(table.at_risk) == expected["n_risk"]
        assert list(table.events) == expected["cum_event"]
        assert list(table.censored) == expected["cum_censor"]


@pytest.mark.parametrize("scale", [IntervalScale.LOG, IntervalScale.LOGLOG])
@pytest.mark.parametrize(("pair", "endpoint"), CASES)
def test_median_follow_up_by_reverse_kaplan_meier(pair: str, endpoint: str, scale: IntervalScale) -> None:
    arms = arms_of(pair)
    rows = frame(endpoint, arms)
    reverse = rows.assign(event=1 - rows["event"])
    control, experimental = survival.curves(reverse, arms=arms, scale=scale)
    pooled = survival.pooled_curve(reverse, arms=arms, scale=scale)
    follow_up = EXPECTED[pair][endpoint]["followup"]
    for curve, key in ((control, "ctl"), (experimental, "exp"), (pooled, "pooled")):
        expected = follow_up[key]["reverseKM"]
        median = survival.quantile(curve)
        assert median.time == expected["median"]
        assert (median.lower, median.upper) == (expected[f"lower_{scale}"], expected[f"upper_{scale}"])
