"""Door of floor 0: the participants she may see."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, TrialRoom, requires
from trial.forms import ParticipantFilter
from trial.models import Participant
from trial.permissions import Permission
from trial.wording import state_word, unconsented_word, unrandomized_word

A_PAGE = 50


@requires(Permission.PARTICIPANT_VIEW, over=Over.TRIAL)
def participants(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """A list without arms, to be searched and filtered."""
    wanted = ParticipantFilter(request.GET)
    wanted.offer(selectors.visible_sites(where))
    filters = wanted.values()
    page = Paginator(selectors.participants(where, **filters), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "trial/participant_list.html",
        {
            "breadcrumbs": [(_("Home"), reverse("home")), (_("Participants"), "")],
            "filter": wanted,
            "filtered": bool(filters),
            "clear_url": request.path if filters else "",
            "clear_actions": [{"label": _("Clear filters"), "url": request.path}],
            "page": page,
            "columns": columns(),
            "rows": rows(where.trial.key, page.object_list),
            "actions": _actions(where),
        },
    )


def columns() -> list[dict[str, Any]]:
    """The headings of the list."""
    return [
        {"label": _("Participant")},
        {"label": _("Site")},
        {"label": _("State")},
        {"label": _("Consented on")},
        {"label": _("Randomized on")},
    ]


def rows(trial: str, found: Iterable[Participant]) -> list[dict[str, Any]]:
    """One row of the table component for each participant."""
    return [
        {
            "cells": [
                {"text": each.label, "url": reverse("casebook", args=[trial, each.label])},
                {"text": str(each.site)},
                {"status": each.state, "label": state_word(each.state)},
                {"date": each.consented_on}
                if each.consented_on
                else {"missing": unconsented_word(each.state)},
                {"date": each.randomized_on}
                if each.randomized_on
                else {"missing": unrandomized_word(each.state)},
            ]
        }
        for each in found
    ]


def _actions(where: TrialRoom) -> list[dict[str, Any]]:
    if not where.can_somewhere(Permission.PARTICIPANT_REGISTER):
        return []
    url = reverse("register", args=[where.trial.key])
    return [{"label": _("Register a participant"), "url": url, "kind": "primary"}]
