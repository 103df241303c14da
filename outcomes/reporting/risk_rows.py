"""Rules room: the rows of a risk table from the values of a Result, for figures and for HTML tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from outcomes.reporting.tables import RiskRow


def survival_rows(table: Mapping[str, Any]) -> list[RiskRow]:
    """The rows of a `RiskTable` as stored."""
    columns = (table["at"], table["at_risk"], table["events"], table["censored"])
    return [RiskRow(*row) for row in zip(*columns, strict=True)]


def incidence_rows(curve: Mapping[str, Any], at: Sequence[float]) -> list[RiskRow]:
    """The rows of a cumulative incidence curve at the times `at`: at risk from then on, events until then."""
    return [_row(curve, time) for time in at]


def _row(curve: Mapping[str, Any], time: float) -> RiskRow:
    kinds = ("events", "censored", "competing")
    before = sum(
        sum(counts)
        for t, *counts in zip(curve["time"], *(curve[kind] for kind in kinds), strict=True)
        if t < time
    )
    events, censored, competing = (
        sum(count for t, count in zip(curve["time"], curve[kind], strict=True) if t <= time) for kind in kinds
    )
    return RiskRow(time, curve["n"] - before, events, censored, competing)
