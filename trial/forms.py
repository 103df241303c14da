"""Forms room of floor 0: the hand-written ones: filters above lists, and the registration of a participant."""

from collections.abc import Iterable, Sequence
from typing import cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trial.models import Site
from trial.wording import STATES, verb_words

Options = list[tuple[str, str]]


class ParticipantFilter(forms.Form):
    """Which participants of the list: part of the label, site, state. What does not fit filters nothing."""

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

    def values(self) -> dict[str, str]:
        """The filters that fit, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ActFilter(forms.Form):
    """Which acts of the trail: of one participant, of one kind."""

    participant = forms.CharField(label=gettext_lazy("Participant"), required=False, max_length=40)
    verb = forms.ChoiceField(label=gettext_lazy("Act"), required=False)

    def offer(self, verbs: Iterable[str]) -> None:
        """Set the choices: what has been done in this trial."""
        options = [("", _("All")), *[(verb, verb_words(verb)) for verb in verbs]]
        cast(forms.ChoiceField, self.fields["verb"]).choices = options

    def values(self) -> dict[str, str]:
        """The filters that fit, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RegisterForm(forms.Form):
    """Where somebody is registered, and under which label; an empty label means the site's next number."""

    site = forms.ChoiceField(
        label=gettext_lazy("Site"), error_messages={"required": gettext_lazy("Choose the site.")}
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
