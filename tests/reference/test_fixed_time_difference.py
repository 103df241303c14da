"""Differences of Kaplan-Meier estimates and their non-inferiority tests equal the reference, pair by pair."""

import math
from typing import Any

import pytest

from outcomes.estimate import Difference, DifferenceMethod, SurvivalPoint
from outcomes.estimators import survival
from outcomes.noninferiority import Conclusion, compare, difference, margin_test
from tests.reference.colon import ENDPOINTS, EXPECTED, PAIRS, arms_of, close, frame

CASES = [
    (pair, endpoint, index)
    for pair in PAIRS
    for endpoint in ENDPOINTS
    for index in range(len(EXPECTED[pair][endpoint]["fixed_time_ni"]))
]
WALD, MOVER = DifferenceMethod.WALD, DifferenceMethod.MOVER_LOGLOG


def points(pair: str, endpoint: str, at: float) -> tuple[SurvivalPoint, SurvivalPoint]:
    """The experimental and the control arm's point."""
    arms = arms_of(pair)
    control, experimental = survival.curves(frame(endpoint, arms), arms=arms)
    return survival.landmark(experimental, at=at), survival.landmark(control, at=at)


def limits(found: Difference) -> list[float]:
    return [found.interval.lower, found.interval.upper]


def expected_of(pair: str, endpoint: str, index: int) -> dict[str, Any]:
    return dict(EXPECTED[pair][endpoint]["fixed_time_ni"][index])


@pytest.mark.parametrize(("pair", "endpoint", "index"), CASES)
def test_difference_with_wald_and_mover_intervals(pair: str, endpoint: str, index: int) -> None:
    expected = expected_of(pair, endpoint, index)
    experimental, control = points(pair, endpoint, expected["t"])
    assert (experimental.survival, control.survival) == (close(expected["s_exp"]), close(expected["s_ctl"]))
    for method, level, key in (
        (WALD, 0.95, "ci95"),
        (WALD, 0.90, "ci90"),
        (MOVER, 0.95, "ci95_mover_loglog"),
    ):
        found = difference(experimental, control, method=method, level=level)
        assert found.difference == close(expected["diff"])
        assert found.se == close(expected["se"])
        assert limits(found) == close(expected[key])


@pytest.mark.parametrize(("pair", "endpoint", "index"), CASES)
def test_noninferiority_at_every_margin(pair: str, endpoint: str, index: int) -> None:
    expected = expected_of(pair, endpoint, index)
    margins = [row["margin"] for row in expected["ni"]]
    assert margins == [0.05, 0.08, 0.1]
    experimental, control = points(pair, endpoint, expected["t"])
    result = compare(experimental, control, margins=margins, alpha=0.025, method=WALD)
    assert result.sensitivity.method is MOVER
    assert limits(result.sensitivity) == close(expected["ci95_mover_loglog"])
    for verdict, row in zip(result.verdicts, expected["ni"], strict=True):
        assert verdict.test.z == close(row["z"])
        assert verdict.test.p == close(row["p_1s"])
        assert result.difference.interval.lower == close(row["lower_1s_975"])
        noninferior = verdict.conclusion in (Conclusion.NON_INFERIOR, Conclusion.SUPERIOR)
        assert noninferior is row["noninferior_0.025"]
        assert (verdict.conclusion is Conclusion.SUPERIOR) is (expected["z_sup"] > 1.959963984540054)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("pair", PAIRS)
def test_hazard_ratio_margin_statistic(pair: str, endpoint: str) -> None:
    cox = EXPECTED[pair][endpoint]["cox"]["efron"]
    for row in EXPECTED[pair][endpoint]["hr_ni"]:
        found = margin_test(-cox["coef"], cox["se"], margin=math.log(row["hr_margin"]))
        assert found.z == close(row["z"])
        assert found.p == close(row["p_1s"])
