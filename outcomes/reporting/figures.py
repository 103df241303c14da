"""Rules room: the Kaplan-Meier figure (and its cumulative incidence twin) as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import altair as alt

from outcomes.reporting.drawing import (
    INK,
    LINE,
    MUTED,
    SIZE,
    SOLID,
    Frame,
    Layer,
    Letters,
    Mark,
    Stroke,
    dash_of,
    layers_of,
    moved,
    render,
)
from outcomes.reporting.lettering import text_width, wrapped
from outcomes.reporting.steps import CurveData, band, censorings, course, end_of, thinned
from outcomes.reporting.svg import finish
from outcomes.reporting.tables import NO_BREAK, RiskRow, counts, percentage

__all__ = ["CurveData", "CurveKind", "CurveWords", "RiskRow", "TimeUnit", "curve_figure"]

NARROWEST = 400
_SWATCH = 30
_TICK = 4
_GAP = 8
_RIGHT = 24


class TimeUnit(Enum):
    """The unit of the time axis; the value is its length in days."""

    MONTHS = 30.4375
    YEARS = 365.25


class CurveKind(Enum):
    """What the curves show: the proportion still free of the event, or the proportion that had it."""

    SURVIVAL = "survival"
    INCIDENCE = "incidence"


@dataclass(frozen=True)
class CurveWords:
    """Already translated: `Years since randomization`, `Disease-free survival`, `At risk`, …, `3 years`."""

    time_axis: str
    value_axis: str
    at_risk: str
    events: str
    censored: str
    competing: str = ""
    horizon: str = ""


# Dash and colour both tell the arms apart: neither a black-and-white print nor a colour-blind reader is lost.
_ARMS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("#005eb8", SOLID),
    ("#d5281b", (8, 4)),
    (INK, (2, 2.5)),
    ("#007f3b", (10, 3, 2, 3)),
)


@dataclass(frozen=True)
class _Plot:
    """Scales of the plot: days and proportions to pixels from its upper left corner."""

    width: float
    height: float
    left: float
    days: float
    top: float
    unit: TimeUnit

    def x(self, days: float) -> float:
        return self.width * days / self.days


def curve_figure(
    *,
    curves: Sequence[CurveData],
    words: CurveWords,
    title: str,
    description: str,
    prefix: str,
    horizon: float | None = None,
    unit: TimeUnit = TimeUnit.YEARS,
    kind: CurveKind = CurveKind.SURVIVAL,
    width: int = 760,
) -> str:
    """SVG of one to four arms with bands, censorings, the horizon (days) and the counts under the axis.

    Layout of Morris et al., BMJ Open 2019 (KMunicate). `width` in pixels, at least 400; where the columns of
    counts would touch, some are left out (the HTML table has them all). `prefix` starts every id.
    Raises ValueError when the curves cannot be drawn together, or see `svg.finish`.
    """
    _refuse_undrawable(curves, width)
    plot = _plot(curves, words, horizon=horizon, unit=unit, kind=kind, width=width)
    shown = _columns(curves, plot, words)
    head, head_height = _head(curves, words, plot, horizon)
    foot, foot_height = _foot(curves, words, plot, shown)
    frame = Frame(
        plot.width, plot.height, plot.left, head_height, width - plot.left - plot.width, foot_height
    )
    marks = moved(head, down=-head_height) + moved(foot, down=plot.height)
    layers = [*_drawn(curves, plot, shown), *layers_of([*marks, *_rule(plot, horizon)])]
    return finish(render(layers, frame=frame), title=title, description=description, prefix=prefix)


def _refuse_undrawable(curves: Sequence[CurveData], width: int) -> None:
    if width < NARROWEST:
        raise ValueError(f"A figure {width} pixels wide cannot be read: ask for {NARROWEST} or more.")
    if not 1 <= len(curves) <= len(_ARMS):
        raise ValueError(f"A figure shows 1 to {len(_ARMS)} arms, not {len(curves)}.")
    for curve in curves:
        if not len(curve.times) == len(curve.survival) == len(curve.lower) == len(curve.upper) > 0:
            raise ValueError(
                f"{curve.label}: times, survival, lower and upper must have the same length, not 0."
            )
        if curve.times[0] != 0 or list(curve.times) != sorted(curve.times):
            raise ValueError(f"{curve.label}: times must start at 0 and increase.")
        if not all(0 <= value <= 1 for value in curve.survival):
            raise ValueError(f"{curve.label}: survival must be proportions between 0 and 1.")
    tables = {tuple((row.time, row.competing is None) for row in curve.risk_table) for curve in curves}
    if len(tables) > 1 or not curves[0].risk_table:
        raise ValueError(
            "The risk tables of the arms must have the same times and columns, and not be empty."
        )


def _plot(
    curves: Sequence[CurveData],
    words: CurveWords,
    *,
    horizon: float | None,
    unit: TimeUnit,
    kind: CurveKind,
    width: int,
) -> _Plot:
    heads = [words.at_risk, words.events, words.censored, words.competing, percentage(1, decimals=0)]
    left = math.ceil(max(text_width(head, size=SIZE) for head in heads)) + 24
    plot_width = width - left - _RIGHT
    days = max(
        [end_of(curve) for curve in curves] + [row.time for row in curves[0].risk_table] + [horizon or 1]
    )
    height = min(max(round(plot_width * 0.55), 230), 380)
    return _Plot(plot_width, height, left, days, _ceiling(curves, kind), unit)


def _step(ceiling: float) -> float:
    return 0.2 if ceiling > 0.5 else 0.1 if ceiling > 0.2 else 0.05


def _ceiling(curves: Sequence[CurveData], kind: CurveKind) -> float:
    """1 for survival, which must not be magnified; for an incidence, a round value above every band."""
    if kind is CurveKind.SURVIVAL:
        return 1.0
    drawn = [value for curve in curves for value in (*curve.upper, *curve.survival) if value is not None]
    highest = max([0.05, *(value for value in drawn if not math.isnan(value))])
    step = _step(highest)
    return min(1.0, step * math.ceil(highest / step))


def _lines(row: RiskRow, words: CurveWords) -> list[tuple[str, str]]:
    return counts(
        row,
        at_risk=words.at_risk,
        events=words.events,
        censored=words.censored,
        competing=words.competing,
    )


def _columns(curves: Sequence[CurveData], plot: _Plot, words: CurveWords) -> list[float]:
    """The times (days) of the risk table that have room beside each other."""
    rows = [row for curve in curves for row in curve.risk_table]
    widths = [text_width(number, size=SIZE) for row in rows for _, number in _lines(row, words)]
    widths += [text_width(f"{row.time / plot.unit.value:.4g}", size=SIZE) for row in rows]
    room = max(widths) + _GAP
    shown: list[float] = []
    for row in curves[0].risk_table:
        if not shown or plot.x(row.time) - plot.x(shown[-1]) >= room:
            shown.append(row.time)
    return shown


def _named(label: str, place: int, *, x: float, y: float, width: float) -> list[Mark]:
    """A piece of the arm's line with the arm's label beside it, on as many lines as it needs."""
    colour, dash = _ARMS[place]
    start = x + _SWATCH + _GAP
    texts = wrapped(label, width=width - _SWATCH - _GAP, size=SIZE, bold=True)
    letters = [Letters(start, y + LINE * line, text, bold=True) for line, text in enumerate(texts)]
    return [Stroke(x, y, x + _SWATCH, y, colour, dash, 2.2), *letters]


def _height(marks: Sequence[Mark]) -> float:
    """The y at which the next line of text may stand."""
    return max(mark.y for mark in marks) + LINE


def _legend(curves: Sequence[CurveData], plot: _Plot) -> list[Mark]:
    """The arms beside each other if they fit, else below each other."""
    room = plot.left + plot.width + _RIGHT / 2
    needs = [text_width(curve.label, size=SIZE, bold=True) + _SWATCH + 4 * _GAP for curve in curves]
    marks: list[Mark] = []
    x, y = 2 - plot.left, LINE / 2
    for place, (curve, need) in enumerate(zip(curves, needs, strict=True)):
        marks += _named(curve.label, place, x=x, y=y, width=room)
        if sum(needs) <= room:
            x += need
        else:
            y = _height(marks)
    return marks


def _head(
    curves: Sequence[CurveData], words: CurveWords, plot: _Plot, horizon: float | None
) -> tuple[list[Mark], float]:
    """What stands above the plot, y counted from the upper edge of the sheet, and its height."""
    marks = _legend(curves, plot)
    y = _height(marks) + _GAP
    for line in wrapped(words.value_axis, width=plot.left + plot.width, size=SIZE):
        marks.append(Letters(2 - plot.left, y, line))
        y += LINE
    if horizon is None or not words.horizon:
        return marks, y
    half = text_width(words.horizon, size=SIZE) / 2
    x = max(min(plot.x(horizon), plot.width + _RIGHT - half), half)
    return [*marks, Letters(x, y, words.horizon, align="center")], y + LINE / 2 + 2


def _foot(
    curves: Sequence[CurveData], words: CurveWords, plot: _Plot, shown: Sequence[float]
) -> tuple[list[Mark], float]:
    """What stands below the axis and its labels, y counted from the axis, and its height."""
    marks: list[Mark] = []
    y = 2.4 * LINE
    for line in wrapped(words.time_axis, width=plot.width, size=SIZE):
        marks.append(Letters(plot.width / 2, y, line, align="center"))
        y += LINE
    for place, curve in enumerate(curves):
        arm = _named(curve.label, place, x=2 - plot.left, y=y + _GAP, width=plot.left + plot.width)
        marks += arm
        y = _height(arm)
        marks += _table(curve, words, plot, shown, y)
        y = _height(marks)
    return marks, y


def _table(
    curve: CurveData, words: CurveWords, plot: _Plot, shown: Sequence[float], top: float
) -> list[Mark]:
    rows = [row for row in curve.risk_table if row.time in shown]
    marks: list[Mark] = []
    for line, (word, _) in enumerate(_lines(rows[0], words)):
        marks.append(Letters(2 - plot.left, top + LINE * line, word, colour=MUTED))
    for row in rows:
        for line, (_, number) in enumerate(_lines(row, words)):
            marks.append(Letters(plot.x(row.time), top + LINE * line, number, align="center"))
    return marks


def _rule(plot: _Plot, horizon: float | None) -> list[Mark]:
    if horizon is None:
        return []
    x = plot.x(horizon)
    return [Stroke(x, 0, x, plot.height, INK)]


def _drawn(curves: Sequence[CurveData], plot: _Plot, shown: Sequence[float]) -> list[Layer]:
    """Bands below all curves, curves below all censor ticks."""
    x, scale, axis = _time_axis(plot, shown), alt.Scale(domain=[0, plot.top], nice=False), _value_axis(plot)
    y, lower = alt.Y("y:Q", scale=scale, axis=axis), alt.Y("lower:Q", scale=scale, axis=axis)
    along = plot.height / plot.top
    bands, lines, ticks = [], [], []
    for whole, (colour, dash) in zip(curves, _ARMS, strict=False):
        curve = thinned(whole, across=plot.x(1), along=along)
        area = alt.Chart().mark_area(color=colour, opacity=0.13, interpolate="step-after")
        bands.append(Layer(area.encode(x=x, y=lower, y2="upper:Q"), band(curve)))
        line = alt.Chart().mark_line(
            color=colour, strokeDash=dash_of(dash), strokeWidth=2.2, interpolate="step-after"
        )
        lines.append(Layer(line.encode(x=x, y=y), course(curve)))
        tick = alt.Chart().mark_line(color=colour, strokeWidth=1).encode(x=x, y=y)
        ticks.append(Layer(tick, censorings(curve, reach=_TICK / along)))
    return [*bands, *lines, *ticks]


def _time_axis(plot: _Plot, shown: Sequence[float]) -> alt.X:
    label = f"format(datum.value / {plot.unit.value}, '.4~g')"
    axis = alt.Axis(values=list(shown), labelExpr=label, title=None)
    return alt.X("x:Q", scale=alt.Scale(domain=[0, plot.days], nice=False), axis=axis)


def _value_axis(plot: _Plot) -> alt.Axis:
    step = _step(plot.top)
    values = [place * step for place in range(round(plot.top / step) + 1)]
    return alt.Axis(values=values, labelExpr=f"format(100 * datum.value, '.4~g') + '{NO_BREAK}%'", title=None)
