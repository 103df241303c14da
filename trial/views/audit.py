"""Doors of floor 0: the audit trail, to read and to take along."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, TrialRoom, may_know_arm, requires, signed_in
from trial.actions import trail
from trial.forms import ActFilter
from trial.models import Act
from trial.permissions import Permission
from trial.views.acts import MayKnow, csv_rows, shown

A_PAGE = 50
A_CHUNK = 1000


@requires(Permission.AUDIT_VIEW, over=Over.TRIAL)
def audit(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Acts, newest first: who, when, what, from, to, why; arms only for those who may know them."""
    wanted, filters = _wanted(request, where)
    page = Paginator(selectors.acts(where, **filters), A_PAGE).get_page(request.GET.get("page"))
    protocol = selectors.protocol_of(where.trial)
    may_know = _judge(where, filters)
    download = reverse("audit_csv", args=[where.trial.key])
    return render(
        request,
        "trial/act_list.html",
        {
            "breadcrumbs": [(_("Home"), reverse("home")), (_("Audit trail"), "")],
            "filter": wanted,
            "filtered": bool(filters),
            "clear_url": request.path if filters else "",
            "page": page,
            "acts": [shown(act, protocol, may_know) for act in page.object_list],
            "hint": where.can(Permission.TRACK_VIEW),
            "actions": _actions(f"{download}?{urlencode(filters)}" if filters else download),
        },
    )


@requires(Permission.AUDIT_VIEW, over=Over.TRIAL)
def audit_csv(request: HttpRequest, where: TrialRoom) -> StreamingHttpResponse:
    """The filtered trail whole, as CSV, line by line. Each download is an act of the trail itself."""
    _form, filters = _wanted(request, where)
    trail.note_download(trial=where.trial, filters=filters, by=signed_in(request))
    acts = selectors.acts(where, **filters).iterator(chunk_size=A_CHUNK)
    response = StreamingHttpResponse(
        _lines(csv_rows(acts, _judge(where, filters))), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{where.trial.key}-audit-trail.csv"'
    return response


def _wanted(request: HttpRequest, where: TrialRoom) -> tuple[ActFilter, dict[str, str]]:
    wanted = ActFilter(request.GET)
    wanted.offer(selectors.verbs(where))
    return wanted, wanted.values()


def _judge(where: TrialRoom, filters: dict[str, str]) -> MayKnow:
    alone = bool(filters.get("participant"))

    def may_know(act: Act) -> bool:
        return may_know_arm(where, site=act.site, alone=alone)

    return may_know


def _actions(download: str) -> list[dict[str, Any]]:
    return [{"label": _("Download as CSV"), "url": download, "icon": "download"}]


class _Echo:
    """A file for the csv writer that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark that tells spreadsheets the text is UTF-8.
    yield "\ufeff"
    for row in rows:
        yield writer.writerow(row)
