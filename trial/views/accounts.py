"""Doors of floor 0: the accounts of the installation, and who administers it and its trials."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, named_by_installation, recently_authenticated, requires, signed_in
from trial.actions import people as actions
from trial.actions.people import Invited
from trial.forms import AdministratorForm, accepted
from trial.models import Person, RoleGrant, Trial
from trial.permissions import Permission
from trial.roles import ROLES
from trial.views import person_pages, questions
from trial.views.delegation import account_state, begins_later, has_ended

A_PAGE = 50


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
def accounts(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, and her roles."""
    page = Paginator(selectors.accounts(), A_PAGE).get_page(request.GET.get("page"))
    labels = (_("Person"), _("Account"), _("Roles"))
    context = {
        "title": _("Accounts"),
        "breadcrumbs": [(_("Home"), reverse("home")), (_("Accounts"), "")],
        "columns": [{"label": label} for label in labels],
        "rows": [{"cells": _cells(each)} for each in page.object_list],
        "page": page,
        "actions": [
            {"label": _("Name an administrator"), "url": reverse("account_invite"), "kind": "primary"}
        ],
    }
    return render(request, "trial/account_list.html", context)


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_invite(request: HttpRequest) -> HttpResponse:
    """Make somebody administrator of a trial or of the installation."""
    trials = selectors.trials_by_key()
    form, back = AdministratorForm(request.POST or None), reverse("accounts")
    form.offer(list(trials.values()), chosen=request.GET.get("trial", ""))
    made = accepted(form, lambda: _named(request, form, trials))
    if made and made.given.person == request.user and made.given.trial and not begins_later(made.given):
        return redirect("first_steps", trial=made.given.trial.key)
    if made:
        return person_pages.invited(request, made, trial=None, back=back, way=_way())
    title = _("Name an administrator")
    lead = _("The administrator of a trial invites everybody else who works in it. She may be you.")
    return person_pages.invitation(request, form, title=title, lead=lead, back=back, way=_way())


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
def account(request: HttpRequest, person: int) -> HttpResponse:
    """One account and all roles it ever had."""
    found = _account(person)
    pages = [(_("Send a one-time link"), "account_link"), (_("Close the account"), "account_close")]
    return person_pages.view(
        request,
        found,
        grants=found.grants.all(),
        end=lambda each: reverse("account_grant_end", args=[each.pk]) if named_by_installation(each) else "",
        pages=[(label, reverse(name, args=[found.pk])) for label, name in pages],
        way=_way(),
    )


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_grant_end(request: HttpRequest, grant: int) -> HttpResponse:
    """Ask, then end the role of an administrator; every other role is the trial's to end."""
    given = RoleGrant.objects.filter(pk=grant).select_related("person", "trial", "site").first()
    if given is None or not named_by_installation(given):
        raise Http404
    return person_pages.end(request, given, back=reverse("account", args=[given.person_id]), way=_way())


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_link(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then send somebody a one-time link again."""
    found = _account(person)
    return person_pages.link(request, found, trial=None, back=reverse("account", args=[found.pk]), way=_way())


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_close(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then close an account for good."""
    found = _account(person)
    return person_pages.close(request, found, back=reverse("account", args=[found.pk]), way=_way())


def _named(request: HttpRequest, form: AdministratorForm, trials: dict[str, Trial]) -> Invited:
    given = {**form.cleaned_data, "trial": trials.get(form.cleaned_data["trial"])}
    return actions.invite(by=signed_in(request), **given)


def _account(pk: int) -> Person:
    found = selectors.accounts().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _cells(person: Person) -> list[object]:
    roles = {
        _("%(role)s, %(trial)s") % {"role": _(ROLES[given.role].name), "trial": given.trial.key}
        if given.trial
        else _(ROLES[given.role].name)
        for given in person.grants.all()
        if not has_ended(given)
    }
    return [
        {"text": person.name, "url": reverse("account", args=[person.pk]), "note": person.email},
        account_state(person),
        _("; ").join(sorted(roles)) if roles else {"missing": _("none")},
    ]


def _way() -> questions.Way:
    return [(_("Accounts"), reverse("accounts"))]
