"""Doors of floor 2: the allocation of one participant: asked for, made, confirmed. One of the readers of `track`."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from randomization import actions, selectors
from randomization.forms import RandomizeForm
from randomization.selectors import Made
from randomization.views import checklist, memory
from randomization.views.about import address, head
from trial.access import Over, TrialRoom, recently_authenticated, requires, signed_in
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.selectors import protocol_of, version_at
from trial.wording import address_words, arm_words, moment, quoted, words


@requires(Permission.RANDOMIZE, over=Over.PARTICIPANT)
@recently_authenticated
@require_http_methods(["GET", "HEAD", "POST"])
def randomize(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Say once more what will happen; a post makes the allocation, and a repeated one leads to the same result."""
    if request.method != "POST":
        if participant.randomized_at is not None:
            return redirect(address("allocation", participant))
        return _ask(request, participant)
    form = RandomizeForm(request.POST)
    if not form.is_valid():
        told = _("The page was not complete when it was sent. Nothing was done.")
        return _ask(request, participant, refused=Refusal("randomize.page", told))
    shown = memory.recalled(form.cleaned_data["seen"])
    try:
        actions.randomize(
            participant=participant,
            idempotency_key=str(form.cleaned_data["key"]),
            seen=shown.token,
            by=signed_in(request),
        )
    except Refusal as refusal:
        return _ask(request, participant, refused=refusal, shown=shown)
    return redirect(address("allocation", participant))


@requires(Permission.TRACK_VIEW, over=Over.PARTICIPANT)
def allocation(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """The confirmation of an allocation, to be read, printed and signed; the arm stands here and in no address."""
    made = selectors.allocation_of(participant)
    if made is None:
        raise Http404
    context = {
        **head(participant, _("Allocation")),
        "arm": arm_words(protocol_of(participant.trial), participant.track),
        "rows": _confirmed(participant, made),
        "actions": [
            {"label": _("Print"), "print": True, "icon": "print", "kind": "primary"},
            {"label": _("Open the casebook"), "url": address("casebook", participant)},
        ],
    }
    return render(request, "randomization/allocation_view.html", context)


def _ask(
    request: HttpRequest,
    participant: Participant,
    *,
    refused: Refusal | None = None,
    shown: memory.Shown | None = None,
) -> HttpResponse:
    """The page that asks, with a key of its own; after a refusal it says why, and what has changed."""
    current = selectors.current(participant) if refused else participant
    now = selectors.readiness(current)
    looked = memory.shown(current, now)
    form = RandomizeForm(initial={"key": uuid.uuid4(), "seen": memory.kept(looked)})
    context = {
        **head(current, _("Randomize")),
        "form": form,
        "ready": now.ready,
        "refused": refused,
        "changed": memory.changes(shown, looked) if shown else [],
        "rows": _asked(current, now),
        "arms": _(", ").join(words(arm.label) for arm in protocol_of(current.trial).arms),
        "obstacle": now.obstacle,
        "checklist": address("eligibility", current),
        "made": address("allocation", current) if current.randomized_at else "",
    }
    return render(request, "randomization/randomize.html", context)


def _asked(participant: Participant, now: selectors.Readiness) -> list[dict[str, Any]]:
    """What the decision is about: participant, site, consent, stratum."""
    protocol = protocol_of(participant.trial)
    rows = [
        {"label": _("Participant"), "value": participant.label},
        {"label": _("Site"), "value": str(participant.site)},
        {"label": _("Consent"), "value": _consent(participant)},
    ]
    if now.stratum:
        rows.append(_stratum(protocol, now.stratum.values, now.stratum.unknown))
    return rows


def _stratum(protocol: Protocol, levels: Mapping[str, str], unknown: Iterable[str]) -> dict[str, Any]:
    """The stratum, and what was counted as not present in it; the same before the allocation and afterwards."""
    items = _(", ").join(quoted(address_words(protocol, address)) for address in unknown)
    note = _("Unknown, counted as not present: %(items)s") % {"items": items} if items else ""
    return {"label": _("Stratum"), "value": {"text": checklist.stratum_line(protocol, levels), "note": note}}


def _consent(participant: Participant) -> dict[str, Any]:
    given = list(participant.consents.order_by("given_on", "pk"))
    if not given:
        return {"missing": _("not recorded")}
    said = _("version %(version)s") % {"version": given[-1].version}
    return {"date": given[-1].given_on, "note": said}


def _confirmed(participant: Participant, made: Made) -> list[dict[str, Any]]:
    """The facts of the confirmation, besides the arm."""
    protocol = protocol_of(participant.trial)
    version = version_at(participant.trial, made.at)
    local = moment(made.at, participant.site.time_zone)
    rows: list[dict[str, Any]] = [
        {"label": _("Trial"), "value": {"text": words(protocol.title), "note": protocol.trial}},
        {"label": _("Participant"), "value": participant.label},
        {"label": _("Site"), "value": str(participant.site)},
        {"label": _("Randomized"), "value": {"text": local, "note": moment(made.at)}},
        {"label": _("Randomized by"), "value": made.by},
        _stratum(protocol, made.levels, made.unknown),
    ]
    if version:
        number = _("version %(number)s") % {"number": version.number}
        rows.append({"label": _("Protocol"), "value": {"text": number, "note": version.sha256}})
    return rows
