"""Doors of floor 4: a person's API tokens."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from exports import actions, selectors
from exports.models import ApiToken
from exports.views.forms import TokenForm
from exports.wording import token_badge
from outcomes.reporting.tables import ABSENT
from trial.access import Over, TrialRoom, recently_authenticated, requires, signed_in
from trial.forms import accepted
from trial.permissions import Permission


@requires(Permission.TOKEN_MAKE, over=Over.TRIAL)
def tokens(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Her tokens in this trial; secrets are never shown again."""
    mine = list(selectors.tokens_of(signed_in(request), where.trial))
    make = reverse("token_make", args=[where.trial.key])
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("API tokens"), "")],
        "columns": _columns(),
        "rows": [{"cells": _cells(token)} for token in mine],
        "actions": [
            {"label": _("Make a token"), "url": make, "kind": "primary"},
            {"label": _("How to use the API"), "url": reverse("api_docs")},
        ],
    }
    return render(request, "exports/token_list.html", context)


@requires(Permission.TOKEN_MAKE, over=Over.TRIAL)
@recently_authenticated
def token_make(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Make a token and show its secret, this once: it stands in the answer to the form only."""
    form = TokenForm(request.POST or None, where=where)
    crumbs = [*_crumbs(where), (_("Make a token"), "")]
    made = accepted(form, lambda: actions.make(trial=where.trial, by=signed_in(request), **form.cleaned_data))
    if made:
        return render(request, "exports/token_made.html", _made(request, *made, crumbs))
    context = {"form": form, "breadcrumbs": crumbs, "back": reverse("tokens", args=[where.trial.key])}
    return render(request, "exports/token_form.html", context)


@requires(Permission.TOKEN_MAKE, over=Over.TRIAL)
def token_revoke(request: HttpRequest, where: TrialRoom, token: int) -> HttpResponse:
    """Ask, then end a token of hers."""
    found = selectors.tokens_of(signed_in(request), where.trial).filter(pk=token).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        actions.revoke(token=found, by=signed_in(request))
        messages.success(request, _("The token %(name)s is revoked.") % {"name": found.name})
        return redirect("tokens", trial=where.trial.key)
    context = {
        "token": found,
        "breadcrumbs": [*_crumbs(where), (_("Revoke"), "")],
        "back": reverse("tokens", args=[where.trial.key]),
        "question": _("Revoke the token %(name)s?") % {"name": found.name},
    }
    return render(request, "exports/token_revoke.html", context)


def _crumbs(where: TrialRoom) -> list[tuple[str, str]]:
    return [(_("Home"), reverse("home")), (_("API tokens"), reverse("tokens", args=[where.trial.key]))]


def _columns() -> list[dict[str, Any]]:
    words = [_("Name"), _("State"), _("May read"), _("Made"), _("Expires"), _("Last used")]
    return [*({"label": word} for word in words), {"label": _("Action"), "hidden": True}]


def _cells(token: ApiToken) -> list[Any]:
    now = timezone.now()
    used = getattr(token, "use", None)
    revoke = reverse("token_revoke", args=[token.trial.key, token.pk])
    return [
        {"text": token.name, "note": token.site.name if token.site else ""},
        token_badge(token, now=now),
        ", ".join(token.scopes),
        {"time": token.made_at},
        {"time": token.expires_at},
        {"time": used.at} if used else {"missing": _("never")},
        {"text": _("Revoke"), "url": revoke} if token.in_force(now) else {"missing": ABSENT},
    ]


def _made(
    request: HttpRequest, token: ApiToken, secret: str, crumbs: list[tuple[str, str]]
) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("api-adtte", args=[token.trial.key]))
    return {
        "token": token,
        "secret": secret,
        "example": f'curl -H "Authorization: Bearer {secret}" "{address}?format=csv"',
        "breadcrumbs": crumbs,
        "back": reverse("tokens", args=[token.trial.key]),
    }
