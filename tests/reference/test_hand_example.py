"""Ten and ten participants, worked by hand."""

import pandas as pd
import pytest

from outcomes.estimate import LogRank, NotEstimable, Reason, SurvivalCurve
from outcomes.estimators import survival

TIMES = {
    "A": "6 13 21 30 31+ 37 38+ 47+ 49 50",
    "B": "10 19 32 42 42 43 126 130 132+ 148+",
}
ARMS = ("A", "B")


@pytest.fixture
def rows() -> pd.DataFrame:
    parsed = [
        (arm, int(text.rstrip("+")), int(not text.endswith("+")))
        for arm, times in TIMES.items()
        for text in times.split()
    ]
    return pd.DataFrame(parsed, columns=["arm", "time", "event"])


@pytest.fixture
def curves(rows: pd.DataFrame) -> tuple[SurvivalCurve, ...]:
    return survival.curves(rows, arms=ARMS)


def test_survival_and_se_at_36(curves: tuple[SurvivalCurve, ...]) -> None:
    first, second = (survival.landmark(curve, at=36) for curve in curves)
    assert (first.survival, second.survival) == (pytest.approx(0.6), pytest.approx(0.7))
    assert (f"{first.se:.8f}", f"{second.se:.8f}") == ("0.15491933", "0.14491377")
    assert (first.at_risk, first.events, first.censored) == (5, 4, 1)


def test_survival_is_zero_at_50_and_its_standard_error_undefined(curves: tuple[SurvivalCurve, ...]) -> None:
    for at in (50, 51, 1000):
        point = survival.landmark(curves[0], at=at)
        assert point.survival == 0
        assert point.se == point.interval == NotEstimable(Reason.NOBODY_EVENT_FREE, "A")
    assert curves[0].steps.se[-1] is None


def test_nothing_is_read_beyond_the_last_censoring(curves: tuple[SurvivalCurve, ...]) -> None:
    assert survival.landmark(curves[1], at=148).survival == pytest.approx(0.2)
    beyond = survival.landmark(curves[1], at=148.5)
    assert beyond.survival == beyond.se == beyond.interval == NotEstimable(Reason.FOLLOW_UP_TOO_SHORT, "B")


def test_median_of_b_is_the_middle_of_the_plateau_at_one_half(curves: tuple[SurvivalCurve, ...]) -> None:
    assert survival.quantile(curves[1]).time == 42.5


def test_log_rank(rows: pd.DataFrame) -> None:
    found = survival.log_rank(rows, arms=ARMS)
    assert isinstance(found, LogRank)
    assert f"{found.chi_square:.6f}" == "1.067213"
