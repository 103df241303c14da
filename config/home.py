"""The roof's own door: home per role, and the frame that every page shares."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.bands import band
from config.cards import Card, cards
from config.tabs import participant_tabs
from outcomes.selectors import latest_snapshots
from trial.access import Over, TrialRoom, holds, requires, role_names, rooms
from trial.permissions import Permission
from trial.selectors import protocol_of
from trial.wording import words

# Page of a trial → the right that shows it in the navigation.
PAGES = (
    ("participants", gettext_lazy("Participants"), Permission.PARTICIPANT_VIEW),
    ("protocol", gettext_lazy("Protocol"), Permission.TRIAL_VIEW),
    ("scheme", gettext_lazy("Randomization"), Permission.TRIAL_VIEW),
    ("report", gettext_lazy("Outcomes"), Permission.OUTCOMES_BY_ARM),
    ("snapshots", gettext_lazy("Snapshots"), Permission.SNAPSHOT_VIEW),
    ("sites", gettext_lazy("Sites"), Permission.SITE_MANAGE),
    ("people", gettext_lazy("People"), Permission.PEOPLE_MANAGE),
    ("outbox", gettext_lazy("Outbox"), Permission.OUTBOX_VIEW),
    ("audit", gettext_lazy("Audit trail"), Permission.AUDIT_VIEW),
    ("tokens", gettext_lazy("API tokens"), Permission.TOKEN_MAKE),
)
# Pages of the installation.
INSTALLATION = (
    ("protocols", gettext_lazy("Protocols"), Permission.PROTOCOL_ACTIVATE),
    ("accounts", gettext_lazy("Accounts"), Permission.ADMINISTRATOR_GRANT),
    ("installation_outbox", gettext_lazy("Outbox of the installation"), Permission.OUTBOX_VIEW),
)
# Beyond this many trials home shows where to go, not what is there: a page costs at most twelve queries.
DETAILED = 2


@requires(Permission.OWN_ACCOUNT, over=Over.NOTHING)
def home(request: HttpRequest) -> HttpResponse:
    """What each of her trials asks of her."""
    mine = rooms(request.user)
    detailed = mine if len(mine) <= DETAILED else []
    newest = latest_snapshots([where.trial for where in detailed])
    shown = {where.trial.pk: cards(where, newest.get(where.trial.pk)) for where in detailed}
    trials = [_trial(where, shown.get(where.trial.pk, [])) for where in mine]
    return render(request, "config/home.html", {"trials": trials, "installation": _installation(request)})


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: who is signed in, in which trial, and where she may go."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"version": settings.VERSION, "environment": band(None)}
    where = _room_of(request)
    return {
        "version": settings.VERSION,
        "person_name": person.name,
        "role_name": _(", ").join(_(name) for name in role_names(person)),
        "site_name": ", ".join(sorted(_site_names(where))) if where else "",
        "trial_name": title_of(where) if where else "",
        "environment": band(where),
        "navigation": _navigation(request, where),
        "participant_tabs": participant_tabs(request, where) if where else [],
    }


def title_of(where: TrialRoom) -> str:
    """The trial's title in the reader's language."""
    return words(protocol_of(where.trial).title)


def _room_of(request: HttpRequest) -> TrialRoom | None:
    match = request.resolver_match
    key = match.kwargs.get("trial") if match else None
    mine = rooms(request.user)
    if key is None:
        return mine[0] if len(mine) == 1 else None
    return next((where for where in mine if where.trial.key == key), None)


def _site_names(where: TrialRoom) -> set[str]:
    return {grant.site.name for grant in where.grants if grant.site}


def _navigation(request: HttpRequest, where: TrialRoom | None) -> list[tuple[str, str, bool]]:
    current = request.resolver_match.url_name if request.resolver_match else ""
    entries = [(_("Home"), reverse("home"), current == "home")]
    if where:
        entries += [
            (str(label), reverse(name, args=[where.trial.key]), current == name)
            for name, label, permission in PAGES
            if where.can_somewhere(permission)
        ]
    entries += [
        (str(label), reverse(name), current == name)
        for name, label, permission in INSTALLATION
        if holds(request.user, permission)
    ]
    return entries


def _installation(request: HttpRequest) -> list[dict[str, str]]:
    """Where a system administrator goes, as buttons; nothing for everybody else."""
    return [
        {"label": str(label), "url": reverse(name)}
        for name, label, permission in INSTALLATION
        if holds(request.user, permission)
    ]


def _trial(where: TrialRoom, shown: list[Card]) -> dict[str, Any]:
    return {
        "title": title_of(where),
        "key": where.trial.key,
        "roles": [(_(held.definition.name), held.site, _(held.definition.sentence)) for held in where.grants],
        "cards": shown,
        "links": [
            {"label": str(label), "url": reverse(name, args=[where.trial.key])}
            for name, label, right in PAGES
            if where.can_somewhere(right)
        ],
    }
