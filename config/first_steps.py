"""Door of the roof: the first steps of a trial, from the protocol in force to the first randomization."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from randomization.selectors import scheme_of
from trial.access import Over, TrialRoom, requires
from trial.actions.notifications import can_send
from trial.models import RoleGrant, Site
from trial.permissions import Permission
from trial.roles import Scope
from trial.selectors import grants_in_force, sites, version_in_force
from trial.states import SiteState

Task = dict[str, Any]


@requires(Permission.SITE_MANAGE, over=Over.TRIAL)
def first_steps(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """What is done and what is still to do before somebody can be randomized, in its order."""
    open_sites = [site for site in sites(where.trial) if site.state == SiteState.OPEN]
    grants = list(grants_in_force(where.trial))
    tasks = [
        _protocol(where),
        _sites(where, open_sites),
        _staff(where, open_sites, grants),
        _unblinded(where, grants),
        _scheme(where),
        _recruitment(where),
        _mail(where),
    ]
    context = {
        "breadcrumbs": [(_("Home"), reverse("home")), (_("First steps"), "")],
        "groups": [{"title": _("Before the first randomization"), "tasks": tasks}],
    }
    return render(request, "config/first_steps.html", context)


def _protocol(where: TrialRoom) -> Task:
    version = version_in_force(where.trial)
    note = _("version %(number)s, SHA-256 %(hash)s…") % {
        "number": version.number,
        "hash": version.sha256[:12],
    }
    return _task(_("The protocol is in force"), True, note, reverse("protocol", args=[where.trial.key]))


def _sites(where: TrialRoom, open_sites: list[Site]) -> Task:
    note = _(", ").join(str(site) for site in open_sites) or _("Add the first site.")
    return _task(_("A site is open"), bool(open_sites), note, reverse("sites", args=[where.trial.key]))


def _staff(where: TrialRoom, open_sites: list[Site], grants: list[RoleGrant]) -> Task:
    """Each open site needs somebody who may randomize there."""
    staffed = {
        grant.site_id
        for grant in grants
        if grant.definition.scope is Scope.SITE and Permission.RANDOMIZE in grant.definition.permissions
    }
    without = [site for site in open_sites if site.pk not in staffed]
    note = (
        _("Nobody yet at: %(sites)s") % {"sites": _(", ").join(str(site) for site in without)}
        if without
        else _("Invite a coordinator or an investigator.")
        if not open_sites
        else ""
    )
    done = bool(open_sites) and not without
    return _task(_("Every open site has its staff"), done, note, reverse("people", args=[where.trial.key]))


def _unblinded(where: TrialRoom, grants: list[RoleGrant]) -> Task:
    done = any(Permission.SCHEME_OPEN in grant.definition.permissions for grant in grants)
    note = (
        "" if done else _("She opens the randomization scheme, with block sizes that nobody else may know.")
    )
    return _task(
        _("The unblinded statistician is named"), done, note, reverse("people", args=[where.trial.key])
    )


def _scheme(where: TrialRoom) -> Task:
    done = scheme_of(where.trial) is not None
    note = "" if done else _("The unblinded statistician opens it.")
    url = reverse("scheme", args=[where.trial.key])
    return _task(_("The randomization scheme is open"), done, note, url)


def _recruitment(where: TrialRoom) -> Task:
    return _task(
        _("Recruitment is open"), where.trial.recruiting, "", reverse("sites", args=[where.trial.key])
    )


def _mail(where: TrialRoom) -> Task:
    done = can_send()
    note = "" if done else _("Without one, links are handed over by hand and notices wait in the outbox.")
    return _task(_("A mail server is set up"), done, note, reverse("outbox", args=[where.trial.key]))


def _task(label: str, done: bool, note: str, url: str) -> Task:
    return {
        "label": label,
        "url": url,
        "note": note,
        "state": "done" if done else "due",
        "state_label": _("Done") if done else _("To do"),
    }
