"""Views room of floor 0: the pages of people and their roles, the same in a trial and over the installation.

What she may do, and whom it is about, the doors have settled before; `way` is how she came, for the breadcrumbs.
"""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import links
from trial.access import may_be_shown_link, signed_in
from trial.actions import notifications, people, welcome
from trial.actions.people import Invited
from trial.forms import EndForm, ReasonForm, accepted
from trial.models import Person, RoleGrant, Trial
from trial.refusals import Refusal
from trial.roles import ROLES
from trial.views import delegation, questions
from trial.views.delegation import UrlOf
from trial.views.questions import Way
from trial.wording import refusal_words


def view(
    request: HttpRequest,
    person: Person,
    *,
    grants: Iterable[RoleGrant],
    end: UrlOf,
    pages: list[tuple[str, str]],
    way: Way,
    elsewhere: bool = False,
) -> HttpResponse:
    """Her account and the grants given, past ones too; `pages` is what can be done, as label and address.

    `elsewhere`: she holds or held roles outside the trial that asks.
    """
    context = {
        "title": person.name,
        "state": delegation.account_state(person),
        "facts": delegation.account_facts(person),
        "breadcrumbs": _crumbs(way, person.name),
        "columns": delegation.grant_columns(person=False),
        "rows": delegation.grant_rows(grants, person=None, end=end),
        "elsewhere": elsewhere,
        "actions": [{"label": label, "url": url} for label, url in pages] if person.is_active else [],
    }
    return render(request, "trial/person_view.html", context)


def invitation(
    request: HttpRequest, form: forms.Form, *, title: str, lead: str, back: str, way: Way
) -> HttpResponse:
    """The form of an invitation."""
    context = {
        "form": form,
        "title": title,
        "lead": lead,
        "submit_label": title,
        "back": back,
        "breadcrumbs": _crumbs(way, title),
    }
    return render(request, "trial/plain_form.html", context)


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
        return _show_link(request, person, back=back, way=way)
    text = _(
        "%(name)s has the role, but not chosen her password yet. Only the system administrator's command on the server "
        "gives a link for her account: manage.py one_time_link %(email)s"
    )
    messages.warning(request, text % {"name": person.name, "email": person.email})
    return redirect(back)


def end(request: HttpRequest, given: RoleGrant, *, back: str, way: Way) -> HttpResponse:
    """Ask, then end a role: at once or after a day."""
    form = EndForm(request.POST or None)
    if accepted(form, lambda: people.end_grant(given=given, by=signed_in(request), **form.cleaned_data)):
        text = _("The role of %(name)s ends: %(role)s.")
        messages.success(request, text % {"name": given.person.name, "role": _(ROLES[given.role].name)})
        return redirect(back)
    return questions.ask(request, questions.end_grant(given, form, back=back, way=way))


def close(request: HttpRequest, person: Person, *, back: str, way: Way) -> HttpResponse:
    """Ask, then close an account for good."""
    form = ReasonForm(request.POST or None)
    if accepted(form, lambda: people.disable(person=person, by=signed_in(request), **form.cleaned_data)):
        messages.success(request, _("The account of %(name)s is closed.") % {"name": person.name})
        return redirect(back)
    return questions.ask(request, questions.close_account(person, form, back=back, way=way))


def link(request: HttpRequest, person: Person, *, trial: Trial | None, back: str, way: Way) -> HttpResponse:
    """Ask, then make a one-time link: mailed or, where no mail server is and she may see it, shown."""
    by_mail = notifications.can_send()
    is_shown = not by_mail and may_be_shown_link(person, trial=trial)
    if request.method != "POST":
        question = questions.send_link(person, by_mail=by_mail, is_shown=is_shown, back=back, way=way)
        return questions.ask(request, question)
    if is_shown:
        return _show_link(request, person, back=back, way=way)
    try:
        welcome.send_link(person=person, trial=trial, by=signed_in(request))
    except Refusal as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("Mail to %(email)s is on its way.") % {"email": person.email})
    return redirect(back)


def _show_link(request: HttpRequest, person: Person, *, back: str, way: Way) -> HttpResponse:
    """The one-time link of somebody who cannot get it by mail, in this answer only."""
    welcome.note_link(person=person, by=signed_in(request))
    context = {
        "invited": person,
        "link": links.make(person),
        "hours": links.HOURS,
        "back": back,
        "breadcrumbs": _crumbs(way, _("A one-time link")),
    }
    return render(request, "trial/link_shown.html", context)


def _is_shown(person: Person, *, trial: Trial | None) -> bool:
    """Whether a link that is asked for now is shown to whoever asks, not mailed."""
    return not notifications.can_send() and may_be_shown_link(person, trial=trial)


def _crumbs(way: Way, title: str) -> Way:
    return [(_("Home"), reverse("home")), *way, (title, "")]
