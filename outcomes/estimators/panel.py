"""Rules room of floor 3: everything the protocol declares about one endpoint, estimated from one frame."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from outcomes import noninferiority
from outcomes.estimate import (
    CumulativeIncidenceCurve,
    DifferenceMethod,
    IntervalScale,
    NotEstimable,
    Reason,
    SurvivalCurve,
    proportion_interval,
)
from outcomes.estimators import competing, survival
from outcomes.estimators.frames import COMPETING_EVENTS, validated
from trial.protocol.endpoints import Comparison, Endpoint, EndpointPlan
from trial.protocol.vocabulary import DAYS_PER_MONTH

YEAR = 365.25


def estimate(
    frame: pd.DataFrame,
    *,
    endpoint: Endpoint,
    plan: EndpointPlan,
    arms: Sequence[str],
    completions: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> dict[str, Any]:
    """All declared estimates of one endpoint as JSON-able values, in the arms that it describes.

    `frame` has one row a participant: `arm`, `time` (days), `event` (0, 1, 2), and `imputed` where a date was. Survival
    estimates and log-rank take event 1 against the rest; `incidence` is there when the endpoint has competing events;
    verdicts are there for the primary endpoint only. An endpoint of one arm is compared with nothing. `pending` counts
    the events by arm that wait for adjudication, None when none is declared. `completions` are frames of the same
    participants with imputed dates completed otherwise, by the name of the way: each comparison is made on them again.
    Raises EstimationError for data that do not fit.
    """
    declared = plan.analysis
    described = [arm for arm in arms if not endpoint.arms or arm in endpoint.arms]
    pairs = plan.compared(endpoint)
    checked, single, curves = _curves(frame, described, plan)
    times = [float(months * DAYS_PER_MONTH) for months in declared.landmarks_months]
    primary = endpoint.id == declared.primary
    found: dict[str, Any] = {
        "endpoint": endpoint.id,
        "primary": primary,
        "horizon_days": float(plan.horizon_days),
        "arms": described,
        "curves": [curve.as_dict() for curve in curves],
        "landmarks": [[_landmark(curve, at) for at in times] for curve in curves],
        "medians": [survival.quantile(curve).as_dict() for curve in curves],
        "log_rank": _log_rank(single, described),
        "comparisons": [_comparison(single, pair, curves, plan, primary=primary) for pair in pairs],
        "pending": {curve.arm: curve.events for curve in curves} if endpoint.adjudicated else None,
        "imputed": _imputed(frame, described),
    }
    found["completions"] = {
        how: _again(other, pairs, described, plan, primary=primary) for how, other in completions.items()
    }
    if endpoint.competing:
        found["incidence"] = _incidence(checked, described, plan, times, pairs)
    return found


def _curves(
    frame: pd.DataFrame, arms: Sequence[str], plan: EndpointPlan
) -> tuple[pd.DataFrame, pd.DataFrame, Sequence[SurvivalCurve]]:
    """The frame validated, the same with event 1 against the rest, and the survival curves of that."""
    checked = validated(frame, arms=arms, events=COMPETING_EVENTS)
    single = checked.assign(event=(checked["event"] == 1).astype(int))
    scale, level = IntervalScale(plan.analysis.km_interval.value), float(plan.analysis.confidence)
    curves = survival.curves(single, arms=arms, scale=scale, level=level, table_at=_years(checked))
    return checked, single, curves


def _again(
    frame: pd.DataFrame,
    pairs: Sequence[Comparison],
    arms: Sequence[str],
    plan: EndpointPlan,
    *,
    primary: bool,
) -> list[dict[str, Any]]:
    """Difference and verdicts of each comparison on another frame."""
    _checked, single, curves = _curves(frame, arms, plan)
    compared = [_comparison(single, pair, curves, plan, primary=primary)["non_inferiority"] for pair in pairs]
    return [{"difference": each["difference"], "verdicts": each["verdicts"]} for each in compared]


def _log_rank(single: pd.DataFrame, arms: Sequence[str]) -> dict[str, Any]:
    if len(arms) < 2:
        return NotEstimable(Reason.NO_COMPARISON).as_dict()
    return survival.log_rank(single, arms=arms).as_dict()


def _imputed(frame: pd.DataFrame, arms: Sequence[str]) -> dict[str, int]:
    """How many times rest on a date of which a part was imputed, by arm."""
    rows = frame[frame["imputed"]] if "imputed" in frame.columns else frame.iloc[:0]
    return {arm: int((rows["arm"] == arm).sum()) for arm in arms}


def _landmark(curve: SurvivalCurve, at: float) -> dict[str, Any]:
    """The curve at one time, with its interval on every scale beside the declared one."""
    point = survival.landmark(curve, at=at)
    scales: dict[str, Any] = {}
    if isinstance(point.survival, float) and isinstance(point.se, float):
        for scale in IntervalScale:
            limits = proportion_interval(point.survival, point.se, scale=scale, level=curve.level)
            scales[scale.value] = limits.as_dict()
    return {**point.as_dict(), "scales": scales}


def _comparison(
    single: pd.DataFrame,
    pair: Comparison,
    curves: Sequence[SurvivalCurve],
    plan: EndpointPlan,
    *,
    primary: bool,
) -> dict[str, Any]:
    declared, horizon = plan.analysis, float(plan.horizon_days)
    by_arm = {curve.arm: survival.landmark(curve, at=horizon) for curve in curves}
    both = [pair.control, pair.experimental]
    verdict = noninferiority.compare(
        by_arm[pair.experimental],
        by_arm[pair.control],
        margins=[float(points) / 100 for points in declared.margins] if primary else [],
        alpha=float(declared.alpha),
        method=DifferenceMethod(declared.ci.value),
        min_at_risk=declared.min_at_risk,
    )
    return {
        "experimental": pair.experimental,
        "control": pair.control,
        "non_inferiority": verdict.as_dict(),
        "log_rank": survival.log_rank(single[single["arm"].isin(both)], arms=both).as_dict(),
    }


def _incidence(
    frame: pd.DataFrame,
    arms: Sequence[str],
    plan: EndpointPlan,
    times: Sequence[float],
    pairs: Sequence[Comparison],
) -> dict[str, Any]:
    level, horizon = float(plan.analysis.confidence), float(plan.horizon_days)
    curves = competing.curves(frame, arms=arms, level=level)
    at_horizon = {curve.arm: competing.incidence(curve, at=horizon) for curve in curves}
    return {
        "curves": [_banded(curve) for curve in curves],
        "landmarks": [[competing.incidence(curve, at=at).as_dict() for at in times] for curve in curves],
        "differences": [
            competing.difference(
                at_horizon[pair.experimental], at_horizon[pair.control], level=level
            ).as_dict()
            for pair in pairs
        ],
    }


def _banded(curve: CumulativeIncidenceCurve) -> dict[str, Any]:
    """The curve with its log-log limits at each step, None before the first event and where everybody has had it."""
    limits = [
        proportion_interval(value, se, scale=IntervalScale.LOGLOG, level=curve.level)
        if 0 < value < 1 and se
        else None
        for value, se in zip(curve.incidence, curve.se_aalen, strict=True)
    ]
    lower = [each.lower if each else None for each in limits]
    return {**curve.as_dict(), "lower": lower, "upper": [each.upper if each else None for each in limits]}


def _years(frame: pd.DataFrame) -> list[float]:
    last = 0.0 if frame.empty else float(frame["time"].max())
    return [YEAR * year for year in range(int(last // YEAR) + 1)]
