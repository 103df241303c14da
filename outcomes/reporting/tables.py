"""Rules room: numbers as text, results as rows of text for HTML tables; pages may import it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MINUS = "\u2212"
NO_BREAK = "\u00a0"
ABSENT = "\u2013"


@dataclass(frozen=True)
class IntervalData:
    """A rate or a difference (experimental minus control) with its limits, as proportions: .1438, not 14.38.

    None where it is not estimable.
    """

    label: str
    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class RiskRow:
    """One arm at `time` (days): how many have time ≥ it; events, censorings, competing events up to it.

    `competing` is None where nothing competes.
    """

    time: float
    at_risk: int
    events: int
    censored: int
    competing: int | None = None


class RiskLine(NamedTuple):
    """One line of a risk table: the arm, what is counted, and one text per time."""

    arm: str
    counted: str
    numbers: tuple[str, ...]


def number(value: float | None, *, decimals: int, signed: bool = False) -> str:
    """`value` with fixed decimals, a true minus sign, no sign on a zero; a dash where there is no number.

    `signed` writes the plus as well.
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    if value < 0:
        return MINUS + text
    return "+" + text if signed else text


def percentage(proportion: float | None, *, decimals: int = 1) -> str:
    """`.6382` as `63.8 %` (no-break space)."""
    text = number(_hundredfold(proportion), decimals=decimals)
    return text if text == ABSENT else f"{text}{NO_BREAK}%"


def points(difference: float | None, *, decimals: int = 2) -> str:
    """A difference of proportions in percentage points, with its sign: `.143762` as `+14.38`."""
    return number(_hundredfold(difference), decimals=decimals, signed=True)


def interval(lower: float | None, upper: float | None, *, decimals: int = 2, to: str = "to") -> str:
    """Limits given as proportions, in percentage points: `6.65 to 22.11`; `to` is the word, translated."""
    low = number(_hundredfold(lower), decimals=decimals)
    high = number(_hundredfold(upper), decimals=decimals)
    return ABSENT if ABSENT in (low, high) else f"{low} {to} {high}"


def p_value(p: float | None) -> str:
    """Three decimals, `<0.001` below that and `>0.999` above; raises ValueError outside [0, 1]."""
    if p is None or math.isnan(p):
        return ABSENT
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is no p-value: it must lie between 0 and 1.")
    if p < 0.001:
        return "<0.001"
    return ">0.999" if p > 0.999 else f"{p:.3f}"


def risk_rows(
    arms: Iterable[tuple[str, Sequence[RiskRow]]],
    *,
    at_risk: str,
    events: str,
    censored: str,
    competing: str = "",
) -> list[RiskLine]:
    """Three lines an arm (label, rows in order of time), four where events compete; the words head them."""
    lines = []
    for arm, rows in arms:
        columns = [
            counts(row, at_risk=at_risk, events=events, censored=censored, competing=competing)
            for row in rows
        ]
        for line in zip(*columns, strict=True):
            lines.append(RiskLine(arm, line[0][0], tuple(number for _, number in line)))
    return lines


def counts(
    row: RiskRow, *, at_risk: str, events: str, censored: str, competing: str
) -> list[tuple[str, str]]:
    """The numbers of one arm at one time, each with the word that heads its line, from top to bottom."""
    lines = [(at_risk, str(row.at_risk)), (events, str(row.events)), (censored, str(row.censored))]
    return lines if row.competing is None else [*lines, (competing, str(row.competing))]


def time_heads(rows: Sequence[RiskRow], *, days_per_unit: float) -> list[str]:
    """Column heads of a risk table: times in months (30.4375 days) or years (365.25 days), `36` or `1.5`."""
    return [f"{row.time / days_per_unit:.4g}" for row in rows]


def _hundredfold(proportion: float | None) -> float | None:
    return None if proportion is None else 100 * proportion
