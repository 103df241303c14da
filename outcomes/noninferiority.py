"""Rules room of floor 3: from two survival probabilities, or a hazard ratio, to a verdict at each margin.

D is experimental minus control, larger is better for the experimental arm; a hazard ratio is read as
D = -ln HR and its margin M as Δ = ln M.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from outcomes.estimate import (
    Difference,
    DifferenceMethod,
    Estimate,
    EstimationError,
    Interval,
    IntervalScale,
    NotEstimable,
    Reason,
    SurvivalPoint,
    proportion_interval,
    wald_interval,
)

# an assumption of the protocol format, used when a protocol declares nothing else
MIN_AT_RISK = 10
FEW_AT_RISK = 20


class Conclusion(StrEnum):
    """The verdict at one margin."""

    SUPERIOR = "superior"
    NON_INFERIOR = "non-inferior"
    INCONCLUSIVE = "inconclusive"
    INFERIOR = "inferior"
    NOT_ESTIMABLE = "not-estimable"


class Flag(StrEnum):
    """What must stand in the same sentence as the conclusion."""

    STATISTICALLY_WORSE = "statistically-worse"
    BEYOND_THE_MARGIN = "beyond-the-margin"
    METHODS_DISAGREE = "methods-disagree"


class Caution(StrEnum):
    """What warns beside a verdict; it does not change it."""

    FEWER_THAN_20_AT_RISK = "fewer-than-20-at-risk"
    FEWER_THAN_10_PERCENT_AT_RISK = "fewer-than-10-percent-at-risk"


class Support(StrEnum):
    """What the per-protocol population says of a conclusion as randomized, at the same margin.

    IN_PART: superiority is not supported, the non-inferiority in it is. NOTHING_CLAIMED: the conclusion as randomized
    is none that wants support. UNKNOWN: it wants support and there is no such analysis.
    """

    SUPPORTED = "supported"
    IN_PART = "in-part"
    NOT_SUPPORTED = "not-supported"
    NOTHING_CLAIMED = "nothing-claimed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Warned(Estimate):
    """A caution and the arm it is about."""

    caution: Caution
    arm: str | None


@dataclass(frozen=True, slots=True)
class MarginTest(Estimate):
    """z = (D + Δ)/SE and its one-sided p for H0: D ≤ -Δ."""

    z: float
    p: float


@dataclass(frozen=True, slots=True)
class Verdict(Estimate):
    """The conclusion at one margin Δ > 0, on the scale of D.

    `test` is Wald's whatever method is declared, None when nothing is estimable; `sensitivity` is the
    conclusion by the method that is not declared, None when there is none.
    """

    margin: float
    conclusion: Conclusion
    flags: tuple[Flag, ...] = ()
    test: MarginTest | None = None
    sensitivity: Conclusion | None = None


@dataclass(frozen=True, slots=True)
class NonInferiority(Estimate):
    """A comparison of two arms at one time, with a verdict for each margin in the order given.

    `difference` has the interval of the declared method, `sensitivity` the other's, at level 1 - 2·alpha.
    `reasons` say for each arm why nothing is estimable; what is known then stands in the two points.
    """

    experimental: SurvivalPoint
    control: SurvivalPoint
    alpha: float
    min_at_risk: int
    difference: Difference | NotEstimable
    sensitivity: Difference | NotEstimable
    verdicts: tuple[Verdict, ...]
    reasons: tuple[NotEstimable, ...]
    cautions: tuple[Warned, ...]


def difference(
    experimental: SurvivalPoint, control: SurvivalPoint, *, method: DifferenceMethod, level: float
) -> Difference | NotEstimable:
    """D = S_E - S_C at one time with its interval, or the first arm's reason why there is none.

    Wald: D ± z·√(V_E + V_C). MOVER (Zou and Donner 2008) from log-log limits l, u of the same level:
    D - √((S_E - l_E)² + (u_C - S_C)²), D + √((u_E - S_E)² + (S_C - l_C)²).
    """
    if experimental.at != control.at:
        raise EstimationError("The points are of different times.", remedy="Read both curves at one time.")
    first, second = _known(experimental), _known(control)
    if isinstance(first, NotEstimable):
        return first
    if isinstance(second, NotEstimable):
        return second
    (survival_e, se_e), (survival_c, se_c) = first, second
    value, se = survival_e - survival_c, math.sqrt(se_e**2 + se_c**2)
    if method is DifferenceMethod.WALD:
        interval = wald_interval(value, se, level=level)
    else:
        interval = _mover(first, second, level)
    return Difference(experimental.arm, control.arm, control.at, value, se, interval, method)


def _known(point: SurvivalPoint) -> tuple[float, float] | NotEstimable:
    if isinstance(point.survival, NotEstimable):
        return point.survival
    if isinstance(point.se, NotEstimable):
        return point.se
    return point.survival, point.se


def _mover(experimental: tuple[float, float], control: tuple[float, float], level: float) -> Interval:
    (survival_e, se_e), (survival_c, se_c) = experimental, control
    e = proportion_interval(survival_e, se_e, scale=IntervalScale.LOGLOG, level=level)
    c = proportion_interval(survival_c, se_c, scale=IntervalScale.LOGLOG, level=level)
    value = survival_e - survival_c
    return Interval(
        lower=value - math.hypot(survival_e - e.lower, c.upper - survival_c),
        upper=value + math.hypot(e.upper - survival_e, survival_c - c.lower),
        level=level,
    )


def margin_test(value: float, se: float, *, margin: float) -> MarginTest:
    """z = (D + Δ)/SE and p = 1 - Φ(z); for a hazard ratio give -ln HR, its standard error and ln M."""
    z = (value + _possible(margin)) / se
    return MarginTest(z, math.erfc(z / math.sqrt(2)) / 2)


def hazard_ratio_interval(lower: float, upper: float, *, level: float) -> Interval:
    """The limits of a hazard ratio on the scale of D = -ln HR, ready for `conclude` with Δ = ln M."""
    if not 0 < lower <= upper < math.inf:
        raise EstimationError(f"A hazard ratio cannot lie between {lower} and {upper}.")
    return Interval(-math.log(upper), -math.log(lower), level)


def conclude(interval: Interval, *, margin: float) -> tuple[Conclusion, tuple[Flag, ...]]:
    """The conclusion from the interval [L, U] of D, two-sided at 1 - 2·alpha; equality proves nothing.

    L > 0 superior; L > -Δ non-inferior (statistically worse if U < 0); U < 0 inferior (beyond the margin
    if U < -Δ); else inconclusive.
    """
    lower, upper, worst = interval.lower, interval.upper, -_possible(margin)
    # NaN compares as false with everything, which would read as "inconclusive"
    if not lower <= upper:
        raise EstimationError(f"An interval cannot run from {lower} to {upper}.")
    if lower > 0:
        return Conclusion.SUPERIOR, ()
    if lower > worst:
        return Conclusion.NON_INFERIOR, (Flag.STATISTICALLY_WORSE,) if upper < 0 else ()
    if upper < 0:
        return Conclusion.INFERIOR, (Flag.BEYOND_THE_MARGIN,) if upper < worst else ()
    return Conclusion.INCONCLUSIVE, ()


def support(as_randomized: Conclusion, per_protocol: Conclusion | None, *, declared: bool = False) -> Support:
    """Whether the per-protocol conclusion supports that of the population as randomized.

    Non-inferiority is supported by non-inferiority or superiority, superiority by superiority, and in part by
    non-inferiority. Non-inferiority always wants support, superiority where a per-protocol population is `declared`.
    """
    claims = {
        Conclusion.NON_INFERIOR: (Conclusion.NON_INFERIOR, Conclusion.SUPERIOR),
        Conclusion.SUPERIOR: (Conclusion.SUPERIOR,),
    }
    if as_randomized not in claims:
        return Support.NOTHING_CLAIMED
    if per_protocol is None:
        alone = as_randomized is Conclusion.SUPERIOR and not declared
        return Support.NOTHING_CLAIMED if alone else Support.UNKNOWN
    if per_protocol in claims[as_randomized]:
        return Support.SUPPORTED
    # Only superiority is left that non-inferiority does not support whole.
    return Support.IN_PART if per_protocol is Conclusion.NON_INFERIOR else Support.NOT_SUPPORTED


def _possible(margin: float) -> float:
    if not 0 < margin < math.inf:
        remedy = "Give it above 0: ten points as .10, a hazard ratio M as ln M."
        raise EstimationError(f"A margin of {margin} is not possible.", remedy=remedy)
    return margin


def compare(
    experimental: SurvivalPoint,
    control: SurvivalPoint,
    *,
    margins: Sequence[float],
    alpha: float,
    method: DifferenceMethod,
    min_at_risk: int = MIN_AT_RISK,
) -> NonInferiority:
    """The verdict of `method` for each margin (as .10) at one-sided `alpha`, beside the other method's.

    Not estimable when in an arm the follow-up ends before the time, nobody is event-free, nobody had an
    event, or fewer than `min_at_risk` are at risk. Raises EstimationError for an impossible margin or alpha.
    """
    if not 0 < alpha < 0.5:
        raise EstimationError(f"A one-sided alpha of {alpha} is not possible.", remedy="Give it as .025.")
    level = 1 - 2 * alpha
    wald, mover = DifferenceMethod.WALD, DifferenceMethod.MOVER_LOGLOG
    other = mover if method is wald else wald
    declared = difference(experimental, control, method=method, level=level)
    sensitivity = difference(experimental, control, method=other, level=level)
    reasons = tuple(
        reason for point in (experimental, control) if (reason := _unfit(point, min_at_risk)) is not None
    )
    if reasons:
        declared = sensitivity = reasons[0]
    return NonInferiority(
        experimental=experimental,
        control=control,
        alpha=alpha,
        min_at_risk=min_at_risk,
        difference=declared,
        sensitivity=sensitivity,
        verdicts=tuple(_verdict(declared, sensitivity, margin) for margin in margins),
        reasons=reasons,
        cautions=() if reasons else _cautions(experimental) + _cautions(control),
    )


def _unfit(point: SurvivalPoint, min_at_risk: int) -> NotEstimable | None:
    known = _known(point)
    if isinstance(known, NotEstimable):
        return known
    if point.at_risk < min_at_risk:
        return NotEstimable(Reason.TOO_FEW_AT_RISK, point.arm)
    return None


def _verdict(declared: Difference | NotEstimable, other: Difference | NotEstimable, margin: float) -> Verdict:
    if isinstance(declared, NotEstimable) or isinstance(other, NotEstimable):
        return Verdict(_possible(margin), Conclusion.NOT_ESTIMABLE)
    conclusion, flags = conclude(declared.interval, margin=margin)
    sensitivity, _ = conclude(other.interval, margin=margin)
    if sensitivity is not conclusion:
        flags = (*flags, Flag.METHODS_DISAGREE)
    test = margin_test(declared.difference, declared.se, margin=margin)
    return Verdict(margin, conclusion, flags, test, sensitivity)


def _cautions(point: SurvivalPoint) -> tuple[Warned, ...]:
    few = [Caution.FEWER_THAN_20_AT_RISK] if point.at_risk < FEW_AT_RISK else []
    share = [Caution.FEWER_THAN_10_PERCENT_AT_RISK] if point.at_risk * 10 < point.n else []
    return tuple(Warned(caution, point.arm) for caution in few + share)
