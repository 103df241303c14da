"""Specification, floor 1: when planned visits fall and where they stand, as tables to read."""

from datetime import date
from typing import Any

import pytest

from crf.schedule import Window, standing, windows
from tests.spec.tables import table
from tests.unit.crf.sample_trial import protocol

WINDOW = Window("m03", date(2024, 4, 1), date(2024, 3, 18), date(2024, 4, 15))
NEXT_OPENS = date(2024, 6, 17)


def day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(text)


@pytest.mark.shows("SCH-01")
@pytest.mark.parametrize("row", table("visit_windows").records)
def test_a_visit_falls_where_the_table_says(row: dict[str, Any]) -> None:
    visit = {
        "id": "planned",
        "label": {"en": "Planned"},
        "target_month": row["months"],
        "target_day": row["days"],
        "window": [row["before"], row["after"]],
        "forms": ["visit"],
    }
    start = day(row["counted_from"])
    assert start is not None
    window = windows(protocol(visits=[visit]), lambda address: start)["planned"]
    assert (window.target, window.opens, window.closes) == (
        day(row["target"]),
        day(row["opens"]),
        day(row["closes"]),
    )
    assert (window.target - start).days == row["day"]


@pytest.mark.shows("SCH-01")
@pytest.mark.parametrize("row", table("visit_standing").records)
def test_a_visit_stands_where_the_table_says(row: dict[str, Any]) -> None:
    today = day(row["today"])
    assert today is not None
    found = standing(
        WINDOW,
        today=today,
        done=row["submitted"] == "yes",
        ended_on=day(row["ended"]),
        next_opens=NEXT_OPENS,
    )
    assert found == row["standing"]
