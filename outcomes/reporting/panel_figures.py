"""Rules room of floor 3: the figures of one endpoint, from the values of a Result and words already translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes.reporting.figures import CurveData, CurveKind, CurveWords, curve_figure
from outcomes.reporting.forest import IntervalData, MarginData, MarginWords, margin_figure
from outcomes.reporting.risk_rows import incidence_rows, survival_rows
from outcomes.reporting.stored import competing, differences


@dataclass(frozen=True)
class FigureWords:
    """Titles and words of the figures of one endpoint in one language."""

    curve_title: str
    curve_description: str
    curve: CurveWords
    margin_title: str
    margin_description: str
    margin: MarginWords
    versus: str
    margin_label: str


def draw(found: Mapping[str, Any], *, labels: Mapping[str, str], words: FigureWords) -> dict[str, str]:
    """`curve` as SVG where somebody was analysed, and `margin` where arms are compared.

    `found` is what `estimators.panel.estimate` returned, `labels` the arms' names. An arm that nobody was analysed in
    has no curve.
    """
    figures = {}
    curves = _curves(found, labels)
    if curves:
        figures["curve"] = curve_figure(
            curves=curves,
            words=words.curve,
            title=words.curve_title,
            description=words.curve_description,
            prefix=f"{str(found['endpoint']).lower()}-curve",
            horizon=found["horizon_days"],
            kind=CurveKind.INCIDENCE if competing(found) else CurveKind.SURVIVAL,
        )
    if found["comparisons"]:
        figures["margin"] = _margin(found, labels, words)
    return figures


def _curves(found: Mapping[str, Any], labels: Mapping[str, str]) -> list[CurveData]:
    own = found["curves"]
    if not competing(found):
        return [_survival_curve(curve, labels) for curve in own if curve["n"]]
    pairs = zip(found["incidence"]["curves"], own, strict=True)
    return [_incidence_curve(curve, beside, labels) for curve, beside in pairs if curve["n"]]


def _margin(found: Mapping[str, Any], labels: Mapping[str, str], words: FigureWords) -> str:
    return margin_figure(
        intervals=_intervals(found, labels, words.versus),
        margins=_margins(found, words.margin_label),
        words=words.margin,
        title=words.margin_title,
        description=words.margin_description,
        prefix=f"{str(found['endpoint']).lower()}-margin",
    )


def _survival_curve(curve: Mapping[str, Any], labels: Mapping[str, str]) -> CurveData:
    steps = curve["steps"]
    return CurveData(
        label=labels[curve["arm"]],
        times=steps["time"],
        survival=steps["survival"],
        lower=steps["lower"],
        upper=steps["upper"],
        censor_times=_times_of(steps["time"], steps["censored"]),
        risk_table=survival_rows(curve["risk_table"]),
    )


def _incidence_curve(
    curve: Mapping[str, Any], survival_curve: Mapping[str, Any], labels: Mapping[str, str]
) -> CurveData:
    return CurveData(
        label=labels[curve["arm"]],
        times=curve["time"],
        survival=curve["incidence"],
        lower=curve["lower"],
        upper=curve["upper"],
        censor_times=_times_of(curve["time"], curve["censored"]),
        risk_table=incidence_rows(curve, survival_curve["risk_table"]["at"]),
    )


def _times_of(times: Sequence[float], counts: Sequence[int]) -> list[float]:
    return [time for time, count in zip(times, counts, strict=True) if count]


def _intervals(found: Mapping[str, Any], labels: Mapping[str, str], versus: str) -> list[IntervalData]:
    rows = []
    for pair, difference in zip(found["comparisons"], differences(found), strict=True):
        name = versus % {"experimental": labels[pair["experimental"]], "control": labels[pair["control"]]}
        limits = difference.get("interval", {})
        rows.append(
            IntervalData(name, difference.get("difference"), limits.get("lower"), limits.get("upper"))
        )
    return rows


def _margins(found: Mapping[str, Any], label: str) -> list[MarginData]:
    verdicts = found["comparisons"][0]["non_inferiority"]["verdicts"]
    return [
        MarginData(label % {"points": f"{100 * verdict['margin']:g}"}, verdict["margin"])
        for verdict in verdicts
    ]
