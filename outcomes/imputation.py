"""Rules room of floor 3: completing dates of which the day or the month is not known; always flagged."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial.protocol.expressions import Unknown, Value
from trial.protocol.partial_dates import earliest, latest


class Imputation(StrEnum):
    """MIDDLE is primary: a missing day is the 15th, a missing month 1 July. The others are for sensitivity."""

    MIDDLE = "middle"
    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True)
class Completed:
    """A day, with D or M where its day or month was imputed, else ""."""

    on: date
    flag: str


def completed(
    value: Value | Unknown,
    *,
    not_before: date = date.min,
    not_after: date = date.max,
    how: Imputation = Imputation.MIDDLE,
) -> Completed | None:
    """The day of a date or of the text of a partial date; None for a missing value.

    What is imputed stays between `not_before` and `not_after` as far as the known part allows it: of a bound that it
    does not allow the nearest day is taken, and where both cannot be kept `not_after` wins. A full date is never moved.
    """
    if isinstance(value, date):
        return Completed(value, "")
    if not isinstance(value, str):
        return None
    low, high = earliest(value), latest(value)
    if low == high:
        return Completed(low, "")
    flag = "D" if len(value) == len("2025-03") else "M"
    middle = low.replace(day=15) if flag == "D" else low.replace(month=7)
    chosen = {Imputation.MIDDLE: middle, Imputation.EARLIEST: low, Imputation.LATEST: high}[how]
    return Completed(max(min(max(chosen, min(not_before, high)), not_after), low), flag)


def first_day(value: Value | Unknown) -> date | None:
    """The day of a date, the first day that a partial date may mean, None for a missing value."""
    if isinstance(value, str):
        return earliest(value)
    return value if isinstance(value, date) else None


def last_day(value: Value | Unknown) -> date | None:
    """As `first_day`, the last day."""
    if isinstance(value, str):
        return latest(value)
    return value if isinstance(value, date) else None
