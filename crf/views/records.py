"""Door of floor 1: one form of one participant, to read, to enter, to correct."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crf import rendering
from crf.actions import entry
from crf.actions.entry import EntryRefused
from crf.checks import Reading, blocking
from crf.models import Record
from crf.rendering import Typed
from crf.views import entering, merging, reading
from crf.views.entering import APPLY, CORRECT, SAVE, SUBMIT, Page
from crf.views.sheet import Sheet, sheet_at
from trial.access import Over, TrialRoom, requires, signed_in
from trial.models import Participant
from trial.permissions import Permission
from trial.refusals import Refusal
from trial.wording import refusal_words


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, where: TrialRoom, participant: Participant, **place: Any) -> HttpResponse:
    """Read what was submitted; enter what was not; `?correct=1` changes what was, with a reason."""
    sheet = sheet_at(where, participant, **place)
    if request.method == "POST":
        if not sheet.may_write:
            raise PermissionDenied
        return _post(request, sheet)
    if sheet.may_write and not sheet.closed and (not sheet.counted or "correct" in request.GET):
        return _show(request, sheet, Page(entering.as_stored(sheet)))
    return render(request, "crf/record_read.html", reading.context(sheet))


def _post(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    typed = rendering.typed(sheet.form, sheet.protocol.choices, request.POST)
    if APPLY in request.POST:
        return _show(request, sheet, Page(entering.as_typed(sheet, typed), request.POST))
    try:
        record = _write(request, sheet, typed)
    except Refusal as refusal:
        return _refused(request, sheet, typed, refusal)
    return _done(request, sheet, record, before=typed.version)


def _write(request: HttpRequest, sheet: Sheet, typed: Typed) -> Record:
    about: dict[str, Any] = {"participant": sheet.participant, "by": signed_in(request)}
    what = typed.entry(**sheet.place)
    if CORRECT in request.POST:
        return entry.correct(entry=what, reason=typed.reason, **about)
    if SUBMIT in request.POST:
        return entry.submit(entry=what, **about)
    return entry.save_draft(entry=what, **about)


def _done(request: HttpRequest, sheet: Sheet, record: Record, *, before: int) -> HttpResponse:
    title = sheet.title
    if SUBMIT in request.POST:
        messages.success(request, _("%(form)s is submitted.") % {"form": title})
        return redirect(sheet.casebook_url)
    if record.version == before:
        messages.info(request, _("Nothing was changed: every answer is as it was."))
    elif CORRECT in request.POST:
        messages.success(request, _("The correction is saved, with its reason."))
    else:
        messages.success(request, _("The draft is saved."))
    return redirect(sheet.url)


def _refused(request: HttpRequest, sheet: Sheet, typed: Typed, refusal: Refusal) -> HttpResponse:
    """The same page again: everything typed still there, what is wrong said where it is wrong."""
    mine = entering.as_typed(sheet, typed)
    if refusal.code == "entry.stale":
        return _overtaken(request, sheet_at(sheet.where, sheet.participant, **sheet.place), typed, mine)
    if isinstance(refusal, EntryRefused):
        return _show(request, sheet, Page(mine, request.POST, errors=tuple(refusal.findings)))
    found, _items = entering.judged(sheet, mine)
    errors = () if SAVE in request.POST else tuple(blocking(found, typed.soft_reasons))
    place = rendering.REASON if refusal.item == "reason" else refusal.item
    return _show(
        request, sheet, Page(mine, request.POST, errors=errors, problem=(refusal_words(refusal), place))
    )


def _overtaken(request: HttpRequest, sheet: Sheet, typed: Typed, mine: Reading) -> HttpResponse:
    """Somebody else has saved meanwhile: keep both, item by item, and let the person decide."""
    now = entering.as_stored(sheet)
    if merging.same(mine, now) and (sheet.counted or SAVE in request.POST):
        messages.info(request, _("This form holds these answers already."))
        return redirect(sheet.url)
    base = entering.as_saved(sheet, typed.version)
    steps = merging.steps(sheet.form, base=base, now=now, mine=mine)
    data = request.POST.copy()
    data[rendering.VERSION] = str(sheet.record.version if sheet.record else 0)
    for step in steps:
        if not step.clashes:
            rendering.put(data, step.item, *step.now)
    merged = entering.as_typed(sheet, rendering.typed(sheet.form, sheet.protocol.choices, data))
    return _show(request, sheet, Page(merged, data, overtaken=entering.overtaken(sheet, steps)))


def _show(request: HttpRequest, sheet: Sheet, page: Page) -> HttpResponse:
    return render(request, "crf/record_entry.html", entering.context(sheet, page))
