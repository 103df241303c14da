"""Doors of floor 2: whether a participant fits the protocol, and the record of one who is not randomized."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from randomization import selectors
from randomization.actions import confirm_eligibility
from randomization.forms import ScreenFailureForm
from randomization.views import checklist, memory
from randomization.views.about import address, head, may_act
from randomization.views.evidence import evidence_of
from randomization.views.next_step import CONFIRM, beyond_criteria, may_fail, next_step
from trial.access import Over, TrialRoom, recently_authenticated, requires, signed_in
from trial.actions import participants
from trial.eligibility import Standing
from trial.forms import accepted
from trial.models import Participant
from trial.permissions import Permission
from trial.refusals import Refusal
from trial.wording import broken_words


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
@require_http_methods(["GET", "HEAD", "POST"])
def eligibility(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Every criterion on current values, and what comes next; a post confirms that all are met."""
    if request.method != "POST":
        return _checklist(request, where, participant)
    if not may_act(where, participant):
        raise PermissionDenied
    return _confirm(request, where, participant)


@requires(Permission.PARTICIPANT_REGISTER, over=Over.PARTICIPANT)
@recently_authenticated
def screen_failure(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Record why somebody is not randomized; it cannot be taken back."""
    form = ScreenFailureForm(request.POST or None)
    form.offer(_reasons(participant))
    if accepted(
        form,
        lambda: participants.screen_fail(
            participant=participant, reason=form.cleaned_data["reason"], by=signed_in(request)
        ),
    ):
        told = _("Participant %(label)s is recorded as a screen failure.")
        messages.success(request, told % {"label": participant.label})
        return redirect(address("casebook", participant))
    context = {
        **head(participant, _("Screen failure")),
        "form": form,
        "possible": may_fail(participant),
        "back": address("eligibility", participant),
    }
    return render(request, "randomization/screen_failure.html", context)


@recently_authenticated
def _confirm(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Confirm what the page had shown, or say why not."""
    shown = memory.recalled(request.POST.get("seen", ""))
    try:
        confirm_eligibility(participant=participant, seen=shown.token, by=signed_in(request))
    except Refusal as refusal:
        return _checklist(request, where, selectors.current(participant), refused=refusal, shown=shown)
    told = _("The eligibility of participant %(label)s is confirmed.")
    messages.success(request, told % {"label": participant.label})
    return redirect(request.path)


def _checklist(
    request: HttpRequest,
    where: TrialRoom,
    participant: Participant,
    *,
    refused: Refusal | None = None,
    shown: memory.Shown | None = None,
) -> HttpResponse:
    """The page; after a refusal it says why, and what has changed."""
    evidence = evidence_of(where, participant)
    now = selectors.readiness(participant, among=evidence.everything)
    looked = memory.shown(participant, now)
    context = {
        **head(participant, _("Eligibility")),
        "refused": refused,
        "changed": memory.changes(shown, looked) if shown else [],
        # What was seen is in the page for those who may act on it, and in words: nobody else is told it.
        "seen": memory.kept(looked) if may_act(where, participant) else "",
        "next": next_step(where, participant, now),
        "confirm": CONFIRM,
        "missing": checklist.missing(evidence, now),
        "steps": checklist.steps(evidence, now) if may_fail(participant) else [],
        "groups": checklist.criteria(evidence, now),
        "classes": checklist.classes(evidence, now),
        "stratum": checklist.stratum(evidence.protocol, now),
    }
    return render(request, "randomization/eligibility_view.html", context)


def _reasons(participant: Participant) -> list[tuple[str, list[tuple[str, str]]]]:
    """Reasons by group: the criteria that are not met, the other criteria, what is no criterion."""
    judged = selectors.readiness(participant).eligibility.outcomes
    broken, others = (
        [
            (each.criterion.id, broken_words(each.criterion))
            for each in judged
            if (each.standing is Standing.BROKEN) is wanted
        ]
        for wanted in (True, False)
    )
    groups = [
        (_("Not met on the recorded values"), broken),
        (_("Other criteria"), others),
        (_("No criterion"), beyond_criteria()),
    ]
    return [(title, options) for title, options in groups if options]
