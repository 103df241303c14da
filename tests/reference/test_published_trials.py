"""Non-inferiority trials as published: the rule must reach the verdict that their interval allows."""

import math
from statistics import NormalDist

import pytest

from outcomes.estimate import Interval
from outcomes.noninferiority import Conclusion, Flag, conclude, hazard_ratio_interval, margin_test

NON_INFERIOR, INCONCLUSIVE, INFERIOR = Conclusion.NON_INFERIOR, Conclusion.INCONCLUSIVE, Conclusion.INFERIOR


# trial, hazard ratio limits, their two-sided level, margin, verdict
@pytest.mark.parametrize(
    ("trial", "lower", "upper", "level", "margin", "expected"),
    [
        ("PROSPECT", 0.74, 1.14, 0.902, 1.29, NON_INFERIOR),
        ("SCOT", 0.909, 1.114, 0.95, 1.13, NON_INFERIOR),
        ("IDEA", 1.00, 1.15, 0.95, 1.12, INCONCLUSIVE),
        ("IDEA, CAPOX", 0.85, 1.06, 0.95, 1.12, NON_INFERIOR),
        ("IDEA, FOLFOX", 1.06, 1.26, 0.95, 1.12, INFERIOR),
        # only the one-sided 95 % upper limit 1.11 is published; the lower is its mirror image around .883
        ("STELLAR", 0.883**2 / 1.11, 1.11, 0.90, 1.43, NON_INFERIOR),
    ],
)
def test_verdict_from_a_hazard_ratio(
    trial: str, lower: float, upper: float, level: float, margin: float, expected: Conclusion
) -> None:
    interval = hazard_ratio_interval(lower, upper, level=level)
    assert conclude(interval, margin=math.log(margin)) == (expected, ()), trial


def test_verdict_from_a_difference_in_points() -> None:
    corean = Interval(lower=-0.024, upper=0.158, level=0.95)
    assert conclude(corean, margin=0.15) == (NON_INFERIOR, ())


@pytest.mark.parametrize(
    ("hazard_ratio", "lower", "upper", "level", "margin", "z", "p"),
    [
        (0.92, 0.74, 1.14, 0.902, 1.29, "2.59", "0.0048"),
        (1.006, 0.909, 1.114, 0.95, 1.13, "2.24", "0.0125"),
    ],
)
def test_statistic_from_a_published_interval(
    hazard_ratio: float, lower: float, upper: float, level: float, margin: float, z: str, p: str
) -> None:
    se = math.log(upper / lower) / (2 * NormalDist().inv_cdf((1 + level) / 2))
    test = margin_test(-math.log(hazard_ratio), se, margin=math.log(margin))
    assert (f"{test.z:.2f}", f"{test.p:.4f}") == (z, p)


def test_folfox_would_be_beyond_a_margin_below_its_lower_limit() -> None:
    interval = hazard_ratio_interval(1.06, 1.26, level=0.95)
    assert conclude(interval, margin=math.log(1.05)) == (INFERIOR, (Flag.BEYOND_THE_MARGIN,))
