"""Rules room: the marks that figures are made of, and their way through Altair and vl-convert to SVG."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import altair as alt
import vl_convert
from altair.utils.schemapi import Undefined, UndefinedType

INK = "#212b32"
MUTED = "#4c6272"
FAINT = "#d8dde0"
SIZE = 12
LINE = 17
SOLID: tuple[float, ...] = ()

# The Vega-Lite whose schema this Altair writes: any other would warn, or draw differently.
_VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


@dataclass(frozen=True)
class Letters:
    """A line of text; `x`, `y` in pixels from the plot's upper left corner, `y` at the letters' middle."""

    x: float
    y: float
    text: str
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True)
class Stroke:
    """A straight line in pixels from the plot's upper left corner."""

    x: float
    y: float
    x2: float
    y2: float
    colour: str = INK
    dash: tuple[float, ...] = SOLID
    thickness: float = 1


Mark = Letters | Stroke


@dataclass(frozen=True)
class Frame:
    """Where the plot lies on the sheet, in pixels: its own size and the room on its four sides."""

    width: float
    height: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Layer:
    """A mark with its encoding, and the rows it draws: apart, since Altair would check and copy every row."""

    chart: alt.Chart
    rows: Sequence[Mapping[str, float | str | None]]


def moved(marks: Iterable[Mark], *, down: float) -> list[Mark]:
    """The marks, `down` pixels lower."""
    return [
        replace(mark, y=mark.y + down)
        if isinstance(mark, Letters)
        else replace(mark, y=mark.y + down, y2=mark.y2 + down)
        for mark in marks
    ]


def x_pixels() -> alt.X:
    """Field `x`, taken as pixels."""
    return alt.X("x:Q", scale=None, axis=None)


def y_pixels() -> alt.Y:
    """Field `y`, taken as pixels."""
    return alt.Y("y:Q", scale=None, axis=None)


def dash_of(dash: tuple[float, ...]) -> list[float] | UndefinedType:
    """The dash as Altair wants it; a solid line carries no dash attribute at all."""
    return list(dash) or Undefined


def layers_of(marks: Iterable[Mark]) -> list[Layer]:
    """One layer for each look (alignment, weight, colour, dash), in order of first use."""
    alike: dict[Mark, list[dict[str, float | str]]] = defaultdict(list)
    for mark in marks:
        if isinstance(mark, Letters):
            alike[replace(mark, x=0, y=0, text="")].append({"x": mark.x, "y": mark.y, "text": mark.text})
        else:
            row: dict[str, float | str] = {"x": mark.x, "y": mark.y, "x2": mark.x2, "y2": mark.y2}
            alike[replace(mark, x=0, y=0, x2=0, y2=0)].append(row)
    return [Layer(_chart(look), rows) for look, rows in alike.items()]


def _chart(look: Mark) -> alt.Chart:
    if isinstance(look, Letters):
        text = alt.Chart().mark_text(
            align=look.align,
            baseline="middle",
            color=look.colour,
            fontSize=SIZE,
            fontWeight="bold" if look.bold else "normal",
            limit=0,
        )
        lettered: alt.Chart = text.encode(x=x_pixels(), y=y_pixels(), text="text:N")
        return lettered
    rule = alt.Chart().mark_rule(color=look.colour, strokeDash=dash_of(look.dash), strokeWidth=look.thickness)
    ruled: alt.Chart = rule.encode(x=x_pixels(), y=y_pixels(), x2="x2:Q", y2="y2:Q")
    return ruled


def render(layers: Sequence[Layer], *, frame: Frame) -> str:
    """SVG of the layers; every place is given in pixels, so that no font of the drawing machine matters."""
    names = [f"rows_{place}" for place in range(len(layers))]
    charts = [
        layer.chart.properties(data=alt.NamedData(name=name))
        for name, layer in zip(names, layers, strict=True)
    ]
    sheet = alt.layer(*charts).properties(
        width=frame.width,
        height=frame.height,
        padding={"left": frame.left, "top": frame.top, "right": frame.right, "bottom": frame.bottom},
        autosize=alt.AutoSizeParams(type="none"),
    )
    sheet = sheet.configure_view(stroke=None).configure_axis(
        labelFontSize=SIZE,
        labelColor=INK,
        labelLimit=0,
        labelOverlap=False,
        labelFlush=False,
        labelPadding=6,
        gridColor=FAINT,
        domainColor=MUTED,
        tickColor=MUTED,
        tickRound=False,
    )
    specification = sheet.to_dict()
    specification["datasets"] = {name: list(layer.rows) for name, layer in zip(names, layers, strict=True)}
    return vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE, allowed_base_urls=[])
