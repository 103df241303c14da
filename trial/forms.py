"""Forms room of floor 0: the hand-written ones, filters above lists."""

from collections.abc import Iterable
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
