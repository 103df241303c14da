"""Doors of floor 0: the people of a trial: the delegation log, invitations, the end of roles, accounts."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from trial import selectors
from trial.access import Over, TrialRoom, of_this_trial_only, recently_authenticated, requires, signed_in
from trial.actions import people as actions
from trial.actions.people import Invited
from trial.forms import InviteForm, accepted
from trial.models import Person, Site
from trial.permissions import Permission
from trial.views import delegation, person_pages, questions

A_PAGE = 50


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
def people(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """The delegation log: who holds or held which role, where, from when to when."""
    key = where.trial.key
    page = Paginator(selectors.delegation_log(where.trial), A_PAGE).get_page(request.GET.get("page"))
    rows = delegation.grant_rows(
        page.object_list,
        person=lambda each: reverse("person", args=[key, each.pk]),
        end=lambda each: reverse("grant_end", args=[key, each.pk]),
    )
    context = {
        "title": _("People"),
        "breadcrumbs": [(_("Home"), reverse("home")), (_("People"), "")],
        "columns": delegation.grant_columns(person=True),
        "rows": rows,
        "page": page,
        "actions": [{"label": _("Invite"), "url": reverse("person_invite", args=[key]), "kind": "primary"}],
    }
    return render(request, "trial/delegation_log.html", context)


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def person_invite(request: HttpRequest, where: TrialRoom) -> HttpResponse:
    """Grant somebody a role, making her account where she has none."""
    sites = {site.code: site for site in selectors.sites(where.trial)}
    form, back = InviteForm(request.POST or None), reverse("people", args=[where.trial.key])
    form.offer(list(sites.values()))
    made = accepted(form, lambda: _invited(request, where, form, sites))
    if made:
        return person_pages.invited(request, made, trial=where.trial, back=back, way=_way(where))
    lead = _("Whoever has no account yet gets one, and chooses the password by a link that works once.")
    return person_pages.invitation(request, form, title=_("Invite"), lead=lead, back=back, way=_way(where))


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
def person(request: HttpRequest, where: TrialRoom, person: int) -> HttpResponse:
    """One person: her account and her roles in this trial, past ones too."""
    found, key = _person(where, person), where.trial.key
    elsewhere = not of_this_trial_only(where, found)
    pages = [(_("Send a one-time link"), reverse("person_link", args=[key, found.pk]))]
    if not elsewhere:
        pages.append((_("Close the account"), reverse("person_close", args=[key, found.pk])))
    return person_pages.view(
        request,
        found,
        grants=selectors.delegation_log(where.trial).filter(person=found),
        end=lambda each: reverse("grant_end", args=[key, each.pk]),
        pages=pages,
        way=_way(where),
        elsewhere=elsewhere,
    )


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def grant_end(request: HttpRequest, where: TrialRoom, grant: int) -> HttpResponse:
    """Ask, then end a role: at once or after a day."""
    given = selectors.delegation_log(where.trial).filter(pk=grant).first()
    if given is None:
        raise Http404
    back = reverse("people", args=[where.trial.key])
    return person_pages.end(request, given, back=back, way=_way(where))


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def person_link(request: HttpRequest, where: TrialRoom, person: int) -> HttpResponse:
    """Ask, then send somebody a one-time link again."""
    found = _person(where, person)
    back = reverse("person", args=[where.trial.key, found.pk])
    return person_pages.link(request, found, trial=where.trial, back=back, way=_way(where))


@requires(Permission.PEOPLE_MANAGE, over=Over.TRIAL)
@recently_authenticated
def person_close(request: HttpRequest, where: TrialRoom, person: int) -> HttpResponse:
    """Ask, then close an account for good; one that works elsewhere too is the system administrator's to close."""
    found = _person(where, person)
    if not of_this_trial_only(where, found):
        raise PermissionDenied
    back = reverse("person", args=[where.trial.key, found.pk])
    return person_pages.close(request, found, back=back, way=_way(where))


def _invited(request: HttpRequest, where: TrialRoom, form: InviteForm, sites: dict[str, Site]) -> Invited:
    given = {**form.cleaned_data, "site": sites.get(form.cleaned_data["site"])}
    return actions.invite(trial=where.trial, by=signed_in(request), **given)


def _person(where: TrialRoom, pk: int) -> Person:
    """Somebody who holds or held a role in this trial; nobody else is shown here."""
    found = Person.objects.filter(pk=pk, is_service=False, grants__trial=where.trial).first()
    if found is None:
        raise Http404
    return found


def _way(where: TrialRoom) -> questions.Way:
    return [(_("People"), reverse("people", args=[where.trial.key]))]
