"""Doors of floor 3: snapshots, and the analyses asked for on them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from outcomes import selectors
from outcomes.actions import analyses as analysis_actions
from outcomes.actions import snapshots as snapshot_actions
from outcomes.views.forms import FreezeForm
from outcomes.views.snapshot_cards import card
from trial.access import Over, TrialRoom, requires, signed_in
from trial.forms import accepted
from trial.permissions import Permission

PER_PAGE = 10


@requires(Permission.SNAPSHOT_VIEW, over=Over.TRIAL)
def snapshots(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """All snapshots with their analyses; the page asks for itself again while work is going on."""
    page = Paginator(selectors.snapshots(where.trial), PER_PAGE).get_page(request.GET.get("page"))
    cards = [card(snapshot, where) for snapshot in page]
    context: dict[str, Any] = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Snapshots"), "")],
        "page": page,
        "cards": cards,
        "going_on": sum(shown["going_on"] for shown in cards),
        "may_freeze": where.can(Permission.SNAPSHOT_FREEZE),
        "actions": [],
    }
    if context["may_freeze"]:
        address = reverse("snapshot_freeze", args=[where.trial.key])
        context["actions"] = [{"label": _("Freeze a new snapshot"), "url": address, "kind": "primary"}]
    return render(request, "outcomes/snapshot_list.html", context)


@requires(Permission.SNAPSHOT_FREEZE, over=Over.TRIAL)
def snapshot_freeze(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Freeze the data up to a day."""
    form = FreezeForm(request.POST or None, initial={"cut_off": timezone.now().date()})
    frozen = accepted(
        form, lambda: snapshot_actions.freeze(trial=where.trial, by=signed_in(request), **form.cleaned_data)
    )
    if frozen:
        messages.success(request, _("Snapshot %(number)s is frozen.") % {"number": frozen.number})
        return redirect("snapshots", trial=where.trial.key)
    back = reverse("snapshots", args=[where.trial.key])
    crumbs = [(_("Home"), reverse("home")), (_("Snapshots"), back), (_("Freeze a new snapshot"), "")]
    context = {"form": form, "breadcrumbs": crumbs, "back": back}
    return render(request, "outcomes/snapshot_form.html", context)


@requires(Permission.SNAPSHOT_FREEZE, over=Over.TRIAL)
@require_POST
def analyses_request(request: HttpRequest, where: TrialRoom, number: int) -> HttpResponse:
    """Ask for the declared analyses of a snapshot; asking twice changes nothing."""
    snapshot = selectors.snapshot_of(where.trial, number)
    if snapshot is None:
        raise Http404
    snapshot.trial = where.trial
    asked = analysis_actions.request_all(snapshot=snapshot, by=signed_in(request))
    messages.success(
        request,
        _("%(count)s analyses of snapshot %(number)s are asked for.")
        % {"count": len(asked), "number": number},
    )
    return redirect("snapshots", trial=where.trial.key)
