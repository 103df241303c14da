"""Views room of floor 3: the report's section of one endpoint: verdicts, figures, and a table beside each."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from outcomes.reporting.tables import percentage
from outcomes.views.estimates import Table, at_risk, differences, landmarks, log_rank
from outcomes.views.reading import Reading, confidence, difference_words, language, missing
from outcomes.views.verdicts import cautions, verdict
from outcomes.wording import curve_scale_name
from trial.protocol.endpoints import EndpointPlan
from trial.protocol.vocabulary import in_language

Address = Callable[[str], str]


def section(reading: Reading, address: Address) -> dict[str, Any]:
    """Everything the page shows of one endpoint. Secondary endpoints get intervals and no verdict."""
    found = reading.found
    primary = found["primary"]
    return {
        "key": str(found["endpoint"]).lower(),
        "name": reading.name,
        "primary": primary,
        "verdicts": [verdict(reading, pair) for pair in found["comparisons"]] if primary else [],
        "figures": [_curves(reading, address("curve")), _differences(reading, address("margin"))],
        "tables": _tables(reading),
        "cautions": [] if primary else _cautions(reading),
    }


def estimand(plan: EndpointPlan) -> list[dict[str, Any]]:
    """The five attributes of the estimand as rows of components/description_list.html."""
    words = plan.estimand
    events = [
        _(": ").join((in_language(known.event, language()), in_language(known.strategy, language())))
        for known in words.intercurrent_events
    ]
    rows = [
        (_("Population"), in_language(words.population, language())),
        (_("Treatment"), in_language(words.treatment, language())),
        (_("Variable"), in_language(words.variable, language())),
        (_("Intercurrent events"), _("; ").join(events) or _("none declared")),
        (_("Summary"), in_language(words.summary, language())),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _cautions(reading: Reading) -> list[str]:
    said: list[str] = []
    for pair in reading.found["comparisons"]:
        said += [sentence for sentence in cautions(reading, pair) if sentence not in said]
    return said


def _curves(reading: Reading, src: str) -> dict[str, Any]:
    competing = "incidence" in reading.found
    title = reading.titled(_("cumulative incidence by arm") if competing else _("Kaplan–Meier curves by arm"))
    return {
        "id": f"{reading.found['endpoint']}-curve",
        "title": title,
        "src": src,
        "alt": f"{title}. {_at_horizon(reading)}",
        "download_url": f"{src}&download",
        "caption": _("Aalen–Johansen estimates.") if competing else _("Bands are pointwise intervals."),
        "table": _rates(reading),
    }


def _rates(reading: Reading) -> Table:
    found = reading.found
    if "incidence" in found:
        caption = _("cumulative incidence (%(level)s on the log-log scale, from Aalen's standard error)") % {
            "level": confidence(float(reading.plan.analysis.confidence))
        }
        return landmarks(reading, found["incidence"]["landmarks"], measure="incidence", caption=caption)
    return landmarks(reading, found["landmarks"], measure="survival", caption=_event_free(reading))


def _event_free(reading: Reading) -> str:
    analysis = reading.plan.analysis
    return _("proportion without an event (%(level)s on the %(scale)s scale)") % {
        "level": confidence(float(analysis.confidence)),
        "scale": curve_scale_name(analysis.km_interval),
    }


def _at_horizon(reading: Reading) -> str:
    """The rate of each arm at the horizon, for readers who do not see the curves."""
    found = reading.found
    points = found["incidence"]["landmarks"] if "incidence" in found else found["landmarks"]
    measure = "incidence" if "incidence" in found else "survival"
    rates = [
        f"{reading.arm(point['arm'])} {missing(point[measure]) or percentage(point[measure])}"
        for at in points
        for point in at
        if point["at"] == found["horizon_days"]
    ]
    return _("At %(horizon)s: %(rates)s.") % {"horizon": reading.horizon, "rates": _(", ").join(rates)}


def _differences(reading: Reading, src: str) -> dict[str, Any]:
    primary = reading.found["primary"]
    words = _("difference against the margins") if primary else _("difference between the arms")
    title = reading.titled(words)
    return {
        "id": f"{reading.found['endpoint']}-margin",
        "title": title,
        "src": src,
        "alt": f"{title}. {_all_differences(reading)}",
        "download_url": f"{src}&download",
        "caption": _("Experimental − control, in percentage points."),
        "table": differences(reading),
    }


def _all_differences(reading: Reading) -> str:
    found = reading.found
    known = (
        found["incidence"]["differences"]
        if "incidence" in found
        else [pair["non_inferiority"]["difference"] for pair in found["comparisons"]]
    )
    pairs = zip(found["comparisons"], known, strict=True)
    return _("; ").join(
        _("%(versus)s: %(words)s") % {"versus": reading.versus(pair), "words": difference_words(difference)}
        for pair, difference in pairs
    )


def _tables(reading: Reading) -> list[Table]:
    tables = [at_risk(reading), log_rank(reading)]
    if "incidence" in reading.found:
        caption = _("%(words)s, competing events taken as censored: for comparison only") % {
            "words": _event_free(reading)
        }
        tables.append(landmarks(reading, reading.found["landmarks"], measure="survival", caption=caption))
    return tables
