"""Rules room, floor 0: which days a date with an unknown day or month may be."""

import re
from calendar import monthrange
from datetime import date

_PARTIAL = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?")


def earliest(text: str) -> date:
    """First day a partial date may mean: '2024' → 2024-01-01, '2024-02' → 2024-02-01.

    Raises ValueError when `text` is not YYYY, YYYY-MM or YYYY-MM-DD, or is no day of the calendar.
    """
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def latest(text: str) -> date:
    """Last day a partial date may mean: '2024' → 2024-12-31, '2024-02' → 2024-02-29.

    Raises ValueError as `earliest` does.
    """
    year, month, day = _parts(text)
    # The first of the month is made before its length is asked: `date` alone decides which years exist.
    first = date(year, month or 12, 1)
    return first.replace(day=day or monthrange(first.year, first.month)[1])


def written_in_full(text: str) -> date | None:
    """The day of a text that is YYYY-MM-DD, else None."""
    if len(text) != len("YYYY-MM-DD"):
        return None
    try:
        return earliest(text)
    except ValueError:
        return None


def _parts(text: str) -> tuple[int, int | None, int | None]:
    found = _PARTIAL.fullmatch(text)
    if not found:
        raise ValueError("Not a partial date: write YYYY, YYYY-MM or YYYY-MM-DD.")
    year, month, day = found.groups()
    return int(year), int(month) if month else None, int(day) if day else None
