"""Doors of floor 0: messages on their way: whom to, what kind, what became of them; never what they say."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trial import selectors
from trial.access import Over, TrialRoom, requires, signed_in
from trial.actions import notifications
from trial.letters import kind_word
from trial.models import Notification, Trial
from trial.permissions import Permission
from trial.refusals import Refusal
from trial.states import RESENDABLE, WorkState
from trial.wording import MESSAGE_STATES, refusal_words

A_PAGE = 50


@requires(Permission.OUTBOX_VIEW, over=Over.TRIAL)
def outbox(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """The messages of a trial, newest first."""
    return _outbox(request, where.trial)


@requires(Permission.OUTBOX_VIEW, over=Over.INSTALLATION)
def installation_outbox(request: HttpRequest) -> HttpResponse:
    """The messages of the whole installation, newest first."""
    return _outbox(request, None)


@require_POST
@requires(Permission.OUTBOX_VIEW, over=Over.TRIAL)
def outbox_retry(request: HttpRequest, where: TrialRoom, message: int) -> HttpResponse:
    """Send a message of the trial again now."""
    _retry(request, where.trial, message)
    return redirect("outbox", trial=where.trial.key)


@require_POST
@requires(Permission.OUTBOX_VIEW, over=Over.INSTALLATION)
def installation_retry(request: HttpRequest, message: int) -> HttpResponse:
    """Send a message again now."""
    _retry(request, None, message)
    return redirect("installation_outbox")


def _outbox(request: HttpRequest, trial: Trial | None) -> HttpResponse:
    page = Paginator(selectors.outbox(trial), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Outbox"), "")],
        "can_send": notifications.can_send(),
        "page": page,
        "rows": [_row(each, trial) for each in page.object_list],
    }
    return render(request, "trial/outbox.html", context)


def _retry(request: HttpRequest, trial: Trial | None, pk: int) -> None:
    found = selectors.outbox(trial).filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        notifications.retry(notification=found, by=signed_in(request))
    except Refusal as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The message is sent at the next opportunity."))


def _row(message: Notification, trial: Trial | None) -> dict[str, Any]:
    retry = (
        reverse("outbox_retry", args=[trial.key, message.pk])
        if trial is not None
        else reverse("installation_retry", args=[message.pk])
    )
    return {
        "at": message.requested_at,
        "kind": kind_word(message.kind),
        "name": message.to.name,
        "email": message.to.email,
        "trial": message.trial.key if message.trial and trial is None else "",
        "state": message.state,
        "state_label": str(MESSAGE_STATES[WorkState(message.state)]),
        "sent_at": message.sent_at,
        "tries": message.attempts,
        "failure": message.failure,
        "not_before": message.not_before if message.state == WorkState.QUEUED else None,
        "retry": retry if message.state in RESENDABLE else "",
    }
