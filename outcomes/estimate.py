"""Rules room of floor 3: what an estimator may say, as frozen values that turn into JSON.

Times are in the unit of the frame they came from (days in a trial). A quantity that cannot be estimated
is a `NotEstimable` with its reason in the place where the number would stand; it is never NaN or zero.
"""

import math
from dataclasses import dataclass, fields
from enum import StrEnum
from statistics import NormalDist
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class EstimationError(ValueError):
    """Data or arguments that no estimator may accept; nothing was computed.

    `message` says what is wrong, `column` and `rows` where (labels of the frame's index, all of them),
    `remedy` what to do next.
    """

    def __init__(
        self, message: str, *, column: str = "", rows: tuple[object, ...] = (), remedy: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.column, self.rows, self.remedy = message, column, rows, remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Reason(StrEnum):
    """Why a quantity cannot be estimated."""

    NO_PARTICIPANTS = "no-participants"
    FOLLOW_UP_TOO_SHORT = "follow-up-too-short"
    NOBODY_EVENT_FREE = "nobody-event-free"
    NO_EVENT = "no-event"
    TOO_FEW_AT_RISK = "too-few-at-risk"
    NOT_REACHED = "not-reached"
    NO_COMPARISON = "no-comparison"


class IntervalScale(StrEnum):
    """The scale on which a confidence interval of a survival curve is symmetric."""

    PLAIN = "plain"
    LOG = "log"
    LOGLOG = "loglog"


class DifferenceMethod(StrEnum):
    """How the interval of a difference of two proportions is made."""

    WALD = "wald"
    MOVER_LOGLOG = "mover_loglog"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What every estimator answers: a frozen value that `json.dumps` can write."""

    def as_dict(self) -> dict[str, Json]:
        """All fields by name; tuples become lists, enumerations their text, nested estimates dictionaries."""
        return {field.name: _json(getattr(self, field.name)) for field in fields(self)}


def _json(value: object) -> Json:
    if isinstance(value, Estimate):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"An estimate holds {value}, which JSON cannot say: a NotEstimable belongs there.")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"An estimate holds {type(value).__name__}, which JSON cannot say.")


@dataclass(frozen=True, slots=True)
class NotEstimable(Estimate):
    """The place of a number that does not exist; `arm` is None when it concerns all arms together."""

    not_estimable: Reason
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class Interval(Estimate):
    """A two-sided confidence interval; `level` is its coverage, as .95."""

    lower: float
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class SurvivalPoint(Estimate):
    """A Kaplan-Meier curve read at one time.

    `n` participants of the arm; `at_risk` have time ≥ `at`; `events` and `censored` have time ≤ `at`.
    `interval` is on `scale`. `bound` contains S(at) with at least its level whatever the reason for
    censoring (Clopper-Pearson, everybody censored before `at` counted as an event for the lower limit
    and as event-free for the upper): what is known when nothing can be estimated.
    """

    arm: str | None
    at: float
    n: int
    at_risk: int
    events: int
    censored: int
    survival: float | NotEstimable
    se: float | NotEstimable
    interval: Interval | NotEstimable
    scale: IntervalScale
    bound: Interval


@dataclass(frozen=True, slots=True)
class SurvivalSteps(Estimate):
    """The steps of a curve, one entry per distinct time, first 0; all tuples have the same length.

    At `time` the curve falls to `survival`; `at_risk` counts time ≥ `time`, `events` and `censored` those
    on it. `se` (Greenwood) is None where S = 0; `lower` and `upper` are None as well where S = 1.
    """

    time: tuple[float, ...] = ()
    survival: tuple[float, ...] = ()
    se: tuple[float | None, ...] = ()
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    at_risk: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    censored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskTable(Estimate):
    """Numbers below a curve: at risk (time ≥ at), cumulative events and censorings (time ≤ at)."""

    at: tuple[float, ...] = ()
    at_risk: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    censored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantile(Estimate):
    """The time by which a share `probability` has had the event; a limit is None when it is not reached."""

    arm: str | None
    probability: float
    time: float | NotEstimable
    lower: float | None
    upper: float | None
    level: float
    scale: IntervalScale


@dataclass(frozen=True, slots=True)
class SurvivalCurve(Estimate):
    """A Kaplan-Meier curve of one arm, or of all arms pooled when `arm` is None."""

    arm: str | None
    n: int
    events: int
    censored: int
    scale: IntervalScale
    level: float
    steps: SurvivalSteps
    risk_table: RiskTable


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """Experimental minus control at one time, with the interval of `method`; `se` is √(V_E + V_C)."""

    experimental: str | None
    control: str | None
    at: float
    difference: float
    se: float
    interval: Interval
    method: DifferenceMethod


@dataclass(frozen=True, slots=True)
class LogRank(Estimate):
    """A log-rank test of k arms; `n`, `observed` and `expected` are in the order of `arms`."""

    arms: tuple[str, ...]
    n: tuple[int, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    chi_square: float
    degrees_of_freedom: int
    p: float


@dataclass(frozen=True, slots=True)
class CumulativeIncidencePoint(Estimate):
    """A cumulative incidence read at one time.

    `events` (of the cause), `competing` and `censored` have time ≤ `at`; `at_risk` have time ≥ `at`.
    `se_aalen` is the standard error shown and the one behind `interval` (log-log); `se_jackknife` is the
    infinitesimal jackknife's, the one of R's `survfit`. `bound` as in `SurvivalPoint`.
    """

    arm: str | None
    cause: int
    at: float
    n: int
    at_risk: int
    events: int
    competing: int
    censored: int
    incidence: float | NotEstimable
    se_aalen: float | NotEstimable
    se_jackknife: float | NotEstimable
    interval: Interval | NotEstimable
    bound: Interval


@dataclass(frozen=True, slots=True)
class CumulativeIncidenceCurve(Estimate):
    """An Aalen-Johansen curve of one cause in one arm, or in all arms pooled when `arm` is None.

    From `time` on, one entry per distinct time, first 0, all tuples of the same length: `survival` is free
    of events of any cause; `events` (of the cause), `competing` and `censored` are those on that time.
    """

    arm: str | None
    cause: int
    n: int
    level: float
    time: tuple[float, ...]
    incidence: tuple[float, ...]
    se_aalen: tuple[float, ...]
    survival: tuple[float, ...]
    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    competing: tuple[int, ...]
    censored: tuple[int, ...]


def normal_quantile(level: float) -> float:
    """The z of a two-sided interval: Φ⁻¹((1 + level)/2); raises EstimationError outside 0 < level < 1."""
    if not 0 < level < 1:
        raise EstimationError(f"A confidence level of {level} is not possible.", remedy="Give it as .95.")
    return NormalDist().inv_cdf((1 + level) / 2)


def readable_time(at: float) -> float:
    """`at`, if a curve can be read there: finite and not negative; raises EstimationError if not."""
    if not (math.isfinite(at) and at >= 0):
        raise EstimationError(f"A curve cannot be read at time {at}.", remedy="Give a finite time ≥ 0.")
    return at


def proportion_interval(value: float, se: float, *, scale: IntervalScale, level: float) -> Interval:
    """Limits for a survival or an incidence 0 < value < 1 from its standard error.

    plain v ± z·se, log v·exp(± z·se/v), log-log v^exp(± z·se/(v·ln v)), cut to [0, 1]: the formulas of R's
    `survfit(conf.type=)` and, log-log with Aalen's SE, of `cmprsk`.
    """
    z = normal_quantile(level)
    if scale is IntervalScale.PLAIN:
        lower, upper = value - z * se, value + z * se
    elif scale is IntervalScale.LOG:
        lower, upper = (value * math.exp(side * z * se / value) for side in (-1, 1))
    else:
        # ln v is negative: side -1 makes the exponent larger than 1 and therefore the limit smaller
        lower, upper = (value ** math.exp(side * z * se / (value * math.log(value))) for side in (-1, 1))
    return Interval(max(lower, 0.0), min(upper, 1.0), level)


def wald_interval(value: float, se: float, *, level: float) -> Interval:
    """value ± z·se, not cut: for differences and for logarithms of hazard ratios."""
    z = normal_quantile(level)
    return Interval(value - z * se, value + z * se, level)
