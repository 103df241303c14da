"""What must hold for any data: order, unit, labels and later censorings change only what they should."""

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from outcomes.estimate import DifferenceMethod, Interval, LogRank, NotEstimable
from outcomes.estimators import competing, survival
from outcomes.noninferiority import Conclusion, compare, conclude, difference

ARMS = ("A", "B")
COLUMNS = ["arm", "time", "event"]
Row = tuple[str, int, int]

pytestmark = pytest.mark.filterwarnings("error")
repeatable = settings(derandomize=True, deadline=None, max_examples=25, database=None)


def data(events: tuple[int, ...] = (0, 1), smallest: int = 2) -> st.SearchStrategy[list[Row]]:
    """Rows with many ties; days 0 to 12."""
    row = st.tuples(st.sampled_from(ARMS), st.integers(0, 12), st.sampled_from(events))
    return st.lists(row, min_size=smallest, max_size=30)


def frame(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


@repeatable
@given(rows=data(events=(0, 1, 2)), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing_not_even_the_last_digit(
    rows: list[Row], order: object
) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    single, mixed = ([(arm, time, event % 2) for arm, time, event in each] for each in (rows, shuffled))
    assert survival.curves(frame(single), arms=ARMS) == survival.curves(frame(mixed), arms=ARMS)
    assert survival.pooled_curve(frame(single), arms=ARMS) == survival.pooled_curve(frame(mixed), arms=ARMS)
    assert survival.log_rank(frame(single), arms=ARMS) == survival.log_rank(frame(mixed), arms=ARMS)
    assert competing.curves(frame(rows), arms=ARMS) == competing.curves(frame(shuffled), arms=ARMS)


@repeatable
@given(rows=data(), factor=st.sampled_from([0.25, 2, 1024]), at=st.integers(0, 14))
def test_another_unit_of_time_changes_only_the_times(rows: list[Row], factor: float, at: int) -> None:
    plain = frame(rows)
    scaled = plain.assign(time=plain["time"] * factor)
    pairs = zip(survival.curves(plain, arms=ARMS), survival.curves(scaled, arms=ARMS), strict=True)
    for before, after in pairs:
        first, second = survival.landmark(before, at=at), survival.landmark(after, at=at * factor)
        assert (first.survival, first.se, first.interval) == (second.survival, second.se, second.interval)
        assert (first.at_risk, first.events, first.bound) == (second.at_risk, second.events, second.bound)
        median, later = survival.quantile(before).time, survival.quantile(after).time
        assert later == (median if isinstance(median, NotEstimable) else median * factor)
    assert survival.log_rank(plain, arms=ARMS) == survival.log_rank(scaled, arms=ARMS)


@repeatable
@given(rows=data(smallest=10), at=st.integers(1, 8), method=st.sampled_from(DifferenceMethod))
def test_exchanging_the_arms_turns_the_sign(rows: list[Row], at: int, method: DifferenceMethod) -> None:
    first, second = (survival.landmark(curve, at=at) for curve in survival.curves(frame(rows), arms=ARMS))
    forth = difference(first, second, method=method, level=0.95)
    back = difference(second, first, method=method, level=0.95)
    assume(not isinstance(forth, NotEstimable))
    assert back.difference == -forth.difference
    assert back.se == pytest.approx(forth.se)
    mirrored = (-forth.interval.upper, -forth.interval.lower)
    assert (back.interval.lower, back.interval.upper) == pytest.approx(mirrored)


@repeatable
@given(rows=data(smallest=8))
def test_exchanging_the_arms_leaves_the_log_rank_and_turns_observed_minus_expected(rows: list[Row]) -> None:
    forth, back = (survival.log_rank(frame(rows), arms=arms) for arms in (ARMS, ARMS[::-1]))
    assume(isinstance(forth, LogRank))
    assert back.chi_square == pytest.approx(forth.chi_square, abs=1e-9)
    excess = [observed - expected for observed, expected in zip(forth.observed, forth.expected, strict=True)]
    assert sum(excess) == pytest.approx(0, abs=1e-9)
    assert back.expected == pytest.approx(forth.expected[::-1])


@repeatable
@given(rows=data(events=(0, 1, 2), smallest=4), longer=st.integers(1, 500))
def test_a_later_censoring_after_the_last_event_changes_nothing_before(rows: list[Row], longer: int) -> None:
    last = max((time for _, time, event in rows if event), default=-1)
    moved = [(arm, time + longer * (time >= last and not event), event) for arm, time, event in rows]
    pairs = zip(
        competing.curves(frame(rows), arms=ARMS), competing.curves(frame(moved), arms=ARMS), strict=True
    )
    for before, after in pairs:
        for at in range(last + 1):
            first, second = competing.incidence(before, at=at), competing.incidence(after, at=at)
            if not isinstance(first.incidence, NotEstimable):
                same = (first.incidence, first.se_aalen, first.interval)
                assert same == (second.incidence, second.se_aalen, second.interval)


@repeatable
@given(rows=data(smallest=4), longer=st.integers(1, 500))
def test_a_later_censoring_changes_neither_survival_nor_log_rank(rows: list[Row], longer: int) -> None:
    last = max((time for _, time, event in rows if event), default=-1)
    moved = [(arm, time + longer * (time >= last and not event), event) for arm, time, event in rows]
    first_test, second_test = (survival.log_rank(frame(each), arms=ARMS) for each in (rows, moved))
    if isinstance(first_test, LogRank):
        # lifelines sums over all times, so that one more time may move the last digit
        assert second_test.chi_square == pytest.approx(first_test.chi_square, abs=1e-12)
        assert second_test.expected == first_test.expected
    else:
        assert second_test == first_test
    pairs = zip(
        survival.curves(frame(rows), arms=ARMS), survival.curves(frame(moved), arms=ARMS), strict=True
    )
    for before, after in pairs:
        for at in range(last + 1):
            first, second = survival.landmark(before, at=at), survival.landmark(after, at=at)
            if not isinstance(first.survival, NotEstimable):
                assert (first.survival, first.se, first.at_risk) == (
                    second.survival,
                    second.se,
                    second.at_risk,
                )


def exact_survival(rows: list[Row], at: int) -> Fraction:
    """The product-limit estimate in whole numbers."""
    product = Fraction(1)
    for day in range(at + 1):
        at_risk = sum(1 for _, time, _ in rows if time >= day)
        failed = sum(1 for _, time, event in rows if time == day and event)
        product *= Fraction(at_risk - failed, at_risk) if failed else 1
    return product


@repeatable
@given(rows=data(smallest=1), at=st.integers(0, 12))
def test_survival_is_the_product_limit(rows: list[Row], at: int) -> None:
    point = survival.landmark(survival.pooled_curve(frame(rows), arms=ARMS), at=at)
    exact = exact_survival(rows, at)
    if isinstance(point.survival, NotEstimable):
        assert exact > 0
        assert at > max(time for _, time, _ in rows)
    else:
        assert point.survival == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
        assert point.bound.lower <= point.survival <= point.bound.upper


@repeatable
@given(rows=data(events=(0, 1, 2), smallest=1))
def test_both_incidences_and_survival_add_up_to_one(rows: list[Row]) -> None:
    first, second = (competing.pooled_curve(frame(rows), arms=ARMS, cause=cause) for cause in (1, 2))
    either = frame([(arm, time, min(event, 1)) for arm, time, event in rows])
    curve = survival.pooled_curve(either, arms=ARMS)
    assert first.time == curve.steps.time
    total = [
        sum(parts) for parts in zip(first.incidence, second.incidence, curve.steps.survival, strict=True)
    ]
    assert total == pytest.approx([1.0] * len(total))


@repeatable
@given(rows=data(events=(1, 2), smallest=2), at=st.integers(0, 12))
def test_without_censoring_an_incidence_is_a_binomial_share(rows: list[Row], at: int) -> None:
    point = competing.incidence(competing.pooled_curve(frame(rows), arms=ARMS), at=at)
    share = sum(1 for _, time, event in rows if time <= at and event == 1) / len(rows)
    assert point.incidence == pytest.approx(share)
    if not isinstance(point.se_jackknife, NotEstimable):
        assert point.se_jackknife == pytest.approx(math.sqrt(share * (1 - share) / len(rows)))
        assert point.interval.lower < point.incidence < point.interval.upper


@repeatable
@given(rows=data(smallest=2))
def test_aalens_error_without_competing_events_is_greenwoods_with_one_less_at_risk(rows: list[Row]) -> None:
    curve = competing.pooled_curve(frame(rows), arms=ARMS)
    total = 0.0
    steps = zip(curve.se_aalen, curve.survival, curve.at_risk, curve.events, strict=True)
    for error, free, n, d in steps:
        if d and d < n:
            total += d / ((n - 1) * (n - d))
        if free > 0:
            assert error == pytest.approx(free * math.sqrt(total), abs=1e-9)


ORDER = [Conclusion.INFERIOR, Conclusion.INCONCLUSIVE, Conclusion.NON_INFERIOR, Conclusion.SUPERIOR]
limits = st.floats(-0.5, 0.5, allow_nan=False)


@repeatable
@given(first=limits, second=limits, small=st.floats(0.001, 0.4), more=st.floats(0.001, 0.4))
def test_a_wider_margin_never_makes_the_conclusion_worse(
    first: float, second: float, small: float, more: float
) -> None:
    interval = Interval(min(first, second), max(first, second), 0.95)
    narrow, wide = (conclude(interval, margin=margin)[0] for margin in (small, small + more))
    assert ORDER.index(wide) >= ORDER.index(narrow)


@repeatable
@given(rows=data(smallest=6), at=st.integers(0, 14))
def test_any_data_end_in_a_conclusion(rows: list[Row], at: int) -> None:
    first, second = (survival.landmark(curve, at=at) for curve in survival.curves(frame(rows), arms=ARMS))
    result = compare(
        first, second, margins=[0.1], alpha=0.025, method=DifferenceMethod.MOVER_LOGLOG, min_at_risk=1
    )
    assert (result.verdicts[0].conclusion is Conclusion.NOT_ESTIMABLE) is bool(result.reasons)
    assert isinstance(result.difference, NotEstimable) is bool(result.reasons)
