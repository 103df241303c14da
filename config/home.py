"""The roof's own door: home per role, and the frame that every page shares."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crf.selectors import drafts, recently_entered
from outcomes.selectors import latest_snapshot
from trial.access import Over, TrialRoom, requires, role_names, rooms
from trial.permissions import Permission
from trial.protocol.vocabulary import in_language
from trial.selectors import participant_counts, protocol_of

# Page of a trial → the right that shows it in the navigation.
PAGES: tuple[tuple[str, str, Permission], ...] = (
    ("participants", "Participants", Permission.PARTICIPANT_VIEW),
    ("report", "Outcomes", Permission.OUTCOMES_BY_ARM),
    ("snapshots", "Snapshots", Permission.SNAPSHOT_VIEW),
    ("audit", "Audit trail", Permission.AUDIT_VIEW),
    ("tokens", "API tokens", Permission.TOKEN_MAKE),
)


@requires(Permission.OWN_ACCOUNT, over=Over.NOTHING)
def home(request: HttpRequest) -> HttpResponse:
    """What each of her trials asks of her."""
    return render(request, "config/home.html", {"cards": [_card(where) for where in rooms(request.user)]})


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: who is signed in, in which trial, and where she may go."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"version": settings.VERSION}
    where = _room_of(request)
    return {
        "version": settings.VERSION,
        "person_name": person.name,
        "role_name": ", ".join(_(name) for name in role_names(person)),
        "site_name": ", ".join(sorted({grant.site.name for grant in where.grants if grant.site})) if where else "",
        "trial_name": title_of(where) if where else "",
        "environment": "demo" if where and where.trial.is_demo else "",
        "navigation": _navigation(request, where),
    }


def title_of(where: TrialRoom) -> str:
    """The trial's title in the reader's language."""
    return in_language(protocol_of(where.trial).title, get_language() or "en")


def _room_of(request: HttpRequest) -> TrialRoom | None:
    match = request.resolver_match
    key = match.kwargs.get("trial") if match else None
    mine = rooms(request.user)
    if key is None:
        return mine[0] if len(mine) == 1 else None
    return next((where for where in mine if where.trial.key == key), None)


def _navigation(request: HttpRequest, where: TrialRoom | None) -> list[tuple[str, str, bool]]:
    current = request.resolver_match.url_name if request.resolver_match else ""
    entries = [(_("Home"), reverse("home"), current == "home")]
    if where:
        entries += [
            (_(label), reverse(name, args=[where.trial.key]), current == name)
            for name, label, permission in PAGES
            if where.can_somewhere(permission)
        ]
    return entries


def _card(where: TrialRoom) -> dict[str, Any]:
    sees_participants = where.can_somewhere(Permission.PARTICIPANT_VIEW)
    enters = where.can_somewhere(Permission.FORM_ENTER)
    return {
        "where": where,
        "title": title_of(where),
        "roles": [grant.definition for grant in where.grants],
        "counts": participant_counts(where) if sees_participants else None,
        "drafts": drafts(where) if enters else [],
        "recent": recently_entered(where) if enters else [],
        "snapshot": latest_snapshot(where.trial) if where.can_somewhere(Permission.SNAPSHOT_VIEW) else None,
    }
