"""CSV: a spreadsheet runs nothing, numbers stay numbers, and reading it back gives what was written."""

import csv as reader
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exports.formats import csv


def cell(value: object) -> str:
    return next(reader.reader(io.StringIO(csv.text(["A"], [{"A": value}]).split("\r\n", 1)[1])))[0]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK(1)"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, -0.08, 3, 1e-9, Decimal("-12.50"), "-5", "+3.2", "-1e-05", "-.5"])
def test_numbers_are_never_changed(value: object) -> None:
    assert cell(value) == str(value)


@pytest.mark.parametrize(
    "text", ["Lev+5FU", "a=b", "non-inferior", "x@y", "", "'quoted", 'He said "no", twice\n']
)
def test_other_text_comes_back_as_it_was(text: str) -> None:
    assert cell(text) == text


def test_a_header_is_guarded_too() -> None:
    assert csv.text(["=A"], []) == "'=A\r\n"


def test_columns_keep_their_order_and_a_missing_value_is_empty() -> None:
    assert csv.text(["B", "A"], [{"A": None, "B": 1}]) == "B,A\r\n1,\r\n"


def test_days_and_times_are_iso_and_times_are_utc() -> None:
    shanghai = datetime(2026, 11, 22, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    assert cell(date(2024, 2, 29)) == "2024-02-29"
    assert cell(shanghai) == "2026-11-22T00:30:00Z"
    assert cell(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
