"""Rules room: a step curve as the points that have to be drawn."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from outcomes.reporting.tables import RiskRow

Point = dict[str, float | None]
Limits = tuple[float | None, float | None]

_VISIBLE = 0.7


@dataclass(frozen=True)
class CurveData:
    """One arm's right-continuous step curve, control arm first in the figure.

    `times` in days, starting at 0, the last one being the end of follow-up; `survival` the proportion from
    each time on (in the incidence figure the cumulative incidence); `lower`, `upper` its pointwise limits,
    None where undefined; `censor_times` in days; `risk_table` the same times in every arm.
    """

    label: str
    times: Sequence[float]
    survival: Sequence[float]
    lower: Sequence[float | None]
    upper: Sequence[float | None]
    censor_times: Sequence[float]
    risk_table: Sequence[RiskRow]


def end_of(curve: CurveData) -> float:
    """The last time (days) up to which the curve is known."""
    return max([*curve.times, *curve.censor_times])


def course(curve: CurveData) -> list[Point]:
    """Corners (`x` days, `y`) of the curve, to be joined by steps after each."""
    points = [Point(x=time, y=value) for time, value in zip(curve.times, curve.survival, strict=True)]
    return [*points, {"x": end_of(curve), "y": curve.survival[-1]}]


def band(curve: CurveData) -> list[Point]:
    """Corners (`x` days, `lower`, `upper`) of the band.

    Where the limits become undefined the band is drawn up to that time, then broken off.
    """
    points: list[Point] = []
    limits: Limits = (None, None)
    for place, time in enumerate(curve.times):
        before, limits = limits, _limits(curve, place)
        if limits[0] is None and before[0] is not None:
            points.append({"x": time, "lower": before[0], "upper": before[1]})
        points.append({"x": time, "lower": limits[0], "upper": limits[1]})
    return [*points, {"x": end_of(curve), "lower": limits[0], "upper": limits[1]}]


def censorings(curve: CurveData, *, reach: float) -> list[Point]:
    """The ticks, from `reach` below to `reach` above the curve, as one line broken after each tick.

    A path for each of them would weigh ten times as much.
    """
    points: list[Point] = []
    for time in sorted(set(curve.censor_times)):
        y = curve.survival[bisect_right(curve.times, time) - 1]
        points += [{"x": time, "y": y - reach}, {"x": time, "y": y + reach}, {"x": time, "y": None}]
    return points


def thinned(curve: CurveData, *, across: float, along: float) -> CurveData:
    """The curve without what nobody can see: steps and ticks less than a pixel from the one before.

    `across` is in pixels per day, `along` in pixels per 1. Ten thousand events then weigh no more than a
    thousand; the ends of curve and band stay.
    """
    kept = [0]
    for place in range(1, len(curve.times)):
        last = kept[-1]
        moves = (curve.times[place] - curve.times[last]) * across >= _VISIBLE
        falls = abs(curve.survival[place] - curve.survival[last]) * along >= _VISIBLE
        turns = (_limits(curve, place)[0] is None) != (_limits(curve, last)[0] is None)
        if moves or falls or turns or place == len(curve.times) - 1:
            kept.append(place)
    ticks: list[float] = []
    for time in sorted(curve.censor_times):
        if not ticks or (time - ticks[-1]) * across >= _VISIBLE:
            ticks.append(time)
    return replace(
        curve,
        times=[curve.times[place] for place in kept],
        survival=[curve.survival[place] for place in kept],
        lower=[curve.lower[place] for place in kept],
        upper=[curve.upper[place] for place in kept],
        censor_times=ticks,
    )


def _limits(curve: CurveData, place: int) -> Limits:
    lower, upper = curve.lower[place], curve.upper[place]
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return None, None
    return lower, upper
