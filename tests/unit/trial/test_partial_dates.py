"""Unit tests, floor 0: partial dates."""

from datetime import date

import pytest

from trial.protocol import partial_dates


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("2024-04", date(2024, 4, 1), date(2024, 4, 30)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-03-05", date(2024, 3, 5), date(2024, 3, 5)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        ("0001-01", date(1, 1, 1), date(1, 1, 31)),
    ],
)
def test_partial_date_spans_all_its_completions(text: str, earliest: date, latest: date) -> None:
    assert partial_dates.earliest(text) == earliest
    assert partial_dates.latest(text) == latest


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "24",
            "2024-",
            "2024-00",
            "2024-13",
            "2024-1",
            "2024-02-30",
            "2023-02-29",
            "2024-03-00",
            "0000",
        ],
        *["2024-W01", "20240305", "2024-03-05T10:00", " 2024", "2024\n", "\uff12024", "2024-03-05-01"],
    ],
)
def test_text_that_is_no_partial_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY|range"):
        partial_dates.earliest(text)
    with pytest.raises(ValueError, match=r"YYYY|range"):
        partial_dates.latest(text)
    assert partial_dates.written_in_full(text) is None


def test_only_a_date_with_its_day_is_written_in_full() -> None:
    assert partial_dates.written_in_full("2024-02-29") == date(2024, 2, 29)
    assert partial_dates.written_in_full("2024-02") is None
    assert partial_dates.written_in_full("2024-02-30") is None
