"""Door of floor 0: a one-time link, which leads to a chosen password and into the house."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trial import links
from trial.access import requires, signed_in
from trial.actions import welcome as actions
from trial.forms import PasswordForm, accepted
from trial.models import Person
from trial.permissions import Permission


@never_cache
@requires(Permission.PUBLIC)
def welcome(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a password. Looking at the page uses nothing up: mail programs look at links before people do."""
    person = links.holder(uid, token)
    if person is None:
        return render(request, "trial/link_used.html", {"hours": links.HOURS}, status=410)
    form = PasswordForm(request.POST or None)
    entered = accepted(form, lambda: _entered(person, token, form))
    if entered:
        _sign_in(request, entered)
        messages.success(request, _("Your password is set and you are signed in."))
        return redirect("home")
    context = {"form": form, "invited": person, "other": _other(request, person)}
    return render(request, "trial/welcome.html", context)


def _entered(person: Person, token: str, form: PasswordForm) -> Person:
    password = form.cleaned_data["password"]
    return actions.choose_password(person=person, proof=token, password=password, by=person)


def _other(request: HttpRequest, person: Person) -> Person | None:
    """Who is signed in here, where that is not she whom the link belongs to."""
    if not request.user.is_authenticated or request.user.pk == person.pk:
        return None
    return signed_in(request)


def _sign_in(request: HttpRequest, person: Person) -> None:
    """Sign her in, and whoever was signed in here out, which is an act of its own."""
    adapter = get_adapter(request)
    if _other(request, person):
        adapter.logout(request)
    adapter.login(request, person)
