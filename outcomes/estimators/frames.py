"""Rules room of floor 3: what a frame of times must look like before an estimator may see it."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from outcomes.estimate import EstimationError

COLUMNS = ("arm", "time", "event")
SURVIVAL_EVENTS = frozenset({0, 1})
COMPETING_EVENTS = frozenset({0, 1, 2})
ROWS_SHOWN = 10

Mask = npt.NDArray[np.bool_]


def validated(frame: pd.DataFrame, *, arms: Collection[str], events: frozenset[int]) -> pd.DataFrame:
    """A new frame `arm` (str), `time` (float ≥ 0, finite), `event` (int in `events`), sorted, index 0 … n-1.

    Sorted so that no answer depends on the order of the rows, not even in its last digit. An arm without
    rows is allowed, an empty frame too. Raises EstimationError naming the column and every offending row
    by its label in the index of `frame`.
    """
    for column in COLUMNS:
        if column not in frame.columns:
            remedy = f"Give the columns {', '.join(COLUMNS)}."
            raise EstimationError(f"The column {column!r} is missing.", column=column, remedy=remedy)
    arm = frame["arm"]
    stranger = ~arm.isin(list(arms)).to_numpy(bool)
    known = ", ".join(repr(name) for name in arms)
    _refuse(frame, "arm", stranger, "is not one of the arms", f"Known arms: {known}.")
    time = _numbers(frame, "time")
    _refuse(frame, "time", ~np.isfinite(time), "is not a finite number", "Derive a time for everybody.")
    _refuse(frame, "time", time < 0, "is negative", "Check the date of origin: an event cannot precede it.")
    event = _numbers(frame, "event")
    allowed = sorted(events)
    _refuse(frame, "event", ~np.isin(event, allowed), "is not an allowed event", f"Allowed here: {allowed}.")
    checked = pd.DataFrame({"arm": arm.to_numpy(object), "time": time, "event": event.astype(np.int64)})
    return checked.sort_values(list(COLUMNS), ignore_index=True)


def _numbers(frame: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """The column as floats; whatever is missing or not a number (a text of digits too) becomes NaN."""
    values = frame[column]
    if values.dtype == object:
        numeric = int | float | np.number
        values = pd.Series([value if isinstance(value, numeric) else np.nan for value in values])
    elif not pd.api.types.is_numeric_dtype(values):
        return np.full(len(values), np.nan)
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _refuse(frame: pd.DataFrame, column: str, wrong: Mask, complaint: str, remedy: str) -> None:
    if not wrong.any():
        return
    rows = tuple(frame.index[wrong])
    shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN])
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    message = f"Column {column!r} {complaint} in rows {shown}{more}."
    raise EstimationError(message, column=column, rows=rows, remedy=remedy)
