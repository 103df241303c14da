"""Doors of floor 0: the accounts of the installation, and who administers it and its trials."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, recently_authenticated, requires, signed_in
from trial.actions import people as actions
from trial.forms import AdministratorForm, EndForm, ReasonForm, show
from trial.models import Person, RoleGrant, Trial
from trial.permissions import Permission
from trial.refusals import Refusal
from trial.roles import NAMED_BY_INSTALLATION, ROLES
from trial.views import delegation, questions

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
    trials = {trial.key: trial for trial in Trial.objects.order_by("key")}
    form, back = AdministratorForm(request.POST or None), reverse("accounts")
    form.choose(list(trials.values()), chosen=request.GET.get("trial", ""))
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "trial": trials.get(form.cleaned_data["trial"])}
        try:
            made = actions.invite(by=signed_in(request), **given)
        except Refusal as refusal:
            show(refusal, form)
        else:
            role = made.given
            if role.person == request.user and role.trial and not delegation.begins_later(role):
                return redirect("first_steps", trial=role.trial.key)
            return delegation.invited(request, made, trial=None, back=back, way=_way())
    title = _("Name an administrator")
    context = {
        "form": form,
        "title": title,
        "lead": _("The administrator of a trial invites everybody else who works in it. She may be you."),
        "submit_label": title,
        "back": back,
        "breadcrumbs": [(_("Home"), reverse("home")), *_way(), (title, "")],
    }
    return render(request, "trial/plain_form.html", context)


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
def account(request: HttpRequest, person: int) -> HttpResponse:
    """One account and all roles it ever had."""
    found = _account(person)
    pages = [(_("Send a one-time link"), "account_link"), (_("Close the account"), "account_close")]
    context = {
        "title": found.name,
        "state": delegation.account_state(found),
        "facts": delegation.account_facts(found),
        "breadcrumbs": [(_("Home"), reverse("home")), *_way(), (found.name, "")],
        "columns": delegation.grant_columns(person=False),
        "rows": delegation.grant_rows(
            found.grants.all(),
            person=None,
            end=lambda each: reverse("account_grant_end", args=[each.pk]) if _hers(each) else "",
        ),
        "actions": [{"label": label, "url": reverse(name, args=[found.pk])} for label, name in pages]
        if found.is_active
        else [],
    }
    return render(request, "trial/person_view.html", context)


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_grant_end(request: HttpRequest, grant: int) -> HttpResponse:
    """Ask, then end the role of an administrator; every other role is the trial's to end."""
    given = RoleGrant.objects.filter(pk=grant).select_related("person", "trial", "site").first()
    if given is None or not _hers(given):
        raise Http404
    form, back = EndForm(request.POST or None), reverse("account", args=[given.person_id])
    if request.method == "POST" and form.is_valid() and delegation.ended(request, given, form):
        return redirect(back)
    return questions.ask(request, questions.end_grant(given, form, back=back, way=_way()))


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_link(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then send somebody a one-time link again."""
    found = _account(person)
    back = reverse("account", args=[found.pk])
    if request.method == "POST":
        return delegation.sent(request, found, trial=None, back=back, way=_way())
    return delegation.ask_for_link(request, found, trial=None, back=back, way=_way())


@requires(Permission.ADMINISTRATOR_GRANT, over=Over.INSTALLATION)
@recently_authenticated
def account_close(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then close an account for good."""
    found = _account(person)
    form, back = ReasonForm(request.POST or None), reverse("account", args=[found.pk])
    if request.method == "POST" and form.is_valid() and delegation.closed(request, found, form):
        return redirect(back)
    return questions.ask(request, questions.close_account(found, form, back=back, way=_way()))


def _account(pk: int) -> Person:
    found = selectors.accounts().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _hers(given: RoleGrant) -> bool:
    """Whether a role is the system administrator's to give and to end."""
    return given.role in NAMED_BY_INSTALLATION


def _cells(person: Person) -> list[object]:
    roles = {
        _("%(role)s, %(trial)s") % {"role": _(ROLES[given.role].name), "trial": given.trial.key}
        if given.trial
        else _(ROLES[given.role].name)
        for given in person.grants.all()
        if not delegation.has_ended(given)
    }
    return [
        {"text": person.name, "url": reverse("account", args=[person.pk]), "note": person.email},
        delegation.account_state(person),
        _("; ").join(sorted(roles)) if roles else {"missing": _("none")},
    ]


def _way() -> delegation.Way:
    return [(_("Accounts"), reverse("accounts"))]
