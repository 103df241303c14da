"""Door of floor 1: everything about one participant, visit by visit. One of the readers of `track`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crf import schedule, selectors
from crf.actions.admission import closed
from crf.schedule import Due
from crf.states import RecordState
from crf.views import open_points
from crf.views.desk import Desk
from crf.views.places import crumbs
from trial.access import Over, TrialRoom, requires
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.schedule import Visit
from trial.wording import arm_words, day, state_word, unconsented_word, unrandomized_word, words

Table = list[tuple[Visit, int, list[selectors.Cell]]]


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
def casebook(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """The schedule with its windows, every form that applies or holds something, and what is open."""
    desk = Desk.of(where, participant)
    table = selectors.casebook(participant, desk.records, desk.offers)
    planned = [each for each in table if each[0].has_target]
    others = [each for each in table if not each[0].has_target]
    once = [each for each in others if not _as_needed(each[0])]
    rest = [each for each in others if _as_needed(each[0])]
    return render(
        request,
        "crf/participant_casebook.html",
        {
            "breadcrumbs": crumbs(participant),
            "participant": participant,
            "state_label": state_word(participant.state),
            "facts": facts(desk),
            "arm_shown": shows_arm(desk),
            "groups": groups(desk, once),
            "columns": columns(),
            "rows": [row(desk, *each) for each in planned],
            "as_needed": groups(desk, rest),
            "more": more(desk, table),
            "findings": open_points.rows(desk),
            "finding_columns": open_points.columns(),
            "closed": closed(participant, desk.protocol),
        },
    )


def facts(desk: Desk) -> list[tuple[str, str]]:
    """What is known of the participant; the arm only for those who may know it here."""
    participant = desk.participant
    told = [
        (_("Site"), str(participant.site)),
        (_("Consented on"), day(participant.consented_on) or unconsented_word(participant.state)),
        (_("Randomized on"), day(participant.randomized_on) or unrandomized_word(participant.state)),
    ]
    if shows_arm(desk):
        told.append((_("Arm"), arm_words(desk.protocol, participant.track)))
    return told


def shows_arm(desk: Desk) -> bool:
    """Whether the head names the arm: it is allocated, and she may know it here."""
    return bool(desk.participant.track) and desk.knows_arm


def columns() -> list[dict[str, Any]]:
    """The headings of the planned visits."""
    return [
        {"label": _("Visit")},
        {"label": _("Target")},
        {"label": _("Window")},
        {"label": _("Forms")},
        {"label": _("State")},
    ]


def row(desk: Desk, visit: Visit, _repeat: int, cells: list[selectors.Cell]) -> dict[str, Any]:
    """A planned visit as a row of components/table.html."""
    planned = desk.planned.get(visit.id)
    window = planned.window if planned else None
    return {
        "cells": [
            {"text": words(visit.label)},
            {"date": window.target} if window else {"text": _due(visit)},
            {
                "text": _("%(opens)s to %(closes)s")
                % {"opens": day(window.opens), "closes": day(window.closes)}
            }
            if window
            else {"missing": _("not yet")},
            _links(desk, cells),
            {
                "status": planned.due.value if planned else Due.UPCOMING.value,
                "note": _note(desk, visit, cells),
            },
        ]
    }


def _note(desk: Desk, visit: Visit, cells: list[selectors.Cell]) -> str:
    """What stands beside the state: a draft, or examinations that were asked for and not done."""
    if any(cell.state == RecordState.DRAFT for cell in cells):
        return _("A draft is waiting.")
    plan = desk.protocol.assessments
    held = [cell.record for cell in cells if cell.record and plan and cell.form.id == plan.form]
    lacking = [
        words(each.label)
        for record in held[:1]
        if plan
        for each in schedule.not_done(plan, visit, record.values, record.missing)
    ]
    return _("Asked for, not done: %(list)s.") % {"list": _(", ").join(lacking)} if lacking else ""


def groups(desk: Desk, table: Table) -> list[dict[str, Any]]:
    """Visits as groups of components/task_list.html, as far as anything of them is to be shown."""
    found = []
    for visit, repeat, cells in table:
        title = f"{words(visit.label)} {repeat}" if visit.repeats else words(visit.label)
        tasks = [_task(desk, cell) for cell in cells if desk.shows(cell)]
        if tasks:
            found.append({"title": title, "tasks": tasks})
    return found


def more(desk: Desk, table: Table) -> list[dict[str, Any]]:
    """Links that begin one more of each visit that may be repeated, once its last one holds something."""
    last = {visit.id: (visit, repeat, cells) for visit, repeat, cells in table if visit.repeats}
    return [
        {
            "label": f"{words(cell.form.title)} {repeat + 1}",
            "url": desk.url(cell, visit_repeat=repeat + 1, repeat=1),
        }
        for _visit, repeat, cells in last.values()
        if any(cell.record for cell in cells)
        for cell in {cell.form.id: cell for cell in cells}.values()
        if desk.may_begin(cell.form)
    ]


def _task(desk: Desk, cell: selectors.Cell) -> dict[str, Any]:
    return {"label": _title(cell), "url": desk.way_to(cell), "state": cell.state}


def _links(desk: Desk, cells: list[selectors.Cell]) -> dict[str, Any]:
    """The forms of a visit, each a link where it can be opened."""
    return {"links": [(_title(cell), desk.way_to(cell)) for cell in cells]}


def _title(cell: selectors.Cell) -> str:
    label = words(cell.form.title)
    return label if cell.repeat == 1 else f"{label} {cell.repeat}"


def _as_needed(visit: Visit) -> bool:
    return visit.repeats or visit.unscheduled


def _due(visit: Visit) -> str:
    if visit.target_day is not None:
        return _("day %(day)s") % {"day": visit.target_day}
    return _("month %(month)s") % {"month": visit.target_month}
