"""Data that no estimator may see are refused with their column and rows."""

import math
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from outcomes.estimate import EstimationError
from outcomes.estimators.frames import COMPETING_EVENTS, SURVIVAL_EVENTS, validated

ARMS = ("A", "B")


def frame(**columns: list[Any]) -> pd.DataFrame:
    whole = {"arm": ["B", "A", "A"], "time": [3, 2, 1.5], "event": [1, 0, 1]} | columns
    return pd.DataFrame(whole, index=["P-01", "P-02", "P-03"])


def refusal(rows: pd.DataFrame, events: frozenset[int] = SURVIVAL_EVENTS) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        validated(rows, arms=ARMS, events=events)
    return caught.value


def test_good_data_come_back_sorted_with_plain_types() -> None:
    given = frame()
    checked = validated(given, arms=ARMS, events=SURVIVAL_EVENTS)
    assert checked.to_dict("list") == {"arm": ["A", "A", "B"], "time": [1.5, 2.0, 3.0], "event": [1, 0, 1]}
    assert (str(checked["time"].dtype), str(checked["event"].dtype)) == ("float64", "int64")
    assert list(given["arm"]) == ["B", "A", "A"]


def test_an_empty_frame_is_allowed() -> None:
    assert validated(frame().iloc[:0], arms=ARMS, events=SURVIVAL_EVENTS).empty
    assert validated(pd.DataFrame(columns=["arm", "time", "event"]), arms=ARMS, events=SURVIVAL_EVENTS).empty


def test_nullable_and_boolean_columns_are_numbers() -> None:
    rows = frame()
    rows["event"] = [True, False, True]
    rows["time"] = pd.array([3, 2, 1], dtype="Int64")
    assert list(validated(rows, arms=ARMS, events=SURVIVAL_EVENTS)["event"]) == [1, 0, 1]


@pytest.mark.parametrize("column", ["arm", "time", "event"])
def test_a_missing_column_is_named(column: str) -> None:
    error = refusal(frame().drop(columns=column))
    assert (error.column, error.rows) == (column, ())
    assert f"'{column}'" in str(error)


@pytest.mark.parametrize("arm", ["C", "a", "", None, math.nan, 1])
def test_an_unknown_arm_is_refused_by_row(arm: object) -> None:
    error = refusal(frame(arm=["A", arm, "B"]))
    assert (error.column, error.rows) == ("arm", ("P-02",))
    assert "'A', 'B'" in error.remedy


@pytest.mark.parametrize("time", [math.nan, None, math.inf, -math.inf, "12", Decimal(12)])
def test_a_time_that_is_no_finite_number_is_refused_by_row(time: object) -> None:
    error = refusal(frame(time=[1, time, 3]))
    assert (error.column, error.rows) == ("time", ("P-02",))
    assert "finite" in error.message


def test_a_missing_time_in_a_nullable_column_is_refused() -> None:
    rows = frame()
    rows["time"] = pd.array([3, None, 1], dtype="Int64")
    assert refusal(rows).rows == ("P-02",)


def test_dates_are_not_times() -> None:
    assert refusal(frame(time=[pd.Timestamp("2024-01-01")] * 3)).rows == ("P-01", "P-02", "P-03")


def test_a_negative_time_is_refused_by_row() -> None:
    error = refusal(frame(time=[-1, 0, -0.5]))
    assert (error.column, error.rows) == ("time", ("P-01", "P-03"))
    assert "negative" in error.message


@pytest.mark.parametrize("event", [2, -1, 0.5, math.nan, None, "1"])
def test_an_event_outside_the_allowed_set_is_refused_by_row(event: object) -> None:
    error = refusal(frame(event=[1, 0, event]))
    assert (error.column, error.rows) == ("event", ("P-03",))
    assert "[0, 1]" in error.remedy


def test_a_competing_event_is_allowed_where_it_is_meant() -> None:
    checked = validated(frame(event=[2, 0, 1]), arms=ARMS, events=COMPETING_EVENTS)
    assert sorted(checked["event"]) == [0, 1, 2]
    assert refusal(frame(event=[3, 0, 1]), COMPETING_EVENTS).rows == ("P-01",)


def test_many_wrong_rows_are_counted_but_not_all_printed() -> None:
    rows = pd.DataFrame({"arm": "A", "time": -1, "event": 0}, index=range(100, 112))
    error = refusal(rows)
    assert error.rows == tuple(range(100, 112))
    assert "100, 101" in error.message
    assert "109 and 2 more" in error.message
