"""Numbers as a reader of a trial report expects them."""

import subprocess
import sys
from pathlib import Path

import pytest

from outcomes.reporting.tables import (
    RiskLine,
    RiskRow,
    interval,
    number,
    p_value,
    percentage,
    points,
    risk_rows,
    time_heads,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1437623482, "+14.38"),
        (-0.0008471594, "\u22120.08"),
        (0.0, "0.00"),
        (-0.00001, "0.00"),
        (0.00004, "0.00"),
        (None, "\u2013"),
        (NAN, "\u2013"),
    ],
)
def test_points_are_signed_with_a_true_minus_and_no_sign_on_zero(value: float | None, text: str) -> None:
    assert points(value) == text


def test_points_take_other_decimals() -> None:
    assert points(0.1437623482, decimals=1) == "+14.4"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.6381578947, 1, "63.8\u00a0%"),
        (0.6381578947, 2, "63.82\u00a0%"),
        (1, 0, "100\u00a0%"),
        (None, 1, "\u2013"),
    ],
)
def test_percentages(value: float | None, decimals: int, text: str) -> None:
    assert percentage(value, decimals=decimals) == text


def test_interval_in_points() -> None:
    assert interval(0.0664715, 0.2210532) == "6.65 to 22.11"
    assert interval(-0.0792908, 0.0775965, to="至") == "\u22127.93 至 7.76"
    assert interval(None, 0.2) == interval(0.2, NAN) == "\u2013"


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinite_limit_is_no_number(value: float) -> None:
    assert number(value, decimals=2) == "\u2013"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0000206, "<0.001"),
        (0.000999, "<0.001"),
        (0.001, "0.001"),
        (0.0125, "0.013"),
        (0.5, "0.500"),
        (0.9995, ">0.999"),
        (0, "<0.001"),
        (1, ">0.999"),
        (None, "\u2013"),
        (NAN, "\u2013"),
    ],
)
def test_p_values(p: float | None, text: str) -> None:
    assert p_value(p) == text


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_impossible_p_value_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="no p-value"):
        p_value(p)


def test_risk_rows_hold_one_line_for_each_count() -> None:
    obs = [RiskRow(0, 315, 0, 0), RiskRow(365.25, 227, 88, 0)]
    assert risk_rows([("Obs", obs)], at_risk="At risk", events="Events", censored="Censored") == [
        RiskLine("Obs", "At risk", ("315", "227")),
        RiskLine("Obs", "Events", ("0", "88")),
        RiskLine("Obs", "Censored", ("0", "0")),
    ]


def test_competing_events_get_a_line_of_their_own() -> None:
    obs = [RiskRow(0, 315, 0, 0, 0), RiskRow(730.5, 177, 133, 1, 4)]
    lines = risk_rows([("Obs", obs)], at_risk="A", events="E", censored="C", competing="Died first")
    assert lines[3] == RiskLine("Obs", "Died first", ("0", "4"))


def test_time_heads_in_years_and_months() -> None:
    rows = [RiskRow(time, 1, 0, 0) for time in (0, 365.25, 547.875, 1095.75)]
    assert time_heads(rows, days_per_unit=365.25) == ["0", "1", "1.5", "3"]
    assert time_heads(rows, days_per_unit=30.4375) == ["0", "12", "18", "36"]


def test_tables_can_be_imported_without_the_drawing_libraries() -> None:
    heavy = {"altair", "vl_convert", "pandas"}
    program = f"import sys, outcomes.reporting.tables; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).resolve().parents[3], check=True)
