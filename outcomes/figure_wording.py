"""Views room of floor 3: the words drawn into figures. Imported by the runs that draw, never by a page."""

from django.utils import translation
from django.utils.translation import gettext as _

from outcomes.reporting.figures import CurveWords
from outcomes.reporting.forest import MarginWords
from outcomes.reporting.panel_figures import FigureWords
from outcomes.wording import analysis_name
from trial.protocol.endpoints import RANDOMIZATION, Endpoint
from trial.protocol.schema import Protocol
from trial.wording import address_words, words


def figure_words(endpoint: Endpoint, protocol: Protocol, *, population: str, language: str) -> FigureWords:
    """Titles, descriptions and axis words of an endpoint's figures in one language, for one analysis set."""
    with translation.override(language):
        plan = protocol.endpoints
        label, name = words(endpoint.label), analysis_name(plan, endpoint.id, population)
        months = f"{plan.horizon_months:g}"
        quantity = _("Cumulative incidence") if endpoint.competing else _("Proportion without an event")
        description, axis = _since(endpoint, protocol, name)
        return FigureWords(
            curve_title=name,
            curve_description=description,
            curve=CurveWords(
                time_axis=axis,
                value_axis=_("%(name)s: %(quantity)s") % {"name": label, "quantity": quantity},
                at_risk=_("At risk"),
                events=_("Events"),
                censored=_("Censored"),
                competing=_("Competing"),
                horizon=_("%(months)s months") % {"months": months},
            ),
            margin_title=_("%(name)s: difference at %(months)s months") % {"name": name, "months": months},
            margin_description=_("Difference between the arms with its interval, against the margins."),
            margin=_margin_words(endpoint),
            versus=_("%(experimental)s − %(control)s"),
            margin_label=_("Margin %(points)s points"),
        )


def _since(endpoint: Endpoint, protocol: Protocol, name: str) -> tuple[str, str]:
    """The description of the curves and the words of their time axis, from where the time is counted."""
    if endpoint.origin == RANDOMIZATION:
        described = _("%(name)s by arm since randomization, with numbers at risk.")
        return described % {"name": name}, _("Years since randomization")
    origin = address_words(protocol, endpoint.origin)
    described = _("%(name)s by arm since: %(origin)s, with numbers at risk.") % {
        "name": name,
        "origin": origin,
    }
    return described, _("Years since: %(origin)s") % {"origin": origin}


def _margin_words(endpoint: Endpoint) -> MarginWords:
    return MarginWords(
        value_axis=_("Difference, experimental − control (percentage points)"),
        figures=_("Points (interval)"),
        shading=_("Non-inferior side"),
        # More events favour the control arm, more event-free participants the experimental one.
        favours_control=_("experimental lower") if endpoint.competing else _("control better"),
        favours_experimental=_("experimental higher") if endpoint.competing else _("experimental better"),
        not_estimable=_("not estimable"),
        to=_("to"),
    )
