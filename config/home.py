"""The roof's own door: home per role, and the frame that every page shares."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.bands import band
from crf.models import Record
from crf.selectors import drafts, recently_entered
from outcomes.selectors import latest_snapshot
from trial.access import Over, TrialRoom, requires, role_names, rooms
from trial.permissions import Permission
from trial.selectors import participant_counts, protocol_of
from trial.wording import STATES, day, moment, words

# Page of a trial → the right that shows it in the navigation.
PAGES = (
    ("participants", gettext_lazy("Participants"), Permission.PARTICIPANT_VIEW),
    ("protocol", gettext_lazy("Protocol"), Permission.TRIAL_VIEW),
    ("scheme", gettext_lazy("Randomization"), Permission.TRIAL_VIEW),
    ("report", gettext_lazy("Outcomes"), Permission.OUTCOMES_BY_ARM),
    ("snapshots", gettext_lazy("Snapshots"), Permission.SNAPSHOT_VIEW),
    ("audit", gettext_lazy("Audit trail"), Permission.AUDIT_VIEW),
    ("tokens", gettext_lazy("API tokens"), Permission.TOKEN_MAKE),
)
# Beyond this many trials home shows where to go, not what is there: a page costs at most twelve queries.
DETAILED = 2

Card = dict[str, Any]


@requires(Permission.OWN_ACCOUNT, over=Over.NOTHING)
def home(request: HttpRequest) -> HttpResponse:
    """What each of her trials asks of her."""
    mine = rooms(request.user)
    trials = [_trial(where, detailed=len(mine) <= DETAILED) for where in mine]
    return render(request, "config/home.html", {"trials": trials})


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
    return entries


def _trial(where: TrialRoom, *, detailed: bool) -> dict[str, Any]:
    makers = [
        (Permission.FORM_ENTER, _drafts),
        (Permission.PARTICIPANT_VIEW, _participants),
        (Permission.FORM_ENTER, _recent),
        (Permission.OUTCOMES_BY_ARM, _report),
        (Permission.SNAPSHOT_VIEW, _snapshot),
        (Permission.AUDIT_VIEW, _audit),
        (Permission.TOKEN_MAKE, _tokens),
    ]
    return {
        "title": title_of(where),
        "key": where.trial.key,
        "roles": [(_(held.definition.name), held.site, _(held.definition.sentence)) for held in where.grants],
        "cards": [make(where) for right, make in makers if where.can_somewhere(right)] if detailed else [],
        "links": [
            {"label": str(label), "url": reverse(name, args=[where.trial.key])}
            for name, label, right in PAGES
            if where.can_somewhere(right)
        ],
    }


def _drafts(where: TrialRoom) -> Card:
    tasks = [_task(where, record) for record in drafts(where)]
    return {
        "title": _("Drafts to finish"),
        "text": "" if tasks else _("No form is waiting to be finished."),
        "tasks": tasks,
    }


def _recent(where: TrialRoom) -> Card:
    tasks = [_task(where, record) for record in recently_entered(where)]
    return {
        "title": _("Submitted last"),
        "text": "" if tasks else _("No form has been submitted yet."),
        "tasks": tasks,
    }


def _task(where: TrialRoom, record: Record) -> dict[str, Any]:
    label = record.participant.label
    place = [record.visit.key, record.visit.repeat, record.form, record.repeat]
    forms = protocol_of(where.trial).forms
    return {
        "label": f"{label} · {words(forms[record.form].title) if record.form in forms else record.form}",
        "url": reverse("form", args=[where.trial.key, label, *place]),
        "state": record.state,
    }


def _participants(where: TrialRoom) -> Card:
    counts = participant_counts(where)
    return {
        "title": _("Participants"),
        "text": "" if counts else _("No participant is registered yet at a site you work for."),
        "facts": [
            (_("All"), sum(counts.values())),
            *[(str(word), counts[state]) for state, word in STATES.items() if state in counts],
        ],
        "actions": [_link(where, "participants", _("Open the list"), kind="primary")],
    }


def _report(where: TrialRoom) -> Card:
    return {
        "title": _("Outcomes by arm"),
        "text": _("Estimates, verdicts and figures of the newest snapshot. Each look is recorded."),
        "actions": [_link(where, "report", _("Open the report"), kind="primary")],
    }


def _snapshot(where: TrialRoom) -> Card:
    newest = latest_snapshot(where.trial)
    facts = (
        [
            (_("Newest"), newest.number),
            (_("Data cut-off"), day(newest.cut_off)),
            (_("Frozen"), moment(newest.taken_at)),
        ]
        if newest
        else []
    )
    return {
        "title": _("Snapshots"),
        "text": "" if newest else _("The data have not been frozen yet: nothing can be analysed before."),
        "facts": facts,
        "actions": [_link(where, "snapshots", _("See all snapshots"))],
    }


def _audit(where: TrialRoom) -> Card:
    return {
        "title": _("Audit trail"),
        "text": _("Who did what, when and why, in this trial."),
        "actions": [_link(where, "audit", _("Open the trail"))],
    }


def _tokens(where: TrialRoom) -> Card:
    return {
        "title": _("API tokens"),
        "text": _("Programs read frozen data with a token of yours, within your rights."),
        "actions": [_link(where, "tokens", _("See your tokens"))],
    }


def _link(where: TrialRoom, name: str, label: str, *, kind: str = "secondary") -> dict[str, str]:
    return {"label": label, "url": reverse(name, args=[where.trial.key]), "kind": kind}
