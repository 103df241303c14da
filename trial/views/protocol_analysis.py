"""Views room of floor 0: how the trial will be analysed, in words: endpoints, populations, estimand, looks."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from trial.protocol.endpoints import CensoringSet, DatedFact, Endpoint, Grouping, Population, Purpose
from trial.protocol.schema import Protocol
from trial.views.protocol_sections import Section, Table, table
from trial.wording import SOURCES, address_words, words

Rows = list[dict[str, Any]]


def sections(text: Protocol) -> list[Section]:
    """The cards about the declared analysis."""
    return [_endpoints(text), _populations(text), _estimand(text), _analysis(text)]


def _endpoints(text: Protocol) -> Section:
    plan = text.endpoints
    rows = [
        [
            {"text": words(each.label), "note": _kind(text, each)},
            address_words(text, each.origin),
            _facts(text, each.events),
            _facts(text, each.competing),
            _facts(text, each.censor),
            _("; ").join(_notes(text, each)),
        ]
        for each in plan.endpoints
    ]
    columns = [
        _("Endpoint"),
        _("Counts from"),
        _("Events"),
        _("Competing events"),
        _("Censored at the last"),
        _("Notes"),
    ]
    about = _("The first event counts. Whoever has none is censored; what happens afterwards is not guessed.")
    return Section(
        "endpoints", _("Endpoints"), about, tables=[table(_("Endpoints"), columns, rows, caption_hidden=True)]
    )


def _kind(text: Protocol, endpoint: Endpoint) -> str:
    purposes = {
        Purpose.PRIMARY: _("primary"),
        Purpose.SECONDARY: _("secondary"),
        Purpose.DESCRIBED: _("described only"),
        Purpose.OTHER_CENSORING: _("sensitivity analysis"),
        Purpose.OTHER_ORIGIN: _("sensitivity analysis"),
    }
    return _(", ").join((endpoint.id, purposes[text.endpoints.purpose(endpoint)]))


def _facts(text: Protocol, facts: Iterable[DatedFact]) -> str:
    """The dated facts of an endpoint, each named once."""
    return _("; ").join(dict.fromkeys(fact_words(text, each) for each in facts))


def fact_words(text: Protocol, fact: DatedFact) -> str:
    """What a dated fact is called: its own label, else that of its date."""
    return words(fact.label) or address_words(text, fact.on)


def _notes(text: Protocol, endpoint: Endpoint) -> list[str]:
    arms = {arm.id: words(arm.label) for arm in text.arms}
    notes = [words(endpoint.note)] if endpoint.note else []
    if endpoint.censoring is CensoringSet.FDA_STYLE:
        notes.append(_("Censored at missed assessments and new therapy (FDA style)"))
    if endpoint.arms:
        only = _(", ").join(arms[arm] for arm in endpoint.arms)
        notes.append(_("Describes only: %(arms)s") % {"arms": only})
    if endpoint.adjudicated:
        notes.append(_("Events are to be judged blind; until then those reported by the site count"))
    return notes


def _populations(text: Protocol) -> Section:
    rows = [
        [
            {"text": words(each.label), "note": each.id},
            _membership(each),
            _("as allocated") if each.by is Grouping.ALLOCATED else _("by treatment received"),
        ]
        for each in text.endpoints.populations
    ]
    columns = [_("Population"), _("Who belongs to it"), _("Analysed")]
    return Section(
        "populations", _("Populations"), tables=[table(_("Populations"), columns, rows, caption_hidden=True)]
    )


def _membership(population: Population) -> str:
    if population.conditions:
        return _("; ").join(words(each.label) for each in population.conditions)
    return str(population.rule)


def _estimand(text: Protocol) -> Section:
    found = text.endpoints.estimand
    rows: Rows = [
        {"label": _("Population"), "value": words(found.population)},
        {"label": _("Treatment"), "value": words(found.treatment)},
        {"label": _("Variable"), "value": words(found.variable)},
        {"label": _("Summary measure"), "value": words(found.summary)},
    ]
    events = [[words(each.event), words(each.strategy)] for each in found.intercurrent_events]
    columns = [_("Intercurrent event"), _("Strategy")]
    tables = [table(_("Intercurrent events"), columns, events)] if events else []
    return Section("estimand", _("Estimand of the primary endpoint"), rows=rows, tables=tables)


def _analysis(text: Protocol) -> Section:
    plan = text.endpoints
    declared = plan.analysis
    facts: list[tuple[str, Any]] = [
        (_("Primary endpoint"), words(plan.endpoint(declared.primary).label)),
        (_("Horizon"), _("%(months)s months") % {"months": plan.horizon_months}),
        (_("Comparisons"), _comparisons(text)),
        (_("Population"), words(plan.population(declared.population).label)),
    ]
    if declared.per_protocol:
        facts.append((_("Supported by"), words(plan.population(declared.per_protocol).label)))
    facts += [
        (_("Margins, in percentage points"), _(" and ").join(f"{each:f}" for each in declared.margins)),
        (_("One-sided alpha"), f"{declared.alpha:f}"),
        (_("Confidence level"), f"{declared.confidence:f}"),
        (_("Interval of the difference"), {"wald": _("Wald")}.get(declared.ci, _("MOVER, log-log"))),
        (_("Least number at risk"), declared.min_at_risk),
    ]
    if declared.hazard_ratio_margin:
        note = _("Supportive; not estimated yet.")
        facts.append((_("Hazard ratio margin"), {"text": f"{declared.hazard_ratio_margin:f}", "note": note}))
    facts.append((_("Source"), {"text": str(SOURCES[declared.source]), "note": words(declared.note)}))
    rows = [{"label": label, "value": fact} for label, fact in facts]
    return Section("analysis", _("Analysis, margins and looks"), rows=rows, tables=_looks(text))


def _comparisons(text: Protocol) -> str:
    arms = {arm.id: words(arm.label) for arm in text.arms}
    pairs = text.endpoints.analysis.comparisons
    return _("; ").join(
        _("%(experimental)s − %(control)s")
        % {"experimental": arms[pair.experimental], "control": arms[pair.control]}
        for pair in pairs
    )


def _looks(text: Protocol) -> list[Table]:
    rows = [[words(each.label), words(each.at), words(each.rule)] for each in text.endpoints.analysis.looks]
    return [table(_("Looks"), [_("Look"), _("When"), _("What may be concluded")], rows)] if rows else []
