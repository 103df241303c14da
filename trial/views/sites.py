"""Doors of floor 0: the sites of a trial, and whether it recruits."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, TrialRoom, recently_authenticated, requires, signed_in
from trial.actions import sites as actions
from trial.actions import trials
from trial.forms import CapForm, ReasonForm, SiteDetailsForm, SiteForm, accepted
from trial.models import Site, Trial
from trial.permissions import Permission
from trial.states import SiteState
from trial.views import questions
from trial.wording import SITE_STATES


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
def sites(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Every site with its state, cap and clock; whether the trial recruits stands above them."""
    recruiting = where.trial.recruiting
    key = where.trial.key
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Sites"), "")],
        "recruiting": recruiting,
        "columns": _columns(),
        "rows": [{"cells": _cells(key, site)} for site in selectors.managed_sites(where.trial)],
        "actions": [
            {"label": _("Add a site"), "url": reverse("site_add", args=[key]), "kind": "primary"},
            {
                "label": _("Close recruitment") if recruiting else _("Open recruitment"),
                "url": reverse("recruitment", args=[key]),
            },
        ],
    }
    return render(request, "trial/site_list.html", context)


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
def site_add(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Add a site, open from the start."""
    form = SiteForm(request.POST or None)
    made = accepted(form, lambda: actions.add(trial=where.trial, by=signed_in(request), **form.cleaned_data))
    if made:
        messages.success(request, _("Site %(site)s is added and open.") % {"site": made})
        return redirect("sites", trial=where.trial.key)
    return _form(request, where, form, _("Add a site"), _("Add the site"))


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
def site_details(request: HttpRequest, where: TrialRoom, site: str) -> HttpResponse:
    """Correct the name of a site, and its time zone while it has no participants."""
    found = _site(where, site)
    form = SiteDetailsForm(request.POST or None, initial={"name": found.name, "time_zone": found.time_zone})
    if accepted(form, lambda: actions.describe(site=found, by=signed_in(request), **form.cleaned_data)):
        messages.success(request, _("Site %(code)s is changed.") % {"code": found.code})
        return redirect("sites", trial=where.trial.key)
    return _form(request, where, form, _("Change site %(code)s") % {"code": found.code}, _("Save"))


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
def site_cap(request: HttpRequest, where: TrialRoom, site: str) -> HttpResponse:
    """Change how many participants a site may randomize."""
    found = _site(where, site)
    form = CapForm(request.POST or None, initial={"cap": found.cap})
    if accepted(form, lambda: actions.change_cap(site=found, by=signed_in(request), **form.cleaned_data)):
        messages.success(request, _("The cap of site %(code)s is changed.") % {"code": found.code})
        return redirect("sites", trial=where.trial.key)
    return _form(request, where, form, _("Change the cap of site %(code)s") % {"code": found.code}, _("Save"))


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def site_state(request: HttpRequest, where: TrialRoom, site: str) -> HttpResponse:
    """Ask, then close a site or open it again."""
    found, back = _site(where, site), reverse("sites", args=[where.trial.key])
    form = ReasonForm(request.POST or None)
    changed = accepted(form, lambda: _state_changed(request, found, form.cleaned_data["reason"]))
    if changed:
        closed = changed.state == SiteState.CLOSED
        text = _("Site %(site)s is closed.") if closed else _("Site %(site)s is open.")
        messages.success(request, text % {"site": changed})
        return redirect(back)
    return questions.ask(request, questions.site_state(found, form, back=back))


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def recruitment(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Ask, then close the trial's recruitment or open it."""
    form, back = ReasonForm(request.POST or None), reverse("sites", args=[where.trial.key])
    changed = accepted(form, lambda: _recruiting_changed(request, where.trial, form.cleaned_data["reason"]))
    if changed:
        text = _("Recruitment is open.") if changed.recruiting else _("Recruitment is closed.")
        messages.success(request, text)
        return redirect(back)
    return questions.ask(request, questions.recruitment(where.trial, form, back=back))


def _state_changed(request: HttpRequest, site: Site, reason: str) -> Site:
    to = questions.answered(request)
    return actions.change_state(site=site, to=to, reason=reason, by=signed_in(request))


def _recruiting_changed(request: HttpRequest, trial: Trial, reason: str) -> Trial:
    recruiting = questions.answered(request) is SiteState.OPEN
    return trials.change_recruiting(trial=trial, recruiting=recruiting, reason=reason, by=signed_in(request))


def _site(where: TrialRoom, code: str) -> Site:
    found = Site.objects.filter(trial=where.trial, code=code).first()
    if found is None:
        raise Http404
    found.trial = where.trial
    return found


def _form(request: HttpRequest, where: TrialRoom, form: forms.Form, title: str, submit: str) -> HttpResponse:
    back = reverse("sites", args=[where.trial.key])
    context = {
        "form": form,
        "title": title,
        "submit_label": submit,
        "back": back,
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Sites"), back), (title, "")],
    }
    return render(request, "trial/plain_form.html", context)


def _columns() -> list[dict[str, Any]]:
    words = (_("Site"), _("State"))
    numbers = (_("Participants"), _("Randomized"), _("At most"))
    return [
        *({"label": word} for word in words),
        *({"label": word, "numeric": True} for word in numbers),
        {"label": _("Time zone")},
        {"label": _("Actions"), "hidden": True},
    ]


def _cells(trial: str, site: Any) -> list[Any]:
    is_open = site.state == SiteState.OPEN
    full = site.cap is not None and site.randomized_count >= site.cap
    pages = [
        (_("Change"), "site_details"),
        (_("Cap"), "site_cap"),
        (_("Close") if is_open else _("Open"), "site_state"),
    ]
    return [
        str(site),
        {"status": "done" if is_open else "locked", "label": str(SITE_STATES[SiteState(site.state)])},
        {"number": site.participant_count},
        {"number": site.randomized_count, "note": _("full") if full else ""},
        {"missing": _("no limit")} if site.cap is None else {"number": site.cap},
        site.time_zone,
        {"links": [(label, reverse(name, args=[trial, site.code])) for label, name in pages]},
    ]
