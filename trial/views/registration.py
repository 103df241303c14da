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
from trial.forms import RegisterForm
from trial.models import Participant, Site
from trial.permissions import Permission
from trial.protocol.forms import MilestoneKind
from trial.refusals import Refusal
from trial.wording import words


@requires(Permission.PARTICIPANT_REGISTER, over=Over.TRIAL)
def register(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Register somebody at one of her sites; what to do next stands in the casebook."""
    sites = {site.code: site for site in selectors.sites_with(where, Permission.PARTICIPANT_REGISTER)}
    if not sites:
        raise PermissionDenied
    form = RegisterForm(request.POST or None)
    proposals = selectors.next_labels(where.trial, sites)
    chosen = sites.get(request.GET.get("site", ""), next(iter(sites.values())))
    form.offer(list(sites.values()), chosen=chosen, proposals=proposals)
    if request.method == "POST" and form.is_valid():
        site = sites[form.cleaned_data["site"]]
        try:
            made = _registered(request, site, form.cleaned_data["label"] or proposals[site.code])
        except Refusal as refusal:
            form.add_error(_field(refusal), str(refusal))
        else:
            messages.success(request, _welcome(where, made))
            return redirect("casebook", trial=where.trial.key, participant=made.label)
    back = reverse("participants", args=[where.trial.key])
    crumbs = [(_("Home"), reverse("home")), (_("Participants"), back), (_("Register a participant"), "")]
    context = {"form": form, "breadcrumbs": crumbs, "back": back, "recruiting": where.trial.recruiting}
    return render(request, "trial/participant_register.html", context)


def _registered(request: HttpRequest, site: Site, label: str) -> Participant:
    return actions.register(site=site, label=label, by=signed_in(request))


def _field(refusal: Refusal) -> str:
    """The field a refusal is about: a label that does not fit, else the site."""
    return refusal.item if refusal.item in RegisterForm.base_fields else "site"


def _welcome(where: TrialRoom, made: Participant) -> str:
    """What was done, and what comes first: the consent form, where the protocol has one."""
    done = _("Participant %(label)s is registered.") % {"label": made.label}
    for form in selectors.protocol_of(where.trial).forms.values():
        if form.milestone and form.milestone.kind is MilestoneKind.CONSENT:
            next_step = _("Enter the form “%(form)s” first: nothing else may be entered before consent.")
            return f"{done} {next_step % {'form': words(form.title)}}"
    return done
