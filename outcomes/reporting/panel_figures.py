"""Rules room of floor 3: the figures of one endpoint, from the values of a Result and words already translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes.reporting.figures import CurveData, CurveKind, CurveWords, RiskRow, curve_figure
from outcomes.reporting.forest import IntervalData, MarginData, MarginWords, margin_figure


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
    """`curve` and `margin` as SVG. `found` is what `estimators.panel.estimate` returned, `labels` the arms' names."""
    incidence = found.get("incidence")
    if incidence:
        curves = [
            _incidence_curve(c, table, labels)
            for c, table in zip(incidence["curves"], found["curves"], strict=True)
        ]
    else:
        curves = [_survival_curve(curve, labels) for curve in found["curves"]]
    key = str(found["endpoint"]).lower()
    return {
        "curve": curve_figure(
            curves=curves,
            words=words.curve,
            title=words.curve_title,
            description=words.curve_description,
            prefix=f"{key}-curve",
            horizon=found["horizon_days"],
            kind=CurveKind.INCIDENCE if incidence else CurveKind.SURVIVAL,
        ),
        "margin": margin_figure(
            intervals=_intervals(found, labels, words.versus),
            margins=_margins(found, words.margin_label),
            words=words.margin,
            title=words.margin_title,
            description=words.margin_description,
            prefix=f"{key}-margin",
        ),
    }


def _survival_curve(curve: Mapping[str, Any], labels: Mapping[str, str]) -> CurveData:
    steps = curve["steps"]
    return CurveData(
        label=labels[curve["arm"]],
        times=steps["time"],
        survival=steps["survival"],
        lower=steps["lower"],
        upper=steps["upper"],
        censor_times=_times_of(steps["time"], steps["censored"]),
        risk_table=_risk_rows(curve["risk_table"]),
    )


def _incidence_curve(
    curve: Mapping[str, Any], survival_curve: Mapping[str, Any], labels: Mapping[str, str]
) -> CurveData:
    nothing = [None] * len(curve["time"])
    return CurveData(
        label=labels[curve["arm"]],
        times=curve["time"],
        survival=curve["incidence"],
        lower=nothing,
        upper=nothing,
        censor_times=_times_of(curve["time"], curve["censored"]),
        risk_table=_incidence_risk_rows(curve, survival_curve["risk_table"]["at"]),
    )


def _times_of(times: Sequence[float], counts: Sequence[int]) -> list[float]:
    return [time for time, count in zip(times, counts, strict=True) if count]


def _risk_rows(table: Mapping[str, Any]) -> list[RiskRow]:
    columns = (table["at"], table["at_risk"], table["events"], table["censored"])
    return [RiskRow(*row) for row in zip(*columns, strict=True)]


def _incidence_risk_rows(curve: Mapping[str, Any], at: Sequence[float]) -> list[RiskRow]:
    def before(name: str, time: float) -> int:
        return sum(count for t, count in zip(curve["time"], curve[name], strict=True) if t < time)

    return [
        RiskRow(
            time=time,
            at_risk=curve["n"]
            - before("events", time)
            - before("competing", time)
            - before("censored", time),
            events=before("events", time),
            censored=before("censored", time),
            competing=before("competing", time),
        )
        for time in at
    ]


def _intervals(found: Mapping[str, Any], labels: Mapping[str, str], versus: str) -> list[IntervalData]:
    rows = []
    for place, pair in enumerate(found["comparisons"]):
        difference = found["incidence"]["differences"][place] if "incidence" in found else _declared(pair)
        name = versus % {"experimental": labels[pair["experimental"]], "control": labels[pair["control"]]}
        limits = difference.get("interval", {})
        rows.append(
            IntervalData(name, difference.get("difference"), limits.get("lower"), limits.get("upper"))
        )
    return rows


def _declared(pair: Mapping[str, Any]) -> Mapping[str, Any]:
    difference: Mapping[str, Any] = pair["non_inferiority"]["difference"]
    return difference


def _margins(found: Mapping[str, Any], label: str) -> list[MarginData]:
    verdicts = found["comparisons"][0]["non_inferiority"]["verdicts"] if found["comparisons"] else []
    return [
        MarginData(label % {"points": f"{100 * verdict['margin']:g}"}, verdict["margin"])
        for verdict in verdicts
    ]
