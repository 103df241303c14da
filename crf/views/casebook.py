"""Door of floor 1: everything about one participant, visit by visit. One of the readers of `track`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crf import selectors
from crf.actions import entry
from crf.selectors import Cell
from trial.access import Over, TrialRoom, may_know_arm, requires
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.schema import Visit
from trial.selectors import protocol_of
from trial.wording import day, state_word, words


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
def casebook(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Visits by forms, each with its state, and the facts about the participant."""
    table = selectors.casebook(participant, selectors.records_of(participant))
    closed = entry.closed(participant)
    enters = where.can(Permission.FORM_ENTER, site_id=participant.site_id) and not closed
    return render(
        request,
        "crf/participant_casebook.html",
        {
            "breadcrumbs": _crumbs(where, participant),
            "participant": participant,
            "state_label": state_word(participant.state),
            "facts": facts(where, participant),
            "groups": [group(participant, *each) for each in table],
            "more": more(participant, table) if enters else [],
            "closed": closed,
            "actions": _actions(where, participant),
        },
    )


def facts(where: TrialRoom, participant: Participant) -> list[tuple[str, str]]:
    """What is known of the participant; the arm only for those who may know it here."""
    told = [
        (_("Site"), str(participant.site)),
        (_("Consented on"), day(participant.consented_on)),
        (_("Randomized on"), day(participant.randomized_on)),
    ]
    if participant.track and may_know_arm(where, site=participant.site.code, alone=True):
        labels = {arm.id: words(arm.label) for arm in protocol_of(where.trial).arms}
        told.append((_("Arm"), labels.get(participant.track, participant.track)))
    return [(label, value or _("not yet")) for label, value in told]


def group(participant: Participant, visit: Visit, repeat: int, cells: list[Cell]) -> dict[str, Any]:
    """A visit as a group of components/task_list.html."""
    title = f"{words(visit.label)} {repeat}" if visit.repeats else words(visit.label)
    return {"title": title, "note": _due(visit), "tasks": [_task(participant, cell) for cell in cells]}


def more(participant: Participant, table: list[tuple[Visit, int, list[Cell]]]) -> list[dict[str, Any]]:
    """Links that begin one more of each visit that may be repeated, once its last one holds something."""
    last = {visit.id: (visit, repeat, cells) for visit, repeat, cells in table if visit.repeats}
    return [
        {
            "label": f"{words(cell.form.title)} {repeat + 1}",
            "url": form_url(participant, cell, visit_repeat=repeat + 1, repeat=1),
        }
        for _visit, repeat, cells in last.values()
        if any(cell.record for cell in cells)
        for cell in cells
    ]


def form_url(participant: Participant, cell: Cell, *, visit_repeat: int, repeat: int) -> str:
    """The address of a form of the casebook."""
    place = [cell.visit.id, visit_repeat, cell.form.id, repeat]
    return reverse("form", args=[participant.trial.key, participant.label, *place])


def _task(participant: Participant, cell: Cell) -> dict[str, Any]:
    label = words(cell.form.title)
    return {
        "label": label if cell.repeat == 1 else f"{label} {cell.repeat}",
        "url": form_url(participant, cell, visit_repeat=cell.visit_repeat, repeat=cell.repeat),
        "state": cell.state,
    }


def _due(visit: Visit) -> str:
    if visit.unscheduled:
        return _("as needed")
    if visit.target_day is not None:
        return _("day %(day)s") % {"day": visit.target_day}
    if visit.target_month is not None:
        return _("month %(month)s") % {"month": visit.target_month}
    return ""


def _actions(where: TrialRoom, participant: Participant) -> list[dict[str, Any]]:
    if not where.can(Permission.AUDIT_VIEW, site_id=participant.site_id):
        return []
    query = urlencode({"participant": participant.label})
    url = f"{reverse('audit', args=[where.trial.key])}?{query}"
    return [{"label": _("Audit trail"), "url": url, "icon": "history"}]


def _crumbs(where: TrialRoom, participant: Participant) -> list[tuple[str, str]]:
    return [
        (_("Home"), reverse("home")),
        (_("Participants"), reverse("participants", args=[where.trial.key])),
        (participant.label, ""),
    ]
