"""Doors of floor 3: outcomes by arm, for those who may know them. Every look leaves an act."""

from dataclasses import replace
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from outcomes import selectors
from outcomes.actions import reports
from outcomes.models import Analysis, Result, Snapshot
from outcomes.selectors import (
    GOING_ON,
    Finding,
    analyses,
    findings_of,
    latest_snapshot,
    result_of,
    snapshot_of,
)
from outcomes.snapshot_files import SnapshotChanged
from outcomes.views.finding_tables import all_findings, finding_count
from outcomes.views.provenance import provenance
from outcomes.views.reading import Reading, language
from outcomes.views.sections import estimand, section
from outcomes.wording import damage_sentence
from trial.access import Over, TrialRoom, requires, signed_in
from trial.permissions import Permission
from trial.selectors import parsed
from trial.states import WorkState
from trial.wording import day

FIGURES = ("curve", "margin")
# For this long a figure belongs to the report that named it, and leaves no act of its own.
SEEN_SECONDS = 300
TOO_LONG = 10
FIGURE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@requires(Permission.OUTCOMES_BY_ARM, over=Over.TRIAL)
def report(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Estimates, verdicts and figures by arm of the newest snapshot, or of the one asked for."""
    snapshot = _snapshot(request, where)
    asked = analyses(snapshot) if snapshot else []
    done = [analysis for analysis in asked if analysis.state == WorkState.DONE]
    context: dict[str, Any] = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Outcomes"), "")],
        "snapshot": snapshot,
        "may_freeze": where.can(Permission.SNAPSHOT_FREEZE),
        "waiting": [analysis for analysis in asked if analysis.state in GOING_ON],
        "failed": [analysis for analysis in asked if analysis.state == WorkState.FAILED],
        "empty_actions": [{"label": _("Snapshots"), "url": reverse("snapshots", args=[where.trial.key])}],
    }
    if snapshot and done:
        context.update(_shown(request, snapshot, done))
    return render(request, "outcomes/report_view.html", context)


@requires(Permission.OUTCOMES_BY_ARM, over=Over.TRIAL)
def figure(request: HttpRequest, where: TrialRoom, result: int, name: str) -> HttpResponse:
    """One figure of a result as SVG in the reader's language; `?download` offers it as a file."""
    found = result_of(where.trial, result)
    drawn = found.figures.get(f"{name}.{language()}") if found and name in FIGURES else None
    if found is None or drawn is None:
        raise Http404
    if not _just_seen(request, found):
        reports.note_figure(result=found, name=name, by=signed_in(request))
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    # An SVG opened by itself is a document: it may load nothing and run nothing.
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    if "download" in request.GET:
        analysis = found.analysis
        file = f"{where.trial.key}-{analysis.endpoint}-{analysis.population}-{name}.svg"
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _snapshot(request: HttpRequest, where: TrialRoom) -> Snapshot | None:
    number = request.GET.get("snapshot", "")
    if not number:
        snapshot = latest_snapshot(where.trial)
    else:
        known = number.isascii() and number.isdigit() and len(number) < TOO_LONG
        snapshot = snapshot_of(where.trial, int(number)) if known else None
        if snapshot is None:
            raise Http404
    if snapshot:
        snapshot.trial = where.trial
    return snapshot


def _shown(request: HttpRequest, snapshot: Snapshot, done: list[Analysis]) -> dict[str, Any]:
    readings = _readings(snapshot, done)
    reports.note_view(
        snapshot=snapshot, results=[reading.result for reading in readings], by=signed_in(request)
    )
    seen = signing.dumps([request.user.pk, snapshot.pk], salt="outcomes.report")
    findings, problem = _findings(snapshot)
    return {
        "findings": all_findings(findings, readings[0].protocol),
        "sections": [section(reading, _address(snapshot, reading.result, seen)) for reading in readings],
        "estimand": estimand(readings[0].plan),
        "provenance": provenance(readings),
        "facts": _facts(snapshot, readings[0]),
        "actions": [{"label": _("Print"), "icon": "print", "print": True}],
        "open_points": [*_open_points(snapshot, len(readings), findings), *problem],
    }


def _findings(snapshot: Snapshot) -> tuple[list[Finding], list[str]]:
    """All findings, also on endpoints that tell the arm; where these cannot be read the others, and why."""
    try:
        return findings_of(snapshot, with_arm=True), []
    except SnapshotChanged as error:
        return findings_of(snapshot, with_arm=False), [damage_sentence(error)]


def _readings(snapshot: Snapshot, done: list[Analysis]) -> list[Reading]:
    """The results, the one that gives the verdict first and with the one that supports it."""
    protocol = parsed(snapshot.protocol)
    readings = [Reading(snapshot, analysis.result, protocol) for analysis in done]
    support = next((each for each in readings if each.found["primary"] and not each.gives_verdict), None)
    readings = [replace(each, per_protocol=support) if each.gives_verdict else each for each in readings]
    return sorted(readings, key=lambda each: (not each.gives_verdict, not each.found["primary"]))


def _open_points(snapshot: Snapshot, done: int, findings: list[Finding]) -> list[str]:
    """What a reader must know before the numbers: analyses that are not there, data that were set aside."""
    said = []
    declared = len(selectors.declared(parsed(snapshot.protocol).endpoints))
    if done < declared:
        said.append(
            _("Only %(done)s of %(declared)s declared analyses are done: the page of snapshots says why.")
            % {"done": done, "declared": declared}
        )
    if findings:
        told = _("%(findings)s, listed below.")
        said.append(told % {"findings": finding_count(len(findings))})
    return said


def _address(snapshot: Snapshot, result: Result, seen: str) -> Any:
    def address(name: str) -> str:
        return f"{reverse('figure', args=[snapshot.trial.key, result.pk, name])}?seen={seen}"

    return address


def _just_seen(request: HttpRequest, result: Result) -> bool:
    try:
        said = signing.loads(request.GET.get("seen", ""), salt="outcomes.report", max_age=SEEN_SECONDS)
    except signing.BadSignature:
        return False
    return bool(said == [request.user.pk, result.analysis.snapshot_id])


def _facts(snapshot: Snapshot, first: Reading) -> list[tuple[str, Any]]:
    return [
        (_("Snapshot"), snapshot.number),
        (_("Data cut-off"), day(snapshot.cut_off)),
        (_("Randomized participants"), snapshot.manifest["files"]["adsl"]["rows"]),
        (_("Analysis set"), first.population),
        (_("Protocol version"), snapshot.protocol.number),
    ]
