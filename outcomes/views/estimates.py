"""Views room of floor 3: the tables beside the figures, from the values of a Result."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from outcomes.reporting import stored
from outcomes.reporting.risk_rows import incidence_rows, survival_rows
from outcomes.reporting.tables import (
    ABSENT,
    NO_BREAK,
    RiskRow,
    number,
    p_value,
    percentage,
    points,
    risk_rows,
    time_heads,
)
from outcomes.views.reading import Reading, Values, confidence, limits, missing, months_of
from outcomes.wording import conclusion_name, conclusion_words, interval_method_name, margin_points
from trial.protocol.endpoints import DifferenceInterval

DAYS_PER_YEAR = 365.25
Table = dict[str, Any]


def landmarks(
    reading: Reading, points_by_arm: Sequence[Sequence[Values]], *, measure: str, caption: str
) -> Table:
    """Rates at the declared times, one row an arm; `measure` is `survival` or `incidence`."""
    times = [months_of(point["at"]) for point in points_by_arm[0]]
    columns = [_("Arm"), *(_("%(months)s months") % {"months": time} for time in times)]
    rows = [
        {"cells": [_arm(reading, at[0]), *(_rate(point, measure) for point in at)]} for at in points_by_arm
    ]
    return {"caption": reading.titled(caption), "columns": _columns(columns), "rows": rows}


def _arm(reading: Reading, point: Values) -> dict[str, Any]:
    return {"text": reading.arm(point["arm"]), "note": _("%(n)s participants") % {"n": point["n"]}}


def _rate(point: Values, measure: str) -> dict[str, Any]:
    why = missing(point[measure])
    if why:
        bound = limits(point["bound"], decimals=1)
        return {"missing": why, "note": _("between %(limits)s %%") % {"limits": bound}}
    note = missing(point["interval"]) or f"{limits(point['interval'], decimals=1)}{NO_BREAK}%"
    return {"number": percentage(point[measure]), "note": note}


def at_risk(reading: Reading) -> Table:
    """Numbers at risk, events and censorings so far, at each year since randomization."""
    names = [reading.arm(curve["arm"]) for curve in reading.found["curves"]]
    curves = list(zip(names, _risk(reading), strict=True))
    heads = time_heads(curves[0][1], days_per_unit=DAYS_PER_YEAR)
    lines = risk_rows(
        curves,
        at_risk=_("At risk"),
        events=_("Events"),
        censored=_("Censored"),
        competing=_("Competing events"),
    )
    return {
        "caption": reading.titled(_("at risk from each year on, events and censorings until then")),
        "columns": [
            {"label": _("Arm")},
            {"label": _("Counted")},
            *({"label": h, "numeric": True} for h in heads),
        ],
        "rows": [
            {"cells": [line.arm, line.counted, *({"number": n} for n in line.numbers)]} for line in lines
        ],
    }


def _risk(reading: Reading) -> list[list[RiskRow]]:
    found = reading.found
    if not stored.competing(found):
        return [survival_rows(curve["risk_table"]) for curve in found["curves"]]
    at = found["curves"][0]["risk_table"]["at"]
    return [incidence_rows(curve, at) for curve in found["incidence"]["curves"]]


def log_rank(reading: Reading) -> Table:
    """The log-rank tests of all arms together and of each comparison."""
    found = reading.found
    tests = [(_("All arms"), found["log_rank"])]
    tests += [(reading.versus(pair), pair["log_rank"]) for pair in found["comparisons"]]
    words = _("log-rank tests")
    if stored.competing(found):
        words = _("log-rank tests, competing events taken as censored")
    return {
        "caption": reading.titled(words),
        "columns": _columns([_("Arms"), _("Chi-square"), _("Degrees of freedom"), _("Two-sided p")]),
        "rows": [{"cells": [label, *_test(test)]} for label, test in tests],
    }


def _test(test: Values) -> list[dict[str, Any]]:
    why = missing(test)
    if why:
        return [{"missing": why}, {"missing": ABSENT}, {"missing": ABSENT}]
    return [
        {"number": number(test["chi_square"], decimals=2)},
        {"number": test["degrees_of_freedom"]},
        {"number": p_value(test["p"])},
    ]


def differences(reading: Reading) -> Table:
    """The differences at the horizon with their intervals; for the primary endpoint the conclusions."""
    pairs = reading.found["comparisons"]
    level = confidence(float(reading.plan.analysis.confidence))
    margins = pairs[0]["non_inferiority"]["verdicts"]
    heads = [
        _("Comparison"),
        _("Points"),
        *(
            _("%(level)s, %(method)s") % {"level": level, "method": interval_method_name(m)}
            for m in _methods(reading)
        ),
    ]
    conclusions = [_("Margin %(points)s points") % {"points": margin_points(verdict)} for verdict in margins]
    return {
        "caption": reading.titled(
            _("difference at %(horizon)s, percentage points") % {"horizon": reading.horizon}
        ),
        "columns": [*_columns(heads), *({"label": words} for words in conclusions)],
        "rows": [
            {"cells": [reading.versus(pair), *_difference(known), *_conclusions(reading, pair)]}
            for pair, known in zip(pairs, _compared(reading), strict=True)
        ],
    }


def _methods(reading: Reading) -> list[str]:
    if stored.competing(reading.found):
        return [DifferenceInterval.WALD]
    declared = reading.plan.analysis.ci
    return [declared, *(method for method in DifferenceInterval if method is not declared)]


def _compared(reading: Reading) -> list[list[Values]]:
    """For each comparison its difference by every method shown, the declared one first."""
    if stored.competing(reading.found):
        return [[difference] for difference in stored.differences(reading.found)]
    compared = [pair["non_inferiority"] for pair in reading.found["comparisons"]]
    return [[both["difference"], both["sensitivity"]] for both in compared]


def _difference(known: Sequence[Values]) -> list[dict[str, Any]]:
    why = missing(known[0])
    if why:
        return [{"missing": why}, *({"missing": ABSENT} for _method in known)]
    return [{"number": points(known[0]["difference"])}, *({"number": limits(d["interval"])} for d in known)]


def _conclusions(reading: Reading, pair: Values) -> list[str]:
    if not reading.gives_verdict:
        return [conclusion_name(verdict["conclusion"]) for verdict in pair["non_inferiority"]["verdicts"]]
    declared = reading.declares_per_protocol
    return [
        conclusion_words(verdict, beside, declared=declared) for verdict, beside in reading.verdicts(pair)
    ]


def _columns(labels: Sequence[str]) -> list[dict[str, Any]]:
    return [{"label": label, "numeric": place > 0} for place, label in enumerate(labels)]
