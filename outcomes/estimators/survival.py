"""Rules room of floor 3: Kaplan-Meier curves and log-rank tests, lifelines where it agrees with R.

Curves are right-continuous steps; at risk at t means time ≥ t; censorings leave after events of the same day.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from outcomes.estimate import (
    EstimationError,
    Interval,
    IntervalScale,
    LogRank,
    NotEstimable,
    Quantile,
    Reason,
    RiskTable,
    SurvivalCurve,
    SurvivalPoint,
    SurvivalSteps,
    normal_quantile,
    proportion_interval,
    readable_time,
)
from outcomes.estimators.binomial import exact_bound
from outcomes.estimators.frames import SURVIVAL_EVENTS, validated

# R's: the square root of the double's precision, within which a curve is taken to lie on the quantile
QUANTILE_TOLERANCE = 1.5e-8

Floats = npt.NDArray[np.float64]


def curves(
    frame: pd.DataFrame,
    *,
    arms: Sequence[str],
    scale: IntervalScale = IntervalScale.LOGLOG,
    level: float = 0.95,
    table_at: Sequence[float] = (),
) -> tuple[SurvivalCurve, ...]:
    """One Kaplan-Meier curve for each of `arms`, in their order, with a risk table at the times `table_at`.

    `frame` has one row a participant: `arm`, `time` ≥ 0, `event` 0 or 1. An arm without rows gives a curve
    without steps. Standard errors are Greenwood's. Raises EstimationError for data that do not fit.
    """
    checked = validated(frame, arms=arms, events=SURVIVAL_EVENTS)
    return tuple(_curve(checked[checked["arm"] == arm], arm, scale, level, table_at) for arm in arms)


def pooled_curve(
    frame: pd.DataFrame,
    *,
    arms: Sequence[str],
    scale: IntervalScale = IntervalScale.LOGLOG,
    level: float = 0.95,
    table_at: Sequence[float] = (),
) -> SurvivalCurve:
    """The curve of all arms together, as in `curves`; its `arm` is None."""
    return _curve(validated(frame, arms=arms, events=SURVIVAL_EVENTS), None, scale, level, table_at)


def _curve(
    rows: pd.DataFrame, arm: str | None, scale: IntervalScale, level: float, table_at: Sequence[float]
) -> SurvivalCurve:
    normal_quantile(level)
    events = int(rows["event"].sum())
    steps = _steps(rows, scale, level) if len(rows) else SurvivalSteps()
    return SurvivalCurve(
        arm=arm,
        n=len(rows),
        events=events,
        censored=len(rows) - events,
        scale=scale,
        level=level,
        steps=steps,
        risk_table=risk_table(steps, at=table_at),
    )


def _steps(rows: pd.DataFrame, scale: IntervalScale, level: float) -> SurvivalSteps:
    fitter = KaplanMeierFitter().fit(rows["time"].to_numpy(), rows["event"].to_numpy())
    table = fitter.event_table
    at_risk, events = (table[column].to_numpy(np.int64) for column in ("at_risk", "observed"))
    survival = [float(value) for value in fitter.survival_function_.iloc[:, 0]]
    errors = [float(value) for value in survival * greenwood(at_risk, events)]
    band = [_band(value, error, scale, level) for value, error in zip(survival, errors, strict=True)]
    return SurvivalSteps(
        time=tuple(float(time) for time in table.index),
        survival=tuple(survival),
        se=tuple(error if value > 0 else None for value, error in zip(survival, errors, strict=True)),
        lower=tuple(interval.lower if interval else None for interval in band),
        upper=tuple(interval.upper if interval else None for interval in band),
        at_risk=tuple(int(count) for count in at_risk),
        events=tuple(int(count) for count in events),
        censored=tuple(int(count) for count in table["censored"]),
    )


def greenwood(at_risk: npt.NDArray[np.int64], events: npt.NDArray[np.int64]) -> Floats:
    """The standard error of ln S at each step, √Σ d/(n(n - d)); a step on which all fail adds nothing."""
    left = at_risk - events
    terms = np.divide(events, at_risk * left, out=np.zeros(len(events)), where=left > 0)
    return np.asarray(np.sqrt(np.cumsum(terms)), dtype=np.float64)


def _band(survival: float, se: float, scale: IntervalScale, level: float) -> Interval | None:
    if not 0 < survival < 1:
        return None
    return proportion_interval(survival, se, scale=scale, level=level)


def risk_table(steps: SurvivalSteps, *, at: Sequence[float]) -> RiskTable:
    """At risk (time ≥ t), events and censorings so far (time ≤ t) at each of the times `at`."""
    counts = [_counts(steps, readable_time(time)) for time in at]
    return RiskTable(
        at=tuple(float(time) for time in at),
        at_risk=tuple(at_risk for at_risk, _, _ in counts),
        events=tuple(events for _, events, _ in counts),
        censored=tuple(censored for _, _, censored in counts),
    )


def _counts(steps: SurvivalSteps, at: float) -> tuple[int, int, int]:
    here, past = bisect_left(steps.time, at), bisect_right(steps.time, at)
    at_risk = steps.at_risk[here] if here < len(steps.time) else 0
    return at_risk, sum(steps.events[:past]), sum(steps.censored[:past])


def landmark(curve: SurvivalCurve, *, at: float) -> SurvivalPoint:
    """The curve read at one time, in the unit of its frame.

    Nothing is read beyond the last follow-up while somebody is still event-free. Where S is 0 there is no
    standard error, and before the first event neither SE nor interval: the exact `bound` remains.
    """
    at_risk, events, censored = _counts(curve.steps, readable_time(at))
    survival, se, interval = _read(curve, at, at_risk, events)
    return SurvivalPoint(
        arm=curve.arm,
        at=float(at),
        n=curve.n,
        at_risk=at_risk,
        events=events,
        censored=censored,
        survival=survival,
        se=se,
        interval=interval,
        scale=curve.scale,
        bound=_bound(curve, at, at_risk, events),
    )


def _read(
    curve: SurvivalCurve, at: float, at_risk: int, events: int
) -> tuple[float | NotEstimable, float | NotEstimable, Interval | NotEstimable]:
    if curve.n == 0:
        unknown = NotEstimable(Reason.NO_PARTICIPANTS, curve.arm)
        return unknown, unknown, unknown
    step = bisect_right(curve.steps.time, at) - 1
    survival, se = curve.steps.survival[step], curve.steps.se[step]
    if se is None:
        unknown = NotEstimable(Reason.NOBODY_EVENT_FREE, curve.arm)
        return survival, unknown, unknown
    if at_risk == 0:
        unknown = NotEstimable(Reason.FOLLOW_UP_TOO_SHORT, curve.arm)
        return unknown, unknown, unknown
    if events == 0:
        unknown = NotEstimable(Reason.NO_EVENT, curve.arm)
        return survival, unknown, unknown
    return survival, se, proportion_interval(survival, se, scale=curve.scale, level=curve.level)


def _bound(curve: SurvivalCurve, at: float, at_risk: int, events: int) -> Interval:
    here = bisect_left(curve.steps.time, at)
    today = curve.steps.events[here] if here < len(curve.steps.time) and curve.steps.time[here] == at else 0
    return exact_bound(at_least=at_risk - today, at_most=curve.n - events, n=curve.n, level=curve.level)


def quantile(curve: SurvivalCurve, *, probability: float = 0.5) -> Quantile:
    """The time by which a share `probability` has had the event, with the limits from the curve's band.

    The first time with S ≤ 1 - probability; where the curve lies on that value, the middle between that
    time and the next event (or the last follow-up), as R's `quantile.survfit`.
    """
    if not 0 < probability < 1:
        raise EstimationError(f"A quantile of {probability} is not possible.", remedy="Give a share, as .5.")
    steps, target = curve.steps, 1 - probability
    time = _crossing(steps.time, steps.survival, target)
    reason = Reason.NOT_REACHED if curve.n else Reason.NO_PARTICIPANTS
    return Quantile(
        arm=curve.arm,
        probability=probability,
        time=NotEstimable(reason, curve.arm) if time is None else time,
        lower=_crossing(steps.time, steps.lower, target),
        upper=_crossing(steps.time, steps.upper, target),
        level=curve.level,
        scale=curve.scale,
    )


def _crossing(times: Sequence[float], values: Sequence[float | None], target: float) -> float | None:
    reached = _first(times, values, lambda value: value <= target + QUANTILE_TOLERANCE)
    if reached is None:
        return None
    left = _first(times, values, lambda value: value < target - QUANTILE_TOLERANCE)
    return (reached + (times[-1] if left is None else left)) / 2


def _first(
    times: Sequence[float], values: Sequence[float | None], holds: Callable[[float], bool]
) -> float | None:
    pairs = zip(times, values, strict=True)
    return next((time for time, value in pairs if value is not None and holds(value)), None)


def log_rank(frame: pd.DataFrame, *, arms: Sequence[str]) -> LogRank | NotEstimable:
    """The log-rank test of two or more arms; `frame` as in `curves`, with no other arm in it.

    Not estimable without any event, with an arm that nobody entered, and when the arms are never
    compared: an arm has nobody left at the first event, or that event takes everybody.
    """
    if len(set(arms)) < 2 or len(set(arms)) != len(arms):
        raise EstimationError("A log-rank test needs two or more different arms.", column="arm")
    checked = validated(frame, arms=arms, events=SURVIVAL_EVENTS)
    reason = _incomparable(checked, arms)
    if reason is not None:
        return reason
    # codes, not names: lifelines uses the names as columns beside one of its own, "_", in order of appearance
    checked = checked.sort_values("arm", key=lambda names: names.map(list(arms).index), kind="stable")
    codes = checked["arm"].map(list(arms).index)
    test = multivariate_logrank_test(checked["time"], codes, checked["event"])
    return LogRank(
        arms=tuple(arms),
        n=tuple(int((codes == code).sum()) for code in range(len(arms))),
        observed=tuple(int(checked["event"][codes == code].sum()) for code in range(len(arms))),
        expected=_expected(checked, codes, len(arms)),
        chi_square=float(test.test_statistic),
        degrees_of_freedom=int(test.degrees_of_freedom),
        p=float(test.p_value),
    )


def _incomparable(checked: pd.DataFrame, arms: Collection[str]) -> NotEstimable | None:
    for arm in arms:
        if not (checked["arm"] == arm).any():
            return NotEstimable(Reason.NO_PARTICIPANTS, arm)
    times = checked["time"][checked["event"] == 1]
    if times.empty:
        return NotEstimable(Reason.NO_EVENT)
    # whoever is at risk at a later event was at risk at the first: it alone tells if there is a comparison
    at_risk = checked[checked["time"] >= times.min()]
    for arm in arms:
        if not (at_risk["arm"] == arm).any():
            return NotEstimable(Reason.NO_COMPARISON, arm)
    if len(at_risk) == int((times == times.min()).sum()):
        return NotEstimable(Reason.NO_COMPARISON)
    return None


def _expected(checked: pd.DataFrame, codes: pd.Series, arms: int) -> tuple[float, ...]:
    """Σ d·n_arm/n over the event times: what each arm would show if the arms did not differ."""
    times = checked["time"].to_numpy()
    moments, events = np.unique(times[checked["event"] == 1], return_counts=True)
    everybody = _at_risk(times, moments)
    return tuple(
        float(np.sum(events * _at_risk(times[codes == code], moments) / everybody)) for code in range(arms)
    )


def _at_risk(times: Floats, moments: Floats) -> npt.NDArray[np.int64]:
    return len(times) - np.searchsorted(np.sort(times), moments, side="left")
