"""The verdict: superior, non-inferior, inconclusive, inferior, or not estimable with its reason."""

import json
import math

import pytest

from outcomes.estimate import (
    DifferenceMethod,
    EstimationError,
    Interval,
    IntervalScale,
    NotEstimable,
    Reason,
    SurvivalPoint,
)
from outcomes.noninferiority import (
    Caution,
    Conclusion,
    Flag,
    NonInferiority,
    Verdict,
    Warned,
    compare,
    conclude,
    difference,
    hazard_ratio_interval,
    margin_test,
)

WALD, MOVER = DifferenceMethod.WALD, DifferenceMethod.MOVER_LOGLOG
SUPERIOR, NON_INFERIOR = Conclusion.SUPERIOR, Conclusion.NON_INFERIOR
INCONCLUSIVE, INFERIOR = Conclusion.INCONCLUSIVE, Conclusion.INFERIOR


def point(
    arm: str = "E",
    survival: float = 0.8,
    se: float = 0.03,
    at_risk: int = 100,
    n: int = 200,
    at: float = 1095.75,
) -> SurvivalPoint:
    return SurvivalPoint(
        arm=arm,
        at=at,
        n=n,
        at_risk=at_risk,
        events=30,
        censored=n - at_risk - 30,
        survival=survival,
        se=se,
        interval=Interval(survival - 2 * se, survival + 2 * se, 0.95),
        scale=IntervalScale.LOGLOG,
        bound=Interval(0.5, 0.95, 0.95),
    )


def without(reason: Reason, arm: str = "E", survival: float | None = None) -> SurvivalPoint:
    """A point with no standard error; with no survival either unless one is given."""
    unknown = NotEstimable(reason, arm)
    known = unknown if survival is None else survival
    return SurvivalPoint(
        arm, 1095.75, 200, 0, 30, 170, known, unknown, unknown, IntervalScale.LOGLOG, Interval(0, 0.9, 0.95)
    )


def compared(
    experimental: SurvivalPoint, control: SurvivalPoint, margin: float = 0.1, min_at_risk: int = 10
) -> NonInferiority:
    return compare(experimental, control, margins=[margin], alpha=0.025, method=WALD, min_at_risk=min_at_risk)


@pytest.mark.parametrize(
    ("lower", "upper", "expected", "flags"),
    [
        (0.01, 0.20, SUPERIOR, ()),
        (0.0, 0.20, NON_INFERIOR, ()),
        (-0.05, 0.05, NON_INFERIOR, ()),
        (-0.0999, 0.5, NON_INFERIOR, ()),
        (-0.05, 0.0, NON_INFERIOR, ()),
        (-0.05, -0.01, NON_INFERIOR, (Flag.STATISTICALLY_WORSE,)),
        (-0.10, 0.05, INCONCLUSIVE, ()),
        (-0.10, 0.0, INCONCLUSIVE, ()),
        (-0.20, 0.05, INCONCLUSIVE, ()),
        (-0.10, -0.01, INFERIOR, ()),
        (-0.20, -0.05, INFERIOR, ()),
        (-0.20, -0.10, INFERIOR, ()),
        (-0.20, -0.11, INFERIOR, (Flag.BEYOND_THE_MARGIN,)),
    ],
)
def test_conclusion_from_an_interval_at_a_margin_of_ten_points(
    lower: float, upper: float, expected: Conclusion, flags: tuple[Flag, ...]
) -> None:
    assert conclude(Interval(lower, upper, 0.95), margin=0.10) == (expected, flags)


def test_a_hazard_ratio_limit_on_the_margin_is_not_noninferior() -> None:
    on_margin = hazard_ratio_interval(0.9, 1.3, level=0.95)
    assert conclude(on_margin, margin=math.log(1.3))[0] is INCONCLUSIVE
    assert conclude(on_margin, margin=math.log(1.3001))[0] is NON_INFERIOR


def test_a_hazard_ratio_below_one_is_better() -> None:
    assert hazard_ratio_interval(0.5, 0.8, level=0.95) == Interval(-math.log(0.8), -math.log(0.5), 0.95)
    assert conclude(hazard_ratio_interval(0.5, 0.8, level=0.95), margin=0.1)[0] is SUPERIOR


@pytest.mark.parametrize(("lower", "upper"), [(0, 1), (-1, 1), (2, 1), (0.5, math.inf), (math.nan, 1)])
def test_impossible_hazard_ratios_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(EstimationError, match="hazard ratio"):
        hazard_ratio_interval(lower, upper, level=0.95)


@pytest.mark.parametrize(("lower", "upper"), [(math.nan, 0.1), (-0.1, math.nan), (0.1, -0.1)])
def test_an_interval_that_is_none_gives_no_conclusion(lower: float, upper: float) -> None:
    with pytest.raises(EstimationError, match="interval"):
        conclude(Interval(lower, upper, 0.95), margin=0.1)


@pytest.mark.parametrize("margin", [0, -0.1, math.nan, math.inf])
def test_an_impossible_margin_is_refused_whatever_the_data(margin: float) -> None:
    with pytest.raises(EstimationError, match="margin"):
        conclude(Interval(0.1, 0.2, 0.95), margin=margin)
    with pytest.raises(EstimationError, match="margin"):
        margin_test(0.1, 0.1, margin=margin)
    with pytest.raises(EstimationError, match="margin"):
        compared(without(Reason.NO_EVENT), point("C"), margin=margin)


def test_statistic_and_its_one_sided_p() -> None:
    found = margin_test(-0.01, 0.04, margin=0.10)
    assert found.z == pytest.approx(2.25)
    assert found.p == pytest.approx(0.012224472655044696)


def test_wald_interval_and_a_verdict_with_its_statistic() -> None:
    result = compared(point("E", 0.80, 0.03), point("C", 0.78, 0.04))
    assert result.difference.difference == pytest.approx(0.02)
    assert result.difference.se == pytest.approx(0.05)
    assert result.difference.interval.lower == pytest.approx(0.02 - 1.959963984540054 * 0.05)
    assert (result.difference.method, result.sensitivity.method) == (WALD, MOVER)
    assert (result.difference.experimental, result.difference.control) == ("E", "C")
    (verdict,) = result.verdicts
    assert (verdict.conclusion, verdict.sensitivity, verdict.flags) == (NON_INFERIOR, NON_INFERIOR, ())
    assert verdict.test.z == pytest.approx(0.12 / 0.05)
    assert (result.reasons, result.cautions) == ((), ())


def test_exactly_on_the_margin_is_not_noninferior() -> None:
    arms = point("E", 0.75, 0.03), point("C", 0.78, 0.04)
    lower = difference(*arms, method=WALD, level=0.95).interval.lower
    assert compared(*arms, margin=-lower).verdicts[0].conclusion is INCONCLUSIVE
    assert compared(*arms, margin=math.nextafter(-lower, 1)).verdicts[0].conclusion is NON_INFERIOR


def test_the_declared_method_decides_and_a_disagreement_is_flagged() -> None:
    arms = point("E", 0.95, 0.03), point("C", 0.95, 0.03)
    wald, mover = (difference(*arms, method=method, level=0.95).interval.lower for method in (WALD, MOVER))
    assert mover < wald
    between = -(wald + mover) / 2
    by_wald = compare(*arms, margins=[between], alpha=0.025, method=WALD)
    by_mover = compare(*arms, margins=[between], alpha=0.025, method=MOVER)
    assert by_wald.verdicts[0].conclusion is NON_INFERIOR
    assert by_mover.verdicts[0].conclusion is INCONCLUSIVE
    assert by_wald.verdicts[0].sensitivity is INCONCLUSIVE
    assert by_wald.verdicts[0].flags == by_mover.verdicts[0].flags == (Flag.METHODS_DISAGREE,)


def test_the_level_follows_the_one_sided_alpha() -> None:
    result = compare(point("E"), point("C"), margins=[0.1], alpha=0.05, method=WALD)
    assert result.difference.interval.level == pytest.approx(0.90)
    assert result.difference.interval.upper == pytest.approx(1.6448536269514722 * math.sqrt(2) * 0.03)


def test_one_verdict_for_each_margin_in_the_order_given() -> None:
    result = compare(point("E"), point("C"), margins=[0.10, 0.05], alpha=0.025, method=WALD)
    assert [(found.margin, found.conclusion) for found in result.verdicts] == [
        (0.10, NON_INFERIOR),
        (0.05, INCONCLUSIVE),
    ]


@pytest.mark.parametrize(
    "unfit",
    [
        without(Reason.FOLLOW_UP_TOO_SHORT),
        without(Reason.NO_PARTICIPANTS),
        without(Reason.NOBODY_EVENT_FREE, survival=0.0),
        without(Reason.NO_EVENT, survival=1.0),
    ],
    ids=lambda found: str(found.se.not_estimable),
)
def test_an_arm_without_standard_error_is_not_estimable_with_its_reason(unfit: SurvivalPoint) -> None:
    result = compared(unfit, point("C"))
    assert result.difference == result.sensitivity == unfit.se
    assert result.reasons == (unfit.se,)
    assert result.verdicts == (Verdict(0.1, Conclusion.NOT_ESTIMABLE),)
    assert result.cautions == ()
    assert result.experimental.bound == Interval(0, 0.9, 0.95)


def test_the_control_arm_is_held_to_the_same_rules() -> None:
    unfit = without(Reason.NO_EVENT, "C", survival=1.0)
    assert compared(point("E"), unfit).reasons == (NotEstimable(Reason.NO_EVENT, "C"),)


def test_both_arms_say_their_reasons() -> None:
    result = compared(without(Reason.NO_EVENT, "E", 1.0), point("C", at_risk=9))
    assert result.reasons == (
        NotEstimable(Reason.NO_EVENT, "E"),
        NotEstimable(Reason.TOO_FEW_AT_RISK, "C"),
    )


def test_fewer_at_risk_than_declared_is_not_estimable() -> None:
    few = compared(point("E", at_risk=9), point("C"))
    assert few.difference == few.sensitivity == NotEstimable(Reason.TOO_FEW_AT_RISK, "E")
    assert few.verdicts[0].conclusion is Conclusion.NOT_ESTIMABLE
    assert few.verdicts[0].test is None
    enough = compared(point("E", at_risk=10), point("C"))
    assert enough.verdicts[0].conclusion is NON_INFERIOR
    assert compared(point("E", at_risk=10), point("C"), min_at_risk=11).reasons != ()


@pytest.mark.parametrize(
    ("at_risk", "n", "expected"),
    [
        (20, 200, []),
        (19, 190, [Caution.FEWER_THAN_20_AT_RISK]),
        (20, 201, [Caution.FEWER_THAN_10_PERCENT_AT_RISK]),
        (19, 191, [Caution.FEWER_THAN_20_AT_RISK, Caution.FEWER_THAN_10_PERCENT_AT_RISK]),
    ],
)
def test_few_at_risk_is_a_caution_beside_the_verdict(at_risk: int, n: int, expected: list[Caution]) -> None:
    for arms in (
        (point("E", at_risk=at_risk, n=n), point("C")),
        (point("E"), point("C", at_risk=at_risk, n=n)),
    ):
        result = compared(*arms)
        weak = min(arms, key=lambda arm: arm.at_risk).arm
        assert result.cautions == tuple(Warned(caution, weak) for caution in expected)
        assert result.verdicts[0].conclusion is NON_INFERIOR


def test_points_of_different_times_are_refused() -> None:
    with pytest.raises(EstimationError, match="different times"):
        compared(point("E", at=365), point("C", at=366))


@pytest.mark.parametrize("alpha", [0, 0.5, 2.5, -0.1, math.nan])
def test_an_impossible_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(EstimationError, match="alpha"):
        compare(point("E"), point("C"), margins=[0.1], alpha=alpha, method=WALD)


def test_a_verdict_can_be_written_as_json() -> None:
    for result in (
        compared(point("E", at_risk=15), point("C")),
        compared(without(Reason.NO_EVENT), point("C")),
    ):
        said = result.as_dict()
        assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["verdicts"] == [
        {"margin": 0.1, "conclusion": "not-estimable", "flags": [], "test": None, "sensitivity": None}
    ]
