"""Views room of floor 4: the form that makes a token."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.secrets import DEFAULT_DAYS, LONGEST_DAYS, Scope
from exports.wording import scope_sentence
from trial.access import TrialRoom
from trial.models import Site
from trial.permissions import Permission

_DAYS = _("Enter a number of days from 1 to 365.")


class TokenForm(forms.Form):
    """A name, what the token may read, how long it lives, and a site if it is bound to one."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Where the token will be used, for example: weekly report on the statistics server."),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Give the token a name.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("May read"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.IntegerField(
        label=_("Lives for"),
        help_text=_("Days, at most 365. Choose no more than you need."),
        initial=DEFAULT_DAYS,
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _DAYS),
    )
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("All sites"),
        help_text=_("A token bound to a site reads the participants of that site only."),
    )

    def __init__(self, *args: Any, where: TrialRoom, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [scope for scope in Scope if scope is not Scope.READ_ARM or _may_read_arm(where)]
        scopes = cast(forms.MultipleChoiceField, self.fields["scopes"])
        scopes.choices = [(scope.value, scope_sentence(scope)) for scope in offered]
        scopes.initial = [Scope.READ_DATA.value]
        site = cast("forms.ModelChoiceField[Site]", self.fields["site"])
        site.queryset = Site.objects.filter(trial=where.trial)


def _may_read_arm(where: TrialRoom) -> bool:
    return where.can(Permission.TOKEN_READ_ARM)
