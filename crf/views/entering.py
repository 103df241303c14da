"""Views room of floor 1: the page on which a form is entered or corrected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crf import checks, definitions, rendering, selectors
from crf.checks import Finding, Reading
from crf.rendering import Beside, Typed
from crf.views import merging, places
from crf.views.merging import Held, Step
from crf.views.sheet import Sheet
from trial.protocol.forms import Item
from trial.wording import answer, missing_word, moment, words

SAVE, SUBMIT, CORRECT, APPLY = "do-save", "do-submit", "do-correct", "do-apply"


@dataclass(frozen=True)
class Page:
    """What the page shows besides the sheet itself.

    `data` is what was posted, `errors` the findings that stopped it, `problem` another refusal's words and
    the field they belong to, `overtaken` what somebody else changed meanwhile.
    """

    reading: Reading
    data: QueryDict | None = None
    errors: tuple[Finding, ...] = ()
    problem: tuple[str, str | None] | None = None
    overtaken: dict[str, Any] | None = field(default=None)


def as_stored(sheet: Sheet) -> Reading:
    """The record's own answers, none where nothing was entered yet."""
    record = sheet.record
    return Reading(record.values, record.missing, ()) if record else Reading({}, {}, ())


def as_typed(sheet: Sheet, typed: Typed) -> Reading:
    """What can be read of a posted page."""
    return checks.read(sheet.form, sheet.protocol.choices, typed.raw, typed.reasons)


def as_saved(sheet: Sheet, number: int) -> Reading:
    """A version of the record; empty for 0 or one that never was."""
    saved = selectors.saved_as(sheet.record, number) if sheet.record and number > 0 else None
    return Reading(saved.values, saved.missing, ()) if saved else Reading({}, {}, ())


def judged(sheet: Sheet, reading: Reading) -> tuple[list[Finding], list[Item]]:
    """Everything the rules say about these answers at this place, and the items to be shown.

    Shown are the items that apply, and those that hold something although they do not.
    """
    found = sheet.judged(reading)
    shown = set(definitions.visible(sheet.form, reading.values, sheet.look(reading)))
    shown |= {finding.item for finding in (*reading.findings, *found) if finding.rule != "required"}
    return found, [item for item in sheet.form.items if item.id in shown]


def context(sheet: Sheet, page: Page) -> dict[str, Any]:
    """Context of crf/record_entry.html."""
    found, items = judged(sheet, page.reading)
    record = sheet.record
    first = rendering.initial(
        page.reading.values,
        page.reading.missing,
        record.soft_reasons if record else {},
        record.version if record else 0,
    )
    form = rendering.entry_form(
        sheet.form,
        sheet.protocol.choices,
        items=items,
        findings=found,
        correcting=sheet.counted,
        first=first,
        data=page.data,
    )
    if page.data is not None:
        rendering.add_errors(form, page.errors)
    if page.problem:
        message, place = page.problem
        form.add_error(place if place in form.fields else None, message)
    return {
        "sheet": sheet,
        "breadcrumbs": crumbs(sheet),
        "form": form,
        "lines": rendering.lines(form, items, found, beside(sheet, page.reading)),
        "loose": rendering.loose(form, found),
        "reason": form[rendering.REASON] if sheet.counted else None,
        "controls": " ".join(sorted(definitions.controls(sheet.form))),
        "overtaken": page.overtaken,
        "buttons": buttons(sheet),
        "status": last_saved(sheet),
    }


def overtaken(sheet: Sheet, steps: Iterable[Step]) -> dict[str, Any]:
    """Context of the note that says who has saved meanwhile and what it changed."""
    saved = selectors.saved_as(sheet.record, sheet.record.version) if sheet.record else None
    by = _("%(who)s saved it at %(when)s.") % {"who": saved.by, "when": moment(saved.at)} if saved else ""
    keep = _("Nothing was overwritten. What you typed is still in the fields below: check it and save again.")
    return {"text": f"{by} {keep}".strip(), "items": [_step_words(sheet, step) for step in steps]}


def held_words(sheet: Sheet, item: Item, held: Held) -> str:
    """A stored answer, or the reason why there is none, as people read it."""
    value, reason = held
    if value is None:
        return missing_word(reason) if reason else ""
    return answer(item, sheet.protocol.choices(item), value)


def beside(sheet: Sheet, reading: Reading) -> Callable[[Item], Beside]:
    """What stands beside each question; the stored answer only in a correction, to be seen while typing over it."""
    stored = as_stored(sheet)
    unread = {finding.item for finding in reading.findings}

    def of(item: Item) -> Beside:
        held, typed = merging.held(stored, item), merging.held(reading, item)
        return Beside(
            previous=held_words(sheet, item, held) if sheet.counted else "",
            history_url=sheet.history_url(item),
            changed=item.id in unread or typed != held,
        )

    return of


def crumbs(sheet: Sheet, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way back from a form."""
    return places.crumbs(sheet.participant, (sheet.title, sheet.url), *more)


def buttons(sheet: Sheet) -> list[dict[str, Any]]:
    """What can be done with the page, the main act first."""
    apply = [{"label": _("Show the questions that apply"), "name": APPLY, "kind": "quiet"}]
    extra = apply if definitions.controls(sheet.form) else []
    if sheet.counted:
        keep = {"label": _("Save the correction"), "name": CORRECT, "kind": "primary", "default": True}
        return [keep, {"label": _("Cancel"), "url": sheet.url, "kind": "quiet"}, *extra]
    return [
        {"label": _("Submit"), "name": SUBMIT, "kind": "primary"},
        {"label": _("Save draft"), "name": SAVE, "default": True},
        *extra,
    ]


def last_saved(sheet: Sheet) -> str:
    """Who saved it last, and when."""
    saved = selectors.saved_as(sheet.record, sheet.record.version) if sheet.record else None
    if saved is None:
        return ""
    when = moment(saved.at, sheet.participant.site.time_zone)
    return _("Last saved %(when)s by %(who)s") % {"when": when, "who": saved.by}


def _step_words(sheet: Sheet, step: Step) -> str:
    told = {
        "item": words(step.item.label),
        "base": held_words(sheet, step.item, step.base) or _("empty"),
        "now": held_words(sheet, step.item, step.now) or _("empty"),
    }
    if step.clashes:
        return _("%(item)s: %(base)s became %(now)s. You typed something else; decide which is right.") % told
    return _("%(item)s: %(base)s became %(now)s. It is filled in below.") % told
