"""Rules room: the margin figure, differences between arms against the non-inferiority margins, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from outcomes.reporting.drawing import (
    LINE,
    MUTED,
    SIZE,
    Frame,
    Layer,
    Letters,
    Mark,
    Stroke,
    layers_of,
    moved,
    render,
    y_pixels,
)
from outcomes.reporting.lettering import text_width, wrapped
from outcomes.reporting.svg import finish
from outcomes.reporting.tables import IntervalData, interval, points

__all__ = ["IntervalData", "MarginData", "MarginWords", "margin_figure"]

NARROWEST = 480
_BLUE = "#005eb8"
_SHADE = 0.09
_SHADE_INK = "#e8f0f8"
_DASH = (6, 4)
_GAP = 8
_SWATCH = 22
_CAP = 5
_STEPS = (1, 2, 5, 10, 20, 50)
_TICK_ROOM = 50


@dataclass(frozen=True)
class MarginData:
    """A non-inferiority margin as a positive proportion (.10 for ten points), with its translated label."""

    label: str
    margin: float


@dataclass(frozen=True)
class MarginWords:
    """The words of the figure, already translated.

    `value_axis` names the difference and its unit, `figures` heads the printed numbers, `shading` says what
    the shaded side means, `favours_*` stand left and right of no difference, `to` between limits.
    """

    value_axis: str
    figures: str
    shading: str
    favours_control: str
    favours_experimental: str
    not_estimable: str
    to: str


@dataclass(frozen=True)
class _Plot:
    """The plot between the column of labels and the column of figures; percentage points to pixels."""

    width: float
    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        return self.width * (value - self.low) / (self.high - self.low)


def margin_figure(
    *,
    intervals: Sequence[IntervalData],
    margins: Sequence[MarginData],
    words: MarginWords,
    title: str,
    description: str,
    prefix: str,
    width: int = 760,
) -> str:
    """SVG of one interval per comparison, in percentage points, with the figures as text.

    A full line at no difference, a dashed line at minus each margin (there may be none), its non-inferior
    side shaded. `width` in pixels, at least 480. `prefix` starts every id.
    Raises ValueError when there is no comparison, a number is no proportion, or see `svg.finish`.
    """
    _refuse_undrawable(intervals, margins, width)
    plot = _plot(intervals, margins, words, width)
    head, head_height = _head(margins, words, plot)
    rows, middles, height = _rows(intervals, words, plot)
    foot, foot_height = _foot(words, plot, shaded=bool(margins))
    zero = Stroke(plot.x(0), 0, plot.x(0), height)
    marks = [*moved(head, down=-head_height), *_fences(margins, plot, height), zero, *rows]
    layers = [
        *_shades(margins, plot, height),
        *layers_of([*marks, *moved(foot, down=height)]),
        *_estimates(intervals, middles, plot),
    ]
    frame = Frame(plot.width, height, plot.left, head_height, plot.right, foot_height)
    return finish(render(layers, frame=frame), title=title, description=description, prefix=prefix)


def _refuse_undrawable(intervals: Sequence[IntervalData], margins: Sequence[MarginData], width: int) -> None:
    if width < NARROWEST:
        raise ValueError(f"A figure {width} pixels wide cannot be read: ask for {NARROWEST} or more.")
    if not intervals:
        raise ValueError("A margin figure needs at least one comparison.")
    for comparison in intervals:
        # A Wald interval of a small trial may reach beyond 100 points; the difference itself cannot.
        if comparison.estimate is not None and abs(comparison.estimate) > 1:
            raise ValueError(f"{comparison.label}: give differences as proportions, .10 for ten points.")
    for margin in margins:
        if not 0 < margin.margin < 1:
            raise ValueError(f"{margin.label}: give margins as positive proportions, .10 for ten points.")


def _values(comparison: IntervalData) -> list[float]:
    """Lower limit, estimate, upper limit; nothing when one of them is undefined."""
    values = [comparison.lower, comparison.estimate, comparison.upper]
    known = [value for value in values if value is not None and not math.isnan(value)]
    return known if len(known) == len(values) else []


def _figures(comparison: IntervalData, words: MarginWords) -> list[str]:
    if not _values(comparison):
        return [words.not_estimable]
    return [points(comparison.estimate), f"({interval(comparison.lower, comparison.upper, to=words.to)})"]


def _plot(
    intervals: Sequence[IntervalData], margins: Sequence[MarginData], words: MarginWords, width: int
) -> _Plot:
    labels = max(text_width(comparison.label, size=SIZE, bold=True) for comparison in intervals)
    left = math.ceil(min(labels, 0.3 * width)) + 2 * _GAP
    texts = [text for comparison in intervals for text in _figures(comparison, words)]
    right = math.ceil(min(max(text_width(text, size=SIZE) for text in texts), 0.3 * width)) + 2 * _GAP
    ends = [100 * value for comparison in intervals for value in _values(comparison)]
    ends += [0, *(-100 * margin.margin for margin in margins)]
    low, high = min(ends), max(ends)
    spare = 0.06 * (high - low) or 10
    return _Plot(width - left - right, left, right, low - spare, high + spare)


def _head(margins: Sequence[MarginData], words: MarginWords, plot: _Plot) -> tuple[list[Mark], float]:
    """Labels of the margins and head of the figures, y from the upper edge of the sheet, and their height."""
    labels = _margin_labels(margins, plot)
    heads = wrapped(words.figures, width=plot.right - 2 * _GAP, size=SIZE)
    lines = max(len(heads), sum(len(label) for _, label in labels))
    height = LINE * lines + _GAP
    y = height - _GAP / 2 - LINE * (len(heads) - 0.5)
    marks: list[Mark] = []
    for line, text in enumerate(heads):
        marks.append(Letters(plot.width + 2 * _GAP, y + LINE * line, text, colour=MUTED))
    y = height - _GAP / 2 - LINE * (sum(len(label) for _, label in labels) - 0.5)
    for x, label in labels:
        marks.append(Stroke(x, y - LINE / 2, x, height, dash=_DASH))
        for text in label:
            align: Literal["left", "right"] = "left" if _rightwards(margins, plot) else "right"
            marks.append(
                Letters(x + (_GAP / 2 if align == "left" else -_GAP / 2), y, text, align, colour=MUTED)
            )
            y += LINE
    return marks, height


def _rightwards(margins: Sequence[MarginData], plot: _Plot) -> bool:
    """Whether the labels of the margins have more room right of their lines than left of them."""
    places = [plot.x(-100 * margin.margin) for margin in margins]
    return plot.width - max(places) >= plot.left + min(places)


def _margin_labels(margins: Sequence[MarginData], plot: _Plot) -> list[tuple[float, list[str]]]:
    """From top to bottom each margin's place and label, in lines, so ordered that no line crosses a label."""
    if not margins:
        return []
    rightwards = _rightwards(margins, plot)
    labels = []
    for margin in sorted(margins, key=lambda margin: margin.margin, reverse=rightwards):
        x = plot.x(-100 * margin.margin)
        room = plot.width - x if rightwards else plot.left + x
        labels.append((x, wrapped(margin.label, width=room - _GAP, size=SIZE)))
    return labels


def _rows(
    intervals: Sequence[IntervalData], words: MarginWords, plot: _Plot
) -> tuple[list[Mark], list[float], float]:
    """Label and figures of each comparison, the height of its middle, and the height of all."""
    marks: list[Mark] = []
    middles: list[float] = []
    y = 0.0
    for comparison in intervals:
        label = wrapped(comparison.label, width=plot.left - 2 * _GAP, size=SIZE, bold=True)
        figures = [
            line
            for text in _figures(comparison, words)
            for line in wrapped(text, width=plot.right - 2 * _GAP, size=SIZE)
        ]
        height = LINE * max(len(label), len(figures)) + 2 * _GAP
        middles.append(y + height / 2)
        marks += _centred(label, x=2 - plot.left, middle=middles[-1], bold=True)
        marks += _centred(figures, x=plot.width + 2 * _GAP, middle=middles[-1])
        y += height
    return marks, middles, y


def _centred(lines: Sequence[str], *, x: float, middle: float, bold: bool = False) -> list[Letters]:
    first = middle - LINE * (len(lines) - 1) / 2
    return [Letters(x, first + LINE * place, line, bold=bold) for place, line in enumerate(lines)]


def _foot(words: MarginWords, plot: _Plot, *, shaded: bool) -> tuple[list[Mark], float]:
    """What stands below the axis and its labels, y counted from the axis, and its height."""
    zero, y = plot.x(0), 2.4 * LINE
    control = wrapped(f"\u2190 {words.favours_control}", width=plot.left + zero - 2 * _GAP, size=SIZE)
    room = plot.width + plot.right - zero - 2 * _GAP
    experimental = wrapped(f"{words.favours_experimental} \u2192", width=room, size=SIZE)
    marks: list[Mark] = []
    for line, text in enumerate(control):
        marks.append(Letters(zero - _GAP, y + LINE * line, text, align="right"))
    for line, text in enumerate(experimental):
        marks.append(Letters(zero + _GAP, y + LINE * line, text))
    y += LINE * max(len(control), len(experimental)) + _GAP / 2
    width = plot.left + plot.width + plot.right - 4
    for text in wrapped(words.value_axis, width=width, size=SIZE):
        marks.append(Letters(2 - plot.left, y, text))
        y += LINE
    if shaded:
        marks.append(Stroke(2 - plot.left, y, 2 - plot.left + _SWATCH, y, _SHADE_INK, thickness=12))
        start = 2 - plot.left + _SWATCH + _GAP
        for text in wrapped(words.shading, width=width - _SWATCH - _GAP, size=SIZE):
            marks.append(Letters(start, y, text))
            y += LINE
    return marks, y


def _fences(margins: Sequence[MarginData], plot: _Plot, height: float) -> list[Mark]:
    places = [plot.x(-100 * margin.margin) for margin in margins]
    return [Stroke(x, 0, x, height, dash=_DASH) for x in places]


def _shades(margins: Sequence[MarginData], plot: _Plot, height: float) -> list[Layer]:
    """The side right of each margin, deeper where it is non-inferior at several."""
    rows = [{"x": -100 * margin.margin, "x2": plot.high, "y": 0, "y2": height} for margin in margins]
    shade = alt.Chart().mark_rect(color=_BLUE, opacity=_SHADE)
    return [Layer(shade.encode(x=_x(plot), x2="x2:Q", y=y_pixels(), y2="y2:Q"), rows)]


def _estimates(intervals: Sequence[IntervalData], middles: Sequence[float], plot: _Plot) -> list[Layer]:
    """Square and whiskers of each comparison that has them."""
    whiskers: list[Mark] = []
    squares = []
    for comparison, y in zip(intervals, middles, strict=True):
        if values := [100 * value for value in _values(comparison)]:
            low, _, high = map(plot.x, values)
            whiskers.append(Stroke(low, y, high, y, _BLUE, thickness=2))
            whiskers += [Stroke(end, y - _CAP, end, y + _CAP, _BLUE, thickness=2) for end in (low, high)]
            squares.append({"x": values[1], "y": y})
    square = alt.Chart().mark_square(color=_BLUE, opacity=1, size=90)
    return [*layers_of(whiskers), Layer(square.encode(x=_x(plot), y=y_pixels()), squares)]


def _x(plot: _Plot) -> alt.X:
    step = next((step for step in _STEPS if plot.x(step) - plot.x(0) >= _TICK_ROOM), _STEPS[-1])
    ticks = [step * place for place in range(math.ceil(plot.low / step), math.floor(plot.high / step) + 1)]
    signed = "(datum.value > 0 ? '+' : '') + format(datum.value, '.4~g')"
    scale = alt.Scale(domain=[plot.low, plot.high], nice=False)
    return alt.X("x:Q", scale=scale, axis=alt.Axis(values=ticks, labelExpr=signed, title=None, grid=False))
