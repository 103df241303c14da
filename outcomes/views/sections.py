"""Views room of floor 3: the report's section of one endpoint: verdicts, figures, and a table beside each."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.reporting import stored
from outcomes.reporting.tables import percentage
from outcomes.views.estimates import Table, at_risk, differences, landmarks, log_rank
from outcomes.views.reading import Reading, confidence, difference_words, missing
from outcomes.views.support import side_by_side
from outcomes.views.verdicts import cautions, verdict
from outcomes.wording import curve_scale_name
from trial.protocol.endpoints import EndpointPlan, Purpose
from trial.wording import words

Address = Callable[[str], str]


def section(reading: Reading, address: Address) -> dict[str, Any]:
    """Everything the page shows of one endpoint. Secondary endpoints get intervals and no verdict."""
    found, verdicts = reading.found, reading.gives_verdict
    figures = [_curves(reading, address("curve"))] if any(curve["n"] for curve in found["curves"]) else []
    if found["comparisons"]:
        figures.append(_differences(reading, address("margin")))
    return {
        "key": reading.key.lower(),
        "name": reading.name,
        "primary": verdicts,
        "kind": _kind(reading),
        "notes": _notes(reading),
        "verdicts": [verdict(reading, pair) for pair in found["comparisons"]] if verdicts else [],
        "beside": _beside(reading) if verdicts else [],
        "figures": figures,
        "tables": _tables(reading),
        "cautions": [] if verdicts else _cautions(reading),
    }


def _kind(reading: Reading) -> str:
    """What the numbers of a section are for."""
    if reading.gives_verdict:
        return _("primary endpoint")
    return {
        Purpose.PRIMARY: _("primary endpoint again: supports the verdict or not"),
        Purpose.SECONDARY: _("secondary endpoint: intervals without verdict"),
        Purpose.DESCRIBED: _("described in one arm only: no comparison"),
        Purpose.OTHER_CENSORING: _(
            "sensitivity analysis with FDA-style censoring: intervals without verdict"
        ),
        Purpose.OTHER_ORIGIN: _("sensitivity analysis with another origin: intervals without verdict"),
    }[reading.plan.purpose(reading.endpoint)]


def _notes(reading: Reading) -> list[str]:
    """What the protocol says of the endpoint, and what is still open about its events and dates."""
    note = reading.endpoint.note
    said = [words(note)] if note else []
    # Results of earlier versions do not count them.
    pending, imputed = reading.found.get("pending") or {}, sum(reading.found.get("imputed", {}).values())
    if any(pending.values()):
        counts = [
            _("%(words)s (%(said)s)") % {"words": pending[arm], "said": reading.arm(arm)}
            for arm in reading.found["arms"]
        ]
        told = _("Every event is pending adjudication and counts as site-reported: %(counts)s.")
        said.append(told % {"counts": _(", ").join(counts)})
    if imputed:
        said.append(
            ngettext(
                "%(number)s time rests on a date of which the day or month was imputed.",
                "%(number)s times rest on a date of which the day or month was imputed.",
                imputed,
            )
            % {"number": imputed}
        )
    return said


def estimand(plan: EndpointPlan) -> list[dict[str, Any]]:
    """The five attributes of the estimand as rows of components/description_list.html."""
    attributes = plan.estimand
    events = [
        _(": ").join((words(known.event), words(known.strategy))) for known in attributes.intercurrent_events
    ]
    rows = [
        (_("Population"), words(attributes.population)),
        (_("Treatment"), words(attributes.treatment)),
        (_("Variable"), words(attributes.variable)),
        (_("Intercurrent events"), _("; ").join(events) or _("none declared")),
        (_("Summary"), words(attributes.summary)),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _cautions(reading: Reading) -> list[str]:
    said: list[str] = []
    for pair in reading.found["comparisons"]:
        said += [sentence for sentence in cautions(reading, pair) if sentence not in said]
    return said


def _curves(reading: Reading, src: str) -> dict[str, Any]:
    competing = stored.competing(reading.found)
    title = reading.titled(_("cumulative incidence by arm") if competing else _("Kaplan–Meier curves by arm"))
    return {
        "id": f"{reading.key}-curve",
        "title": title,
        "src": src,
        "alt": f"{title}. {_at_horizon(reading)}",
        "download_url": f"{src}&download",
        "caption": _("Aalen–Johansen estimates.") if competing else _("Bands are pointwise intervals."),
        "table": _rates(reading),
    }


def _rates(reading: Reading) -> Table:
    found, measure = reading.found, stored.measure(reading.found)
    caption = _event_free(reading)
    if stored.competing(found):
        caption = _("cumulative incidence (%(level)s on the log-log scale, from Aalen's standard error)") % {
            "level": confidence(float(reading.plan.analysis.confidence))
        }
    return landmarks(reading, stored.landmarks(found), measure=measure, caption=caption)


def _event_free(reading: Reading) -> str:
    analysis = reading.plan.analysis
    return _("proportion without an event (%(level)s on the %(scale)s scale)") % {
        "level": confidence(float(analysis.confidence)),
        "scale": curve_scale_name(analysis.km_interval),
    }


def _at_horizon(reading: Reading) -> str:
    """The rate of each arm at the horizon, for readers who do not see the curves."""
    found = reading.found
    measure = stored.measure(found)
    rates = [
        f"{reading.arm(point['arm'])} {missing(point[measure]) or percentage(point[measure])}"
        for at in stored.landmarks(found)
        for point in at
        if point["at"] == found["horizon_days"]
    ]
    return _("At %(horizon)s: %(rates)s.") % {"horizon": reading.horizon, "rates": _(", ").join(rates)}


def _differences(reading: Reading, src: str) -> dict[str, Any]:
    what = (
        _("difference against the margins") if reading.found["primary"] else _("difference between the arms")
    )
    title = reading.titled(what)
    return {
        "id": f"{reading.key}-margin",
        "title": title,
        "src": src,
        "alt": f"{title}. {_all_differences(reading)}",
        "download_url": f"{src}&download",
        "caption": _("Experimental − control, in percentage points."),
        "table": differences(reading),
    }


def _all_differences(reading: Reading) -> str:
    found = reading.found
    pairs = zip(found["comparisons"], stored.differences(found), strict=True)
    return _("; ").join(
        _("%(versus)s: %(words)s") % {"versus": reading.versus(pair), "words": difference_words(difference)}
        for pair, difference in pairs
    )


def _beside(reading: Reading) -> list[Table]:
    """A table of both populations for each comparison, none without a per-protocol analysis."""
    tables = (side_by_side(reading, pair) for pair in reading.found["comparisons"])
    return [table for table in tables if table]


def _tables(reading: Reading) -> list[Table]:
    tables = [at_risk(reading)]
    if not any(curve["n"] for curve in reading.found["curves"]):
        tables.append(_rates(reading))
    if reading.found["comparisons"]:
        tables.append(log_rank(reading))
    if stored.competing(reading.found):
        caption = _("%(words)s, competing events taken as censored: for comparison only") % {
            "words": _event_free(reading)
        }
        tables.append(landmarks(reading, reading.found["landmarks"], measure="survival", caption=caption))
    return tables
