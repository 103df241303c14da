"""Views room of floor 3: the words drawn into figures. Imported by the runs that draw, never by a page."""

from django.utils import translation
from django.utils.translation import gettext as _

from outcomes.reporting.figures import CurveWords
from outcomes.reporting.forest import MarginWords
from outcomes.reporting.panel_figures import FigureWords
from trial.protocol.endpoints import Endpoint, EndpointPlan
from trial.protocol.vocabulary import in_language


def figure_words(endpoint: Endpoint, plan: EndpointPlan, *, language: str) -> FigureWords:
    """Titles, descriptions and axis words of an endpoint's figures in one language."""
    with translation.override(language):
        name = in_language(endpoint.label, language)
        months = f"{plan.horizon_months:g}"
        quantity = _("Cumulative incidence") if endpoint.competing else _("Proportion without an event")
        return FigureWords(
            curve_title=name,
            curve_description=_("%(name)s by arm since randomization, with numbers at risk.")
            % {"name": name},
            curve=CurveWords(
                time_axis=_("Years since randomization"),
                value_axis=_("%(name)s: %(quantity)s") % {"name": name, "quantity": quantity},
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
