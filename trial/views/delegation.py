"""Views room of floor 0: people and their roles as tables and facts, the same in a trial and over the installation."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from trial import links
from trial.access import may_be_shown_link, signed_in
from trial.actions import notifications, people, welcome
from trial.actions.people import Invited
from trial.forms import show
from trial.models import Person, RoleGrant, Trial
from trial.refusals import Refusal
from trial.roles import ROLES
from trial.views import questions

Way = list[tuple[str, str]]
UrlOf = Callable[[Any], str]


def grant_columns(*, person: bool) -> list[dict[str, Any]]:
    """The headings of a delegation log, with or without who."""
    labels = [_("Person")] if person else []
    labels += [_("Role"), _("Where"), _("First day"), _("Last day"), _("State")]
    return [*({"label": label} for label in labels), {"label": _("Action"), "hidden": True}]


def grant_rows(grants: Iterable[RoleGrant], *, person: UrlOf | None, end: UrlOf) -> list[dict[str, Any]]:
    """One row a grant; `person` and `end` give the address of the person's page and of the page that ends it, or ""."""
    rows = []
    for given in grants:
        url = "" if has_ended(given) else end(given)
        who = (
            [{"text": given.person.name, "url": person(given.person), "note": given.person.email}]
            if person
            else []
        )
        cells = [
            *who,
            _(ROLES[given.role].name),
            _where(given),
            {"date": given.starts_on},
            _last_day(given),
            _state(given),
            {"links": [(_("End"), url)]} if url else "",
        ]
        rows.append({"cells": cells})
    return rows


def has_ended(given: RoleGrant) -> bool:
    """Whether a grant is over, by the calendar of UTC."""
    past = given.ends_on is not None and given.ends_on < timezone.now().date()
    return given.revoked_at is not None or past


def begins_later(given: RoleGrant) -> bool:
    """Whether a grant has not begun, by the calendar of UTC."""
    return given.starts_on > timezone.now().date()


def account_state(person: Person) -> dict[str, str]:
    """Whether an account is open, waits for its password, or is closed."""
    if not person.is_active:
        return {"status": "locked", "label": _("Closed")}
    if not person.has_usable_password():
        return {"status": "due", "label": _("Invited")}
    return {"status": "done", "label": _("Open account")}


def account_facts(person: Person) -> list[tuple[str, str]]:
    """What the page of a person says above her roles."""
    if not person.is_active:
        password = _("closed for good")
    elif person.has_usable_password():
        password = _("chosen")
    else:
        password = _("not chosen yet: she has not used her link")
    return [(_("E-mail address"), person.email), (_("Password"), password)]


def invited(request: HttpRequest, made: Invited, *, trial: Trial | None, back: str, way: Way) -> HttpResponse:
    """After an invitation: mail is on its way or, without a mail server, the link itself, this once.

    `trial` is the one whose administrator asks, None for the installation's.
    """
    person = made.given.person
    if notifications.can_send():
        messages.success(request, _("Mail to %(email)s is on its way.") % {"email": person.email})
        return redirect(back)
    if person.has_usable_password():
        text = _("%(name)s has an account and signs in as before. Tell her: no mail server is set up.")
        messages.success(request, text % {"name": person.name})
        return redirect(back)
    if made.is_new or may_be_shown_link(person, trial=trial):
        return show_link(request, person, back=back, way=way)
    text = _(
        "%(name)s has the role, but not chosen her password yet. Only the system administrator's command on the server "
        "gives a link for her account: manage.py one_time_link %(email)s"
    )
    messages.warning(request, text % {"name": person.name, "email": person.email})
    return redirect(back)


def ask_for_link(
    request: HttpRequest, person: Person, *, trial: Trial | None, back: str, way: Way
) -> HttpResponse:
    """Ask before a one-time link is made, and say how it will reach her."""
    by_mail, is_shown = notifications.can_send(), _is_shown(person, trial=trial)
    question = questions.send_link(person, by_mail=by_mail, is_shown=is_shown, back=back, way=way)
    return questions.ask(request, question)


def sent(request: HttpRequest, person: Person, *, trial: Trial | None, back: str, way: Way) -> HttpResponse:
    """After somebody asked for a one-time link: mailed or, where no mail server is and she may see it, shown."""
    if _is_shown(person, trial=trial):
        return show_link(request, person, back=back, way=way)
    try:
        welcome.send_link(person=person, trial=trial, by=signed_in(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Mail to %(email)s is on its way.") % {"email": person.email})
    return redirect(back)


def ended(request: HttpRequest, given: RoleGrant, form: forms.Form) -> bool:
    """End a role as the form says; False where that was refused, and why stands at the form."""
    try:
        people.end_grant(given=given, by=signed_in(request), **form.cleaned_data)
    except Refusal as refusal:
        show(refusal, form)
        return False
    text = _("The role of %(name)s ends: %(role)s.")
    messages.success(request, text % {"name": given.person.name, "role": _(ROLES[given.role].name)})
    return True


def closed(request: HttpRequest, person: Person, form: forms.Form) -> bool:
    """Close an account as the form says; False where that was refused, and why stands at the form."""
    try:
        people.disable(person=person, reason=form.cleaned_data["reason"], by=signed_in(request))
    except Refusal as refusal:
        show(refusal, form)
        return False
    messages.success(request, _("The account of %(name)s is closed.") % {"name": person.name})
    return True


def show_link(request: HttpRequest, person: Person, *, back: str, way: Way) -> HttpResponse:
    """The one-time link of somebody who cannot get it by mail, in this answer only."""
    welcome.note_link(person=person, by=signed_in(request))
    context = {
        "invited": person,
        "link": links.make(person),
        "hours": links.HOURS,
        "back": back,
        "breadcrumbs": [(_("Home"), reverse("home")), *way, (_("A one-time link"), "")],
    }
    return render(request, "trial/link_shown.html", context)


def _is_shown(person: Person, *, trial: Trial | None) -> bool:
    """Whether a link that is asked for now is shown to whoever asks, not mailed."""
    return not notifications.can_send() and may_be_shown_link(person, trial=trial)


def _where(given: RoleGrant) -> str:
    if given.site is not None:
        return str(given.site)
    return _("The whole trial") if given.trial is not None else _("The installation")


def _last_day(given: RoleGrant) -> dict[str, Any]:
    if given.revoked_at is not None:
        return {"time": given.revoked_at}
    return {"date": given.ends_on} if given.ends_on else {"missing": _("no end")}


def _state(given: RoleGrant) -> dict[str, str]:
    if has_ended(given):
        return {"status": "cancelled", "label": _("Ended")}
    if begins_later(given):
        return {"status": "not_due", "label": _("Begins later")}
    if not given.person.is_active:
        return {"status": "locked", "label": _("Account closed")}
    return {"status": "done", "label": _("In force")}
