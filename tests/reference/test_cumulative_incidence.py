"""Cumulative incidences equal R's `cmprsk` (Aalen's SE) and `survfit` (infinitesimal jackknife)."""

from typing import Any

import pytest

from outcomes.estimate import CumulativeIncidenceCurve, NotEstimable, Reason
from outcomes.estimators import competing
from tests.reference.colon import EXPECTED, PAIRS, arms_of, close, frame

CAUSES = (1, 2)


def assert_same(curve: CumulativeIncidenceCurve, rows: list[dict[str, Any]]) -> None:
    assert len(rows) == 4
    for row in rows:
        assert row["cause"] == curve.cause
        point = competing.incidence(curve, at=row["t"])
        assert point.incidence == close(row["cif_cmprsk"])
        assert point.incidence == close(row["cif"])
        if row["cif"] == 0:
            no_event = NotEstimable(Reason.NO_EVENT, curve.arm)
            assert point.se_aalen == point.se_jackknife == point.interval == no_event
            continue
        assert point.se_aalen == close(row["se_cmprsk_aalen"])
        assert point.se_jackknife == close(row["se_survfit_IJ"])
        assert [point.interval.lower, point.interval.upper] == close(row["ci_cmprsk_loglog"])


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("pair", PAIRS)
def test_incidence_standard_errors_and_interval_by_arm(pair: str, cause: int) -> None:
    arms = arms_of(pair)
    curves = competing.curves(frame("competing", arms), arms=arms, cause=cause)
    counts = EXPECTED[pair]["competing"]["counts"]
    for curve, expected, count in zip(curves, EXPECTED[pair]["competing"]["per_arm"], counts, strict=True):
        assert curve.arm == expected["arm"]
        assert sum(curve.events) == count[str(cause)]
        assert sum(curve.competing) == count[str(3 - cause)]
        assert sum(curve.censored) == count["0"]
        assert_same(curve, expected["cif"][cause - 1])


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("pair", PAIRS)
def test_incidence_of_both_arms_pooled(pair: str, cause: int) -> None:
    arms = arms_of(pair)
    curve = competing.pooled_curve(frame("competing", arms), arms=arms, cause=cause)
    assert_same(curve, EXPECTED[pair]["competing"]["pooled"][cause - 1])


@pytest.mark.parametrize("pair", PAIRS)
def test_difference_of_incidences_with_its_interval(pair: str) -> None:
    arms = arms_of(pair)
    rows = frame("competing", arms)
    for expected in EXPECTED[pair]["competing"]["cif_diff"]:
        control, experimental = (
            competing.incidence(curve, at=expected["t"])
            for curve in competing.curves(rows, arms=arms, cause=expected["cause"])
        )
        found = competing.difference(experimental, control)
        assert found.difference == close(expected["diff"])
        assert found.se == close(expected["se"])
        assert [found.interval.lower, found.interval.upper] == close(expected["ci95"])
