"""Views room of floor 0: what is asked before an act that counts, and what the answer means."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import links
from trial.models import Person, RoleGrant, Site, Trial
from trial.refusals import Refusal
from trial.roles import ROLES
from trial.states import SiteState

Way = list[tuple[str, str]]


def ask(request: HttpRequest, question: dict[str, Any]) -> HttpResponse:
    """A page with one question: components/confirm.html inside the frame."""
    crumbs = [(_("Home"), reverse("home")), *question["way"], (question["title"], "")]
    return render(request, "trial/question.html", {**question, "breadcrumbs": crumbs})


def site_state(site: Site, form: forms.Form, *, back: str) -> dict[str, Any]:
    """Close the site, or open it again?"""
    closing = site.state == SiteState.OPEN
    return {
        "title": _("Close a site") if closing else _("Open a site"),
        "question": (_("Close site %(site)s?") if closing else _("Open site %(site)s again?"))
        % {"site": site},
        "consequences": [
            _("Nobody can be registered or randomized there any more."),
            _("Follow-up of those randomized goes on; the data stay."),
            _("It can be opened again."),
        ]
        if closing
        else [_("Its staff can register and randomize again, up to the cap.")],
        "submit_label": _("Close the site") if closing else _("Open the site"),
        "danger": closing,
        "form": form,
        "hidden": [_answer(closing)],
        "cancel_url": back,
        "way": [(_("Sites"), back)],
    }


def recruitment(trial: Trial, form: forms.Form, *, back: str) -> dict[str, Any]:
    """Close the trial's recruitment, or open it?"""
    closing = trial.recruiting
    return {
        "title": _("Close recruitment") if closing else _("Open recruitment"),
        "question": (
            _("Close the recruitment of %(trial)s?") if closing else _("Open the recruitment of %(trial)s?")
        )
        % {"trial": trial.key},
        "consequences": [
            _("Nobody is randomized at any site until it is opened again."),
            _("Follow-up of those randomized goes on."),
        ]
        if closing
        else [_("Open sites may randomize from now on, once the randomization scheme is open.")],
        "submit_label": _("Close recruitment") if closing else _("Open recruitment"),
        "danger": closing,
        "form": form,
        "hidden": [_answer(closing)],
        "cancel_url": back,
        "way": [(_("Sites"), back)],
    }


def answered(request: HttpRequest) -> SiteState:
    """What was asked when she said yes. Raises Refusal where that does not come with the answer."""
    to = request.POST.get("to", "")
    if to not in list(SiteState):
        raise Refusal(
            "question.lost",
            _("The answer came without its question."),
            remedy=_("Read the question below, then answer it."),
        )
    return SiteState(to)


def end_grant(given: RoleGrant, form: forms.Form, *, back: str, way: Way) -> dict[str, Any]:
    """End a role of somebody?"""
    names = {"name": given.person.name, "role": _(ROLES[given.role].name)}
    return {
        "title": _("End a role"),
        "question": _("End the role of %(name)s: %(role)s?") % names,
        "consequences": [
            _("The delegation log keeps it, with its last day."),
            _("Her other roles and her account stay."),
            _("To give it back, grant it again."),
        ],
        "submit_label": _("End the role"),
        "danger": True,
        "form": form,
        "cancel_url": back,
        "way": way,
    }


def close_account(person: Person, form: forms.Form, *, back: str, way: Way) -> dict[str, Any]:
    """Close somebody's account?"""
    return {
        "title": _("Close an account"),
        "question": _("Close the account of %(name)s?") % {"name": person.name},
        "consequences": [
            _("She is signed out everywhere at once and cannot sign in any more."),
            _("The account is never deleted and never opened again; its address is not used again."),
            _("What she has done stays hers in the audit trail."),
        ],
        "submit_label": _("Close the account"),
        "danger": True,
        "form": form,
        "cancel_url": back,
        "way": way,
    }


def send_link(person: Person, *, by_mail: bool, is_shown: bool, back: str, way: Way) -> dict[str, Any]:
    """Send somebody a one-time link?"""
    return {
        "title": _("A one-time link"),
        "question": _("Make a one-time link for %(name)s?") % {"name": person.name},
        "consequences": [
            _carried(person, by_mail=by_mail, is_shown=is_shown),
            _("Whoever has it chooses the password of this account, once, within %(hours)s hours.")
            % {"hours": links.HOURS},
            _("Her present password works until the link is used."),
        ],
        "submit_label": _("Show the link") if is_shown else _("Send the link"),
        "danger": False,
        "form": None,
        "cancel_url": back,
        "way": way,
    }


def _answer(closing: bool) -> tuple[str, SiteState]:
    """What yes means, sent along with it: by then the state may be another, and yes must not undo that."""
    return "to", SiteState.CLOSED if closing else SiteState.OPEN


def _carried(person: Person, *, by_mail: bool, is_shown: bool) -> str:
    """How a one-time link reaches its owner."""
    if by_mail:
        return _("It goes to %(email)s by mail.") % {"email": person.email}
    if is_shown:
        return _("No mail server is set up: the link is shown to you, once, to hand over.")
    return _(
        "No mail server is set up, and only the system administrator's command on the server gives a link for this "
        "account: manage.py one_time_link %(email)s"
    ) % {"email": person.email}
