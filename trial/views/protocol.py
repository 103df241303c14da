"""Door of floor 0: the protocol in force, as people read it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial.access import Over, TrialRoom, requires
from trial.models import ProtocolVersion
from trial.permissions import Permission
from trial.protocol.schema import Protocol
from trial.selectors import protocol_of, version_in_force
from trial.views import protocol_analysis, protocol_conduct
from trial.views.protocol_sections import Section, table
from trial.wording import moment, source_cell, words


@requires(Permission.TRIAL_VIEW, over=Over.TRIAL)
def protocol(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Everything the protocol states, with its sources; nothing about any participant."""
    text, version = protocol_of(where.trial), version_in_force(where.trial)
    sections = [
        _identity(text, version),
        _arms(text),
        _parameters(text),
        *protocol_conduct.sections(text),
        *protocol_analysis.sections(text),
        _quirks(text),
    ]
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Protocol"), "")],
        "title": words(text.title),
        "kicker": _("Protocol, version %(number)s") % {"number": version.number},
        "sections": [section for section in sections if section.rows or section.tables],
        "actions": [{"label": _("Print"), "print": True, "icon": "print"}],
    }
    return render(request, "trial/protocol_view.html", context)


def _identity(text: Protocol, version: ProtocolVersion) -> Section:
    facts: list[tuple[str, Any]] = [(_("Trial"), text.trial)]
    if text.registry:
        facts.append((_("Registry"), f"{text.registry.name} {text.registry.id}"))
    if text.design:
        facts.append((_("Design"), words(text.design)))
    facts += [
        (_("Activated"), {"text": moment(version.activated_at), "note": version.activated_by.name}),
        (_("SHA-256"), {"text": version.sha256, "note": _("of the text in force; it never changes")}),
    ]
    facts += [(_("Consent text"), _consent(each)) for each in text.consent_versions]
    facts += [(_("Reference"), reference) for reference in text.references]
    return Section("identity", _("Identity"), rows=[{"label": label, "value": fact} for label, fact in facts])


def _consent(version: Any) -> dict[str, str]:
    first = _("Version %(id)s, may be signed from %(day)s") % {
        "id": version.id,
        "day": version.effective_from.isoformat(),
    }
    return {"text": words(version.label), "note": first}


def _arms(text: Protocol) -> Section:
    rows = [
        [
            arm.id,
            words(arm.label),
            _("Control") if arm.control else _("Experimental"),
            {"number": text.randomization.ratio[arm.id]},
        ]
        for arm in text.arms
    ]
    columns = [_("Code"), _("Arm"), _("Kind"), {"label": _("Ratio"), "numeric": True}]
    return Section("arms", _("Arms"), tables=[table(_("Arms"), columns, rows, caption_hidden=True)])


def _parameters(text: Protocol) -> Section:
    rows = [
        [
            {"text": words(each.label), "note": words(each.note)},
            f"{each.value} {words(each.unit)}".strip(),
            source_cell(each.source),
        ]
        for each in text.parameters
    ]
    about = _("Values the trial is planned and run with. An assumption is ours: no public record states it.")
    tables = (
        [table(_("Parameters"), [_("Parameter"), _("Value"), _("Source")], rows, caption_hidden=True)]
        if rows
        else []
    )
    return Section("parameters", _("Parameters"), about, tables=tables)


def _quirks(text: Protocol) -> Section:
    rows = [[words(each.says), words(each.does), words(each.why)] for each in text.quirks]
    columns = [_("What the source says"), _("What this system does"), _("Why")]
    about = _("Where a public record is unclear or contradicts itself, nothing is repaired silently.")
    tables = [table(_("Differences"), columns, rows, caption_hidden=True)] if rows else []
    return Section("quirks", _("Differences from the public record"), about, tables=tables)
