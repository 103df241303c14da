"""Printed figures of the colon trial on which a wrong build fails: verdicts on the edge, exchanged arms."""

import pandas as pd
import pytest

from outcomes.estimate import DifferenceMethod, LogRank, NotEstimable, Reason, SurvivalPoint
from outcomes.estimators import competing, survival
from outcomes.noninferiority import Conclusion, NonInferiority, compare
from tests.reference.colon import ARMS, THREE_YEARS, frame

WALD, MOVER = DifferenceMethod.WALD, DifferenceMethod.MOVER_LOGLOG
YES, NO = Conclusion.NON_INFERIOR, Conclusion.INCONCLUSIVE


def printed(value: float, like: str) -> str:
    """The value with as many decimals as `like` has."""
    return f"{value:.{len(like.partition('.')[2])}f}"


def at_three_years(endpoint: str, arm: str) -> SurvivalPoint:
    (curve,) = survival.curves(frame(endpoint, (arm,)), arms=(arm,))
    return survival.landmark(curve, at=THREE_YEARS)


def comparison(
    endpoint: str, experimental: str, control: str, margin: float, method: DifferenceMethod = WALD
) -> NonInferiority:
    arms = at_three_years(endpoint, experimental), at_three_years(endpoint, control)
    return compare(*arms, margins=[margin], alpha=0.025, method=method)


@pytest.mark.parametrize(
    ("endpoint", "arm", "expected", "se"),
    [
        ("DFS", "Obs", "0.4943955465", "0.0282050574"),
        ("DFS", "Lev", "0.4935483871", "0.0283957276"),
        ("DFS", "Lev+5FU", "0.6381578947", "0.0275604835"),
        ("OS", "Obs", "0.6531515988", "0.0268537106"),
        ("OS", "Lev", "0.6290322581", "0.0274361826"),
        ("OS", "Lev+5FU", "0.7434210526", "0.0250490434"),
    ],
)
def test_survival_at_three_years(endpoint: str, arm: str, expected: str, se: str) -> None:
    point = at_three_years(endpoint, arm)
    assert printed(point.survival, expected) == expected
    assert printed(point.se, se) == se


@pytest.mark.parametrize(
    ("endpoint", "experimental", "expected", "se", "lower", "upper"),
    [
        ("DFS", "Lev+5FU", "0.1437623482", "0.0394348261", "0.0664715", "0.2210532"),
        ("OS", "Lev+5FU", "0.0902694538", "0.0367229676", "0.0182938", "0.1622451"),
        ("DFS", "Lev", "-0.0008471594", "0.0400230259", "-0.0792908", "0.0775965"),
        ("OS", "Lev", "-0.0241193407", "0.0383909611", "-0.0993642", "0.0511256"),
    ],
)
def test_difference_from_observation(
    endpoint: str, experimental: str, expected: str, se: str, lower: str, upper: str
) -> None:
    found = comparison(endpoint, experimental, "Obs", 0.10).difference
    assert printed(found.difference, expected) == expected
    assert printed(found.se, se) == se
    assert printed(found.interval.lower, lower) == lower
    assert printed(found.interval.upper, upper) == upper


@pytest.mark.parametrize(
    ("endpoint", "experimental", "control", "margin", "z", "conclusion"),
    [
        ("DFS", "Lev+5FU", "Obs", 0.05, "4.9135", Conclusion.SUPERIOR),
        ("DFS", "Lev+5FU", "Obs", 0.08, "5.6742", Conclusion.SUPERIOR),
        ("DFS", "Lev+5FU", "Obs", 0.10, "6.1814", Conclusion.SUPERIOR),
        ("OS", "Lev+5FU", "Obs", 0.05, "3.8197", Conclusion.SUPERIOR),
        ("OS", "Lev+5FU", "Obs", 0.08, "4.6366", Conclusion.SUPERIOR),
        ("OS", "Lev+5FU", "Obs", 0.10, "5.1812", Conclusion.SUPERIOR),
        ("DFS", "Lev", "Obs", 0.05, "1.2281", NO),
        ("DFS", "Lev", "Obs", 0.07, "1.72782639", NO),
        ("DFS", "Lev", "Obs", 0.08, "1.97768", YES),
        ("DFS", "Lev", "Obs", 0.10, "2.4774", YES),
        ("OS", "Lev", "Obs", 0.05, "0.674", NO),
        ("OS", "Lev", "Obs", 0.08, "1.4556", NO),
        ("OS", "Lev", "Obs", 0.09, "1.71604611", NO),
        ("OS", "Lev", "Obs", 0.10, "1.97652", YES),
        ("OS", "Obs", "Lev", 0.08, "2.7121", YES),
    ],
)
@pytest.mark.parametrize("method", [WALD, MOVER])
def test_verdict_on_the_edge(
    endpoint: str,
    experimental: str,
    control: str,
    margin: float,
    z: str,
    conclusion: Conclusion,
    method: DifferenceMethod,
) -> None:
    (verdict,) = comparison(endpoint, experimental, control, margin, method).verdicts
    assert printed(verdict.test.z, z) == z
    assert (verdict.conclusion, verdict.sensitivity, verdict.flags) == (conclusion, conclusion, ())


def test_observation_is_inferior_to_the_combination() -> None:
    result = comparison("DFS", "Obs", "Lev+5FU", 0.10)
    assert result.verdicts[0].conclusion is Conclusion.INFERIOR


def test_mover_interval_of_levamisole_alone() -> None:
    interval = comparison("DFS", "Lev", "Obs", 0.08, MOVER).difference.interval
    assert printed(interval.lower, "-0.0791192323") == "-0.0791192323"
    assert printed(interval.upper, "0.0774003687") == "0.0774003687"


def made_up(day: int) -> NonInferiority:
    """40 in each arm with 8 early events, one more in the experimental arm on `day`; followed 2000 days."""
    early = [(arm, 100 + index, 1) for arm in ("E", "C") for index in range(8)]
    late = [("E", 2000, 0)] * 31 + [("C", 2000, 0)] * 32 + [("E", day, 1)]
    rows = pd.DataFrame(early + late, columns=["arm", "time", "event"])
    points = (survival.landmark(curve, at=THREE_YEARS) for curve in survival.curves(rows, arms=("E", "C")))
    return compare(*points, margins=[0.19], alpha=0.025, method=WALD)


def test_an_event_on_day_1095_counts_within_three_years() -> None:
    result = made_up(1095)
    assert (result.experimental.events, result.experimental.at_risk) == (9, 31)
    assert result.difference.difference == pytest.approx(31 / 40 - 32 / 40)
    assert result.verdicts[0].conclusion is NO


def test_an_event_on_day_1096_does_not_count_within_three_years() -> None:
    result = made_up(1096)
    assert (result.experimental.events, result.experimental.at_risk) == (8, 32)
    assert result.difference.difference == 0
    assert result.verdicts[0].conclusion is YES


def median(endpoint: str, arm: str) -> float | NotEstimable:
    (curve,) = survival.curves(frame(endpoint, (arm,)), arms=(arm,))
    return survival.quantile(curve).time


def test_median_is_a_day_a_plateau_midpoint_or_not_reached() -> None:
    assert median("DFS", "Obs") == 1081
    assert median("DFS", "Lev") == 1027.5
    assert median("DFS", "Lev+5FU") == NotEstimable(Reason.NOT_REACHED, "Lev+5FU")


def log_rank(*arms: str) -> LogRank:
    found = survival.log_rank(frame("DFS", arms), arms=arms)
    assert isinstance(found, LogRank)
    return found


def test_log_rank_of_two_and_of_three_arms() -> None:
    pair, three = log_rank("Obs", "Lev+5FU"), log_rank(*ARMS)
    assert (printed(pair.chi_square, "18.134723575"), pair.degrees_of_freedom) == ("18.134723575", 1)
    assert (printed(three.chi_square, "21.0319026583"), three.degrees_of_freedom) == ("21.0319026583", 2)


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("Obs", ["0.2793650794", "0.4864816069", "0.5438952832"]),
        ("Lev+5FU", ["0.1578947368", "0.3388157895", "0.3786264603"]),
    ],
)
def test_cumulative_incidence_of_recurrence_at_one_three_and_five_years(
    arm: str, expected: list[str]
) -> None:
    (curve,) = competing.curves(frame("competing", (arm,)), arms=(arm,))
    found = [competing.incidence(curve, at=years * 365.25).incidence for years in (1, 3, 5)]
    assert [printed(value, like) for value, like in zip(found, expected, strict=True)] == expected


def test_numbers_at_risk_by_year() -> None:
    (curve,) = survival.curves(
        frame("DFS", ("Obs",)), arms=("Obs",), table_at=[years * 365.25 for years in range(9)]
    )
    assert curve.risk_table.at_risk == (315, 227, 177, 155, 141, 128, 81, 34, 6)
