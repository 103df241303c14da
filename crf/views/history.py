"""Door of floor 1: the life of one item, from its first value to now."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crf import selectors
from crf.selectors import ItemChange
from crf.views.entering import crumbs, held_words
from crf.views.sheet import Sheet, sheet_at
from trial.access import Over, TrialRoom, requires
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.forms import Item
from trial.wording import moment, words


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
def item_history(
    request: HttpRequest, where: TrialRoom, participant: Participant, item: str, **place: Any
) -> HttpResponse:
    """Who changed the item, when, from what to what, and why; newest first."""
    sheet = sheet_at(where, participant, **place)
    known = {each.id: each for each in sheet.form.items}
    if sheet.record is None or item not in known:
        raise Http404
    if not sheet.sees(known[item]):
        raise PermissionDenied
    changes = selectors.item_changes(sheet.record, item)
    return render(
        request,
        "crf/item_history.html",
        {
            "breadcrumbs": crumbs(sheet, (_("History"), "")),
            "sheet": sheet,
            "item_label": words(known[item].label),
            "now": held_words(
                sheet, known[item], (sheet.record.values.get(item), sheet.record.missing.get(item, ""))
            ),
            "unit": words(known[item].unit),
            "columns": columns(),
            "rows": [row(sheet, known[item], change) for change in reversed(changes)],
        },
    )


def columns() -> list[dict[str, Any]]:
    """The headings of the table."""
    return [
        {"label": _("When")},
        {"label": _("Who")},
        {"label": _("From")},
        {"label": _("To")},
        {"label": _("Why")},
        {"label": _("State of the form")},
    ]


def row(sheet: Sheet, item: Item, change: ItemChange) -> dict[str, Any]:
    """One step: UTC first, the clock of the site below it."""
    zone = sheet.participant.site.time_zone
    local = _("%(time)s at the site") % {"time": moment(change.at, zone)}
    return {
        "cells": [
            {"text": moment(change.at), "note": local},
            {"text": change.by},
            _value(held_words(sheet, item, (change.old, change.old_missing)), change.old is None),
            _value(held_words(sheet, item, (change.new, change.new_missing)), change.new is None),
            {"text": change.reason} if change.reason else {"missing": _why_not(change)},
            {"status": change.state},
        ]
    }


def _value(shown: str, absent: bool) -> dict[str, Any]:
    return {"missing": shown or _("empty")} if absent else {"text": shown}


def _why_not(change: ItemChange) -> str:
    """A change before submission needs no reason."""
    first = change.old is None and not change.old_missing
    return _("first entry") if first else _("changed before submission")
