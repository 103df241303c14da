"""Views room of floor 3: what the page of snapshots shows of each one."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from outcomes.models import Analysis, Snapshot
from outcomes.selectors import GOING_ON, Finding, declared, findings_of
from outcomes.views.finding_tables import all_findings
from outcomes.wording import failure_sentences, other_population, stage_name, work_name
from trial.access import TrialRoom
from trial.permissions import Permission
from trial.protocol.endpoints import EndpointPlan
from trial.selectors import parsed
from trial.states import WorkState
from trial.wording import day, moment, words


def card(snapshot: Snapshot, where: TrialRoom) -> dict[str, Any]:
    """One snapshot: facts, hash, findings, analyses with their state, and what may be done next."""
    asked = list(snapshot.analyses.all())
    protocol = parsed(snapshot.protocol)
    plan, findings = protocol.endpoints, findings_of(snapshot, with_arm=False)
    return {
        "number": snapshot.number,
        "title": _("Snapshot %(number)s") % {"number": snapshot.number},
        "reason": snapshot.reason,
        "sha256": snapshot.sha256,
        "facts": _facts(snapshot, findings),
        "findings": all_findings(findings, protocol),
        "analyses": _analyses(snapshot, [_row(analysis, plan, where) for analysis in asked]),
        "going_on": sum(analysis.state in GOING_ON for analysis in asked),
        "request_url": _request_url(snapshot, asked, plan, where),
        "report_url": _report_url(snapshot, asked, where),
    }


def _facts(snapshot: Snapshot, findings: list[Finding]) -> list[tuple[str, Any]]:
    rows, counts = snapshot.manifest["files"], snapshot.manifest.get("counts", {})
    return [
        (_("Data cut-off"), day(snapshot.cut_off)),
        (_("Taken"), moment(snapshot.taken_at)),
        (_("By"), snapshot.taken_by.name),
        (_("Participants"), rows["adsl"]["rows"]),
        (_("Values"), rows["values"]["rows"] + rows["values_arm"]["rows"]),
        *((label, counts[name]) for name, label in _counted() if name in counts),
        (_("Findings"), len(findings)),
        (_("Protocol version"), snapshot.protocol.number),
    ]


def _counted() -> list[tuple[str, str]]:
    """What a manifest counts; those of earlier versions count nothing."""
    return [
        ("records_in_draft", _("Forms in draft")),
        ("adjudications_pending", _("Events pending adjudication")),
        ("dates_imputed", _("Dates imputed")),
    ]


def _analyses(snapshot: Snapshot, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "caption": _("Analyses of snapshot %(number)s") % {"number": snapshot.number},
        "columns": _labels(_("Analysis"), _("State"), _("Asked for")),
        "rows": rows,
    }


def _labels(*labels: str) -> list[dict[str, str]]:
    return [{"label": label} for label in labels]


def _row(analysis: Analysis, plan: EndpointPlan, where: TrialRoom) -> dict[str, Any]:
    state = {
        "status": analysis.state,
        "label": work_name(analysis.state).capitalize(),
        "note": _note(analysis, where),
    }
    asked_for = {"time": analysis.requested_at, "note": analysis.requested_by.name}
    named = {
        "text": words(plan.endpoint(analysis.endpoint).label),
        "note": other_population(plan, analysis.population),
    }
    return {"cells": [named, state, asked_for]}


def _note(analysis: Analysis, where: TrialRoom) -> str:
    if analysis.state == WorkState.RUNNING:
        return stage_name(analysis.stage)
    if analysis.state != WorkState.FAILED:
        return ""
    if where.blinded:
        # The text may speak of a single arm.
        return _("The unblinded statistician sees why.")
    return " ".join(failure_sentences(analysis.failure))


def _request_url(snapshot: Snapshot, asked: list[Analysis], plan: EndpointPlan, where: TrialRoom) -> str:
    if not where.can(Permission.SNAPSHOT_FREEZE) or len(asked) == len(declared(plan)):
        return ""
    return reverse("analyses_request", args=[where.trial.key, snapshot.number])


def _report_url(snapshot: Snapshot, asked: list[Analysis], where: TrialRoom) -> str:
    done = any(analysis.state == WorkState.DONE for analysis in asked)
    if not done or where.blinded:
        return ""
    return f"{reverse('report', args=[where.trial.key])}?snapshot={snapshot.number}"
