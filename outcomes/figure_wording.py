"""Views room of floor 3: the words drawn into figures. Imported by the runs that draw, never by a page."""

from django.utils import translation
from django.utils.translation import gettext as _

from outcomes.endpoints import RANDOMIZATION, origin_label
from outcomes.reporting.figures import CurveWords
from outcomes.reporting.forest import MarginWords
from outcomes.reporting.panel_figures import FigureWords
from trial.protocol.endpoints import Endpoint, EndpointPlan
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import in_language


def figure_words(endpoint: Endpoint, protocol: Protocol, *, population: str, language: str) -> FigureWords:
    """Titles, descriptions and axis words of an endpoint's figures in one language, for one analysis set."""
    with translation.override(language):
        plan = protocol.endpoints
        label, name = in_language(endpoint.label, language), _name(endpoint, plan, population, language)
        months = f"{plan.horizon_months:g}"
        quantity = _("Cumulative incidence") if endpoint.competing else _("Proportion without an event")
        description, axis = _since(endpoint, protocol, name, language)
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


def _name(endpoint: Endpoint, plan: EndpointPlan, population: str, language: str) -> str:
    """The endpoint's label, with that of the analysis set where it is not the one of the verdict."""
    label = in_language(endpoint.label, language)
    if population == plan.analysis.population:
        return label
    sets = {each.id: in_language(each.label, language) for each in plan.populations}
    return _("%(endpoint)s, %(population)s") % {"endpoint": label, "population": sets[population]}


def _since(endpoint: Endpoint, protocol: Protocol, name: str, language: str) -> tuple[str, str]:
    """The description of the curves and the words of their time axis, from where the time is counted."""
    if endpoint.origin == RANDOMIZATION:
        described = _("%(name)s by arm since randomization, with numbers at risk.")
        return described % {"name": name}, _("Years since randomization")
    origin = origin_label(protocol, endpoint.origin, language)
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
