"""Rules room of floor 3: cumulative incidence with competing events (Aalen-Johansen, ties as they are).

Our own, because the estimator in lifelines moves tied times apart at random.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.estimate import (
    CumulativeIncidenceCurve,
    CumulativeIncidencePoint,
    Difference,
    DifferenceMethod,
    EstimationError,
    Interval,
    IntervalScale,
    NotEstimable,
    Reason,
    normal_quantile,
    proportion_interval,
    readable_time,
    wald_interval,
)
from outcomes.estimators.binomial import exact_bound
from outcomes.estimators.frames import COMPETING_EVENTS, validated

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def curves(
    frame: pd.DataFrame, *, arms: Sequence[str], cause: int = 1, level: float = 0.95
) -> tuple[CumulativeIncidenceCurve, ...]:
    """One curve of `cause` for each of `arms`, in their order.

    `frame` has one row a participant: `arm`, `time` ≥ 0, `event` 0 censored, 1 event, 2 competing event.
    With `cause=2` the competing event is described. Raises EstimationError for data that do not fit.
    """
    checked = validated(frame, arms=arms, events=COMPETING_EVENTS)
    return tuple(_curve(checked[checked["arm"] == arm], arm, cause, level) for arm in arms)


def pooled_curve(
    frame: pd.DataFrame, *, arms: Sequence[str], cause: int = 1, level: float = 0.95
) -> CumulativeIncidenceCurve:
    """The curve of all arms together, as in `curves`; its `arm` is None."""
    return _curve(validated(frame, arms=arms, events=COMPETING_EVENTS), None, cause, level)


def _curve(rows: pd.DataFrame, arm: str | None, cause: int, level: float) -> CumulativeIncidenceCurve:
    normal_quantile(level)
    if cause not in (1, 2):
        raise EstimationError(f"{cause} is not a cause.", column="event", remedy="Ask for cause 1 or 2.")
    time, event = rows["time"].to_numpy(), rows["event"].to_numpy()
    moments = np.unique(np.append(time, 0.0)) if len(time) else time
    events, competing, censored = (_tally(time[event == code], moments) for code in (cause, 3 - cause, 0))
    leaving = events + competing + censored
    at_risk = len(time) - np.cumsum(leaving) + leaving
    survival = np.cumprod(1 - (events + competing) / at_risk)
    incidence = np.cumsum(_before(survival) * events / at_risk)
    return CumulativeIncidenceCurve(
        arm=arm,
        cause=cause,
        n=len(time),
        level=level,
        time=_floats(moments),
        incidence=_floats(incidence),
        se_aalen=_floats(_aalen(at_risk, events, competing, survival, incidence)),
        survival=_floats(survival),
        at_risk=_integers(at_risk),
        events=_integers(events),
        competing=_integers(competing),
        censored=_integers(censored),
    )


def _tally(times: Floats, moments: Floats) -> Counts:
    return np.bincount(np.searchsorted(moments, times), minlength=len(moments))


def _before(survival: Floats) -> Floats:
    return np.append(1.0, survival[:-1])[: len(survival)]


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _integers(values: Counts) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _aalen(at_risk: Counts, events: Counts, competing: Counts, survival: Floats, incidence: Floats) -> Floats:
    """Aalen's standard error at each step, as the `cuminc` of R's cmprsk.

    V(t) = Σ_j S(t_j-)² [(1 + w_j)² v_1j + w_j² v_2j], w_j = (F(t_j) - F(t))/S(t_j), with the hypergeometric
    v_kj = d_kj (n_j - d_kj)/(n_j² (n_j - 1)); written out in powers of F(t), one pass gives every t.
    """
    before = _before(survival)
    own, other = (before**2 * _ties(count, at_risk) * count / at_risk**2 for count in (events, competing))
    inverse = np.divide(1.0, survival, out=np.zeros_like(survival), where=survival > 0)
    ratio = inverse * incidence
    constant = np.cumsum((1 + ratio) ** 2 * own + ratio**2 * other)
    linear = np.cumsum(inverse * ((1 + ratio) * own + ratio * other))
    square = np.cumsum(inverse**2 * (own + other))
    variance = constant - 2 * incidence * linear + incidence**2 * square
    return np.sqrt(np.maximum(variance, 0.0))


def _ties(count: Counts, at_risk: Counts) -> Floats:
    # one alone at risk: a single event has no tie to correct for, and 0/0 is avoided
    return 1 - np.maximum(count - 1, 0) / np.maximum(at_risk - 1, 1)


def incidence(curve: CumulativeIncidenceCurve, *, at: float) -> CumulativeIncidencePoint:
    """The curve read at one time, in the unit of its frame.

    Nothing is read beyond the last follow-up while somebody is still event-free; before the first event
    of the cause, and when everybody had it, there is neither SE nor interval: the exact `bound` remains.
    """
    here, past = bisect_left(curve.time, readable_time(at)), bisect_right(curve.time, at)
    events, competing, censored = (sum(c[:past]) for c in (curve.events, curve.competing, curve.censored))
    value, se_aalen, se_jackknife, interval = _read(curve, past - 1, at, events)
    lost = sum(curve.censored[:here])
    return CumulativeIncidencePoint(
        arm=curve.arm,
        cause=curve.cause,
        at=float(at),
        n=curve.n,
        at_risk=curve.at_risk[here] if here < len(curve.time) else 0,
        events=events,
        competing=competing,
        censored=censored,
        incidence=value,
        se_aalen=se_aalen,
        se_jackknife=se_jackknife,
        interval=interval,
        bound=exact_bound(at_least=events, at_most=events + lost, n=curve.n, level=curve.level),
    )


Reading = tuple[float | NotEstimable, float | NotEstimable, float | NotEstimable, Interval | NotEstimable]


def _read(curve: CumulativeIncidenceCurve, step: int, at: float, events: int) -> Reading:
    if curve.n == 0:
        unknown = NotEstimable(Reason.NO_PARTICIPANTS, curve.arm)
        return unknown, unknown, unknown, unknown
    if at > curve.time[-1] and curve.survival[-1] > 0:
        unknown = NotEstimable(Reason.FOLLOW_UP_TOO_SHORT, curve.arm)
        return unknown, unknown, unknown, unknown
    value, se = curve.incidence[step], curve.se_aalen[step]
    if events == 0:
        unknown = NotEstimable(Reason.NO_EVENT, curve.arm)
        return value, unknown, unknown, unknown
    if curve.survival[step] == 0 and not any(curve.competing):
        unknown = NotEstimable(Reason.NOBODY_EVENT_FREE, curve.arm)
        return 1.0, unknown, unknown, unknown
    interval = proportion_interval(value, se, scale=IntervalScale.LOGLOG, level=curve.level)
    return value, se, _jackknife(curve, step), interval


def _jackknife(curve: CumulativeIncidenceCurve, step: int) -> float:
    """The infinitesimal jackknife's standard error at one step, as R's `survfit`: √Σ D_i².

    D_i, what participant i adds to F(t), is the derivative of F(t) by i's weight.
    """
    counts = (curve.at_risk, curve.events, curve.competing, curve.censored)
    n, events, competing, censored = (np.asarray(column[: step + 1]) for column in counts)
    after, values = (np.asarray(column[: step + 1]) for column in (curve.survival, curve.incidence))
    later = np.divide(values - values[-1], after, out=np.zeros_like(after), where=after > 0)
    own, other = _before(after) * (1 + later) / n, _before(after) * later / n
    drain = np.cumsum((own * events + other * competing) / n)
    squares = events * (own - drain) ** 2 + competing * (other - drain) ** 2 + censored * drain**2
    staying = curve.n - int(np.sum(events + competing + censored))
    return float(np.sqrt(np.sum(squares) + staying * drain[-1] ** 2))


def difference(
    experimental: CumulativeIncidencePoint, control: CumulativeIncidencePoint, *, level: float = 0.95
) -> Difference | NotEstimable:
    """Experimental minus control at the same time, with its Wald interval from Aalen's standard errors."""
    if (experimental.at, experimental.cause) != (control.at, control.cause):
        raise EstimationError("The two incidences are of different times or causes.")
    first, second = _known(experimental), _known(control)
    if isinstance(first, NotEstimable):
        return first
    if isinstance(second, NotEstimable):
        return second
    value, se = first[0] - second[0], math.hypot(first[1], second[1])
    return Difference(
        experimental=experimental.arm,
        control=control.arm,
        at=control.at,
        difference=value,
        se=se,
        interval=wald_interval(value, se, level=level),
        method=DifferenceMethod.WALD,
    )


def _known(point: CumulativeIncidencePoint) -> tuple[float, float] | NotEstimable:
    if isinstance(point.incidence, NotEstimable):
        return point.incidence
    if isinstance(point.se_aalen, NotEstimable):
        return point.se_aalen
    return point.incidence, point.se_aalen
