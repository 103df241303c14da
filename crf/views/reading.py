"""Views room of floor 1: the page on which a form is read."""

from typing import Any

from django.utils.translation import gettext as _

from crf import definitions, selectors
from crf.checks import item_of
from crf.states import COUNTED
from crf.views.entering import as_stored, crumbs, held_words, last_saved
from crf.views.sheet import Sheet
from trial.protocol.forms import Item
from trial.wording import moment, words


def context(sheet: Sheet) -> dict[str, Any]:
    """Context of crf/record_read.html."""
    record = sheet.record
    return {
        "sheet": sheet,
        "breadcrumbs": crumbs(sheet),
        "rows": rows(sheet) if record else [],
        "closed": sheet.closed,
        "actions": actions(sheet),
        "facts": facts(sheet),
        "saved": last_saved(sheet),
    }


def rows(sheet: Sheet) -> list[dict[str, Any]]:
    """A line of components/description_list.html for each item that applies or holds something."""
    record = sheet.record
    if record is None:
        return []
    look = sheet.look(as_stored(sheet))
    shown = definitions.visible(sheet.form, record.values, look) | {*record.values, *record.missing}
    corrected = selectors.corrected_items(record) if record.state in COUNTED else frozenset()
    return [_row(sheet, item, item.id in corrected) for item in sheet.form.items if item.id in shown]


def facts(sheet: Sheet) -> list[tuple[str, str]]:
    """Who submitted it, and when, by the clock of the site."""
    record = sheet.record
    if record is None or record.submitted_at is None:
        return []
    zone = sheet.participant.site.time_zone
    return [
        (_("Submitted"), moment(record.submitted_at, zone)),
        (_("Submitted by"), record.submitted_by.name if record.submitted_by else ""),
    ]


def actions(sheet: Sheet) -> list[dict[str, Any]]:
    """What can be done with a form that is being read."""
    if not sheet.counted or not sheet.may_write or sheet.closed:
        return []
    return [{"label": _("Correct"), "url": f"{sheet.url}?correct=1", "icon": "pencil"}]


def _row(sheet: Sheet, item: Item, corrected: bool) -> dict[str, Any]:
    if not sheet.sees(item):
        return {"label": words(item.label), "value": {"missing": _("Hidden: it would tell the arm.")}}
    return {
        "label": words(item.label),
        "value": _cell(sheet, item, corrected),
        "unit": words(item.unit) if sheet.record and item.id in sheet.record.values else "",
        "url": sheet.history_url(item),
        "url_label": _("History"),
    }


def _cell(sheet: Sheet, item: Item, corrected: bool) -> dict[str, Any]:
    now = as_stored(sheet)
    accepted = sheet.record.soft_reasons if sheet.record else {}
    notes = [_("Corrected after submission.")] if corrected else []
    notes += [
        _("Kept although unusual: %(why)s") % {"why": why}
        for key, why in accepted.items()
        if item_of(key) == item.id
    ]
    shown = held_words(sheet, item, (now.values.get(item.id), now.missing.get(item.id, "")))
    cell: dict[str, Any] = {"note": " ".join(notes)}
    if item.id in now.values:
        return {**cell, "text": shown}
    return {**cell, "missing": shown or _("no answer")}
