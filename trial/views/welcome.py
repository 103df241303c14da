"""Door of floor 0: a one-time link, which leads to a chosen password and into the house."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trial import links
from trial.access import requires
from trial.actions import welcome as actions
from trial.forms import PasswordForm, show
from trial.permissions import Permission
from trial.refusals import Refusal


@never_cache
@requires(Permission.PUBLIC)
def welcome(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a password. Looking at the page uses nothing up: mail programs look at links before people do."""
    person = links.holder(uid, token)
    if person is None:
        return render(request, "trial/link_used.html", status=410)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.choose_password(
                person=person, proof=token, password=form.cleaned_data["password"], by=person
            )
        except Refusal as refusal:
            show(refusal, form)
        else:
            get_adapter(request).login(request, person)
            messages.success(request, _("Your password is set and you are signed in."))
            return redirect("home")
    return render(request, "trial/welcome.html", {"form": form, "invited": person})
