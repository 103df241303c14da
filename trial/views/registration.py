"""Door of floor 0: a person is registered for screening, under a label that names nobody."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, TrialRoom, requires, signed_in
from trial.actions import participants as actions
from trial.forms import RegisterForm, accepted
from trial.models import Participant, Site
from trial.permissions import Permission
from trial.protocol.forms import MilestoneKind
from trial.states import SiteState
from trial.wording import sentences, words


@requires(Permission.PARTICIPANT_REGISTER, over=Over.TRIAL)
def register(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Register somebody at one of her sites; what to do next stands in the casebook."""
    hers = selectors.sites_with(where, Permission.PARTICIPANT_REGISTER)
    if not hers:
        raise PermissionDenied
    sites = {site.code: site for site in hers if site.state == SiteState.OPEN}
    back = reverse("participants", args=[where.trial.key])
    crumbs = [(_("Home"), reverse("home")), (_("Participants"), back), (_("Register a participant"), "")]
    context = {"breadcrumbs": crumbs, "back": back, "recruiting": where.trial.recruiting}
    if not sites:
        return render(request, "trial/participant_register.html", {**context, "closed": hers})
    form = RegisterForm(request.POST or None)
    proposals = selectors.next_labels(where.trial, sites)
    chosen = sites.get(request.GET.get("site", ""), next(iter(sites.values())))
    form.offer(list(sites.values()), chosen=chosen, proposals=proposals)
    made = accepted(form, lambda: _registered(request, form, sites, proposals))
    if made:
        messages.success(request, _welcome(where, made))
        return redirect("casebook", trial=where.trial.key, participant=made.label)
    return render(request, "trial/participant_register.html", {**context, "form": form})


def _registered(
    request: HttpRequest, form: RegisterForm, sites: dict[str, Site], proposals: dict[str, str]
) -> Participant:
    site = sites[form.cleaned_data["site"]]
    label = form.cleaned_data["label"] or proposals[site.code]
    return actions.register(site=site, label=label, by=signed_in(request))


def _welcome(where: TrialRoom, made: Participant) -> str:
    """What was done, and what comes first: the consent form, where the protocol has one."""
    done = _("Participant %(label)s is registered.") % {"label": made.label}
    for form in selectors.protocol_of(where.trial).forms.values():
        if form.milestone and form.milestone.kind is MilestoneKind.CONSENT:
            next_step = _("Enter the form “%(form)s” first: nothing else may be entered before consent.")
            return sentences(done, next_step % {"form": words(form.title)})
    return done
