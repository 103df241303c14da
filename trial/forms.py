"""Forms room of floor 0: the hand-written ones: filters above lists, registration, administration."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar, cast
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trial.day_fields import DayField
from trial.models import Site, Trial
from trial.refusals import Refusal
from trial.roles import NAMED_BY_INSTALLATION, ROLES, Role, Scope
from trial.wording import STATES, refusal_words, verb_words

Options = list[tuple[str, str]]
Done = TypeVar("Done")


def accepted(form: forms.Form, act: Callable[[], Done]) -> Done | None:
    """What `act` answers, called once the form is filled in rightly; None where it is not, or where that was refused.

    Why stands at the field it is about, else above all fields.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except Refusal as refusal:
        form.add_error(refusal.item if refusal.item in form.fields else None, refusal_words(refusal))
        return None


class Filter(forms.Form):
    """What stands above a list; what does not fit filters nothing."""

    def values(self) -> dict[str, str]:
        """The filters that fit, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ParticipantFilter(Filter):
    """Which participants of the list: part of the label, site, state."""

    search = forms.CharField(label=gettext_lazy("Label contains"), required=False, max_length=40)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def offer(self, sites: Iterable[Site]) -> None:
        """Set the choices: the sites she may see, and every state. One site needs no choice."""
        chosen: Options = [(site.code, str(site)) for site in sites]
        self._set("site", chosen)
        self._set("state", [(state.value, str(word)) for state, word in STATES.items()])
        if len(chosen) < 2:
            del self.fields["site"]

    def _set(self, name: str, options: Options) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", _("All")), *options]


class ActFilter(Filter):
    """Which acts of the trail: of one participant, of one kind."""

    participant = forms.CharField(label=gettext_lazy("Participant"), required=False, max_length=40)
    verb = forms.ChoiceField(label=gettext_lazy("Act"), required=False)

    def offer(self, verbs: Iterable[str]) -> None:
        """Set the choices: what has been done in this trial."""
        options = [("", _("All")), *[(verb, verb_words(verb)) for verb in verbs]]
        cast(forms.ChoiceField, self.fields["verb"]).choices = options


class RegisterForm(forms.Form):
    """Where somebody is registered, and under which label; an empty label means the site's next number."""

    site = forms.ChoiceField(
        label=gettext_lazy("Site"),
        error_messages={
            "required": gettext_lazy("Choose the site."),
            "invalid_choice": gettext_lazy("Choose one of the open sites at which you work."),
        },
    )
    label = forms.CharField(
        label=gettext_lazy("Label of the participant"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": gettext_lazy("Use at most 40 characters.")},
    )

    def offer(self, sites: Sequence[Site], *, chosen: Site, proposals: dict[str, str]) -> None:
        """Set her sites, the one chosen beforehand, and the next label of each site by its code."""
        field = cast(forms.ChoiceField, self.fields["site"])
        field.choices = [(site.code, str(site)) for site in sites]
        field.initial = chosen.code
        label = self.fields["label"]
        if len(sites) == 1:
            label.initial = proposals[chosen.code]
            label.help_text = _("The next free label of the site is proposed: %(label)s.") % {
                "label": proposals[chosen.code]
            }
        else:
            free = _("; ").join(f"{site}: {proposals[site.code]}" for site in sites)
            label.help_text = _("Leave it empty to take the next free label. %(free)s") % {"free": free}


def _text(
    label: object, *, needed: object, longest: int, hint: object = "", kind: str = "text"
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=longest,
        widget=forms.TextInput({"type": kind, "autocomplete": "off"}),
        error_messages={
            "required": needed,
            "max_length": gettext_lazy("Use at most %(limit_value)d characters."),
        },
    )


def _reason(hint: object) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=hint,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": gettext_lazy("Say why; it is kept in the audit trail.")},
    )


@lru_cache(maxsize=1)
def _zones() -> tuple[tuple[str, str], ...]:
    names = sorted(name for name in available_timezones() if name == "UTC" or "/" in name)
    return tuple((name, name) for name in names)


class ZoneField(forms.ChoiceField):
    """An IANA time zone; the first choice is none."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Time zone"),
            help_text=gettext_lazy(
                "The clock of the site: days of consent and randomization are told by it."
            ),
            choices=[("", "—"), *_zones()],
            error_messages={"required": gettext_lazy("Choose the time zone of the site.")},
        )


class CapField(forms.IntegerField):
    """The most participants a site may randomize; empty: no limit."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Most participants to randomize"),
            help_text=gettext_lazy("Leave it empty for no limit."),
            required=False,
            min_value=1,
            max_value=100_000,
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value"),
                gettext_lazy("Enter a number from 1, or nothing for no limit."),
            ),
        )


class SiteForm(forms.Form):
    """A new site."""

    code = _text(
        gettext_lazy("Code"),
        needed=gettext_lazy("Enter the code of the site."),
        longest=20,
        hint=gettext_lazy("Short and final: labels of participants begin with it, for example 01."),
    )
    name = _text(gettext_lazy("Name"), needed=gettext_lazy("Enter the name of the site."), longest=120)
    time_zone = ZoneField()
    cap = CapField()


class SiteDetailsForm(forms.Form):
    """Another name or time zone of a site, and why."""

    name = _text(gettext_lazy("Name"), needed=gettext_lazy("Enter the name of the site."), longest=120)
    time_zone = ZoneField()
    reason = _reason(gettext_lazy("For example: the hospital was renamed."))


class CapForm(forms.Form):
    """Another cap of a site, and why."""

    cap = CapField()
    reason = _reason(gettext_lazy("For example: the site may go on, the sponsor agreed."))


class ReasonForm(forms.Form):
    """Why something is done that nobody does without a reason."""

    reason = _reason("")


class GrantForm(forms.Form):
    """Who gets which role, from which day and until which."""

    email = _text(
        gettext_lazy("E-mail address"),
        needed=gettext_lazy("Enter her e-mail address."),
        longest=254,
        hint=gettext_lazy("She signs in with it. Accounts are personal: never a shared address."),
        kind="email",
    )
    name = _text(
        gettext_lazy("Name"),
        needed=gettext_lazy("Enter her name."),
        longest=120,
        hint=gettext_lazy("As the audit trail will show it. Whoever has an account keeps the name it has."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the role.")},
    )
    starts_on = DayField(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy("The role holds from the beginning of this day in UTC."),
        error_messages={"required": gettext_lazy("Enter the day, the month and the year.")},
    )
    ends_on = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave it empty for no end. The role holds until the end of this day in UTC."),
    )

    def _begin(self, offered: Iterable[Role]) -> None:
        """Set the roles to choose from, each with its sentence, and today as first day."""
        choices = [(role.key, f"{_(role.name)}{_(': ')}{_(role.sentence)}") for role in offered]
        cast(forms.ChoiceField, self.fields["role"]).choices = choices
        self.fields["starts_on"].initial = timezone.now().date()


class InviteForm(GrantForm):
    """Who gets which role of a trial, where, from which day and until which."""

    field_order = ("email", "name", "role", "site", "starts_on", "ends_on")

    site = forms.ChoiceField(
        label=gettext_lazy("Site"),
        required=False,
        help_text=gettext_lazy("For roles at one site only; leave it empty for all others."),
    )

    def offer(self, sites: Sequence[Site]) -> None:
        """Set the roles of a trial and its sites."""
        self._begin([role for role in ROLES.values() if role.scope is not Scope.INSTALLATION])
        places = [("", _("The whole trial")), *((site.code, str(site)) for site in sites)]
        cast(forms.ChoiceField, self.fields["site"]).choices = places


class AdministratorForm(GrantForm):
    """Who becomes administrator, of a trial or of the installation."""

    field_order = ("email", "name", "role", "trial", "starts_on", "ends_on")

    trial = forms.ChoiceField(
        label=gettext_lazy("Trial"),
        required=False,
        help_text=gettext_lazy("For the administrator of a trial; a system administrator has none."),
    )

    def offer(self, trials: Sequence[Trial], *, chosen: str) -> None:
        """Set the two roles and the trials; `chosen` is the key of the trial that she comes from, or ""."""
        self._begin([ROLES[key] for key in NAMED_BY_INSTALLATION])
        keys = [trial.key for trial in trials]
        places = [("", _("None")), *((key, key) for key in keys)]
        cast(forms.ChoiceField, self.fields["trial"]).choices = places
        if chosen in keys:
            self.fields["role"].initial, self.fields["trial"].initial = "administrator", chosen


class EndForm(forms.Form):
    """When a role ends, and why."""

    on = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy(
            "Leave it empty to end the role at once. With a day it holds until the end of that day in UTC."
        ),
    )
    reason = _reason(gettext_lazy("For example: she has left the hospital."))


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=500,
        help_text=gettext_lazy(
            "At least 12 characters, any of them; not one of the common passwords. A few words you will remember "
            "are good. You may paste it."
        ),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )
    again = forms.CharField(
        label=gettext_lazy("The same again"),
        strip=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Type the password a second time.")},
    )

    def clean(self) -> None:
        given = self.cleaned_data
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", _("The two are not the same."))
