"""Forms room of floor 2: block sizes, the confirmation of a randomization, the reason of a screen failure."""

import re
import unicodedata
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from randomization.schemes import InvalidSizes, Shares, check_sizes
from randomization.wording import sizes_rule

# Of the signed text that says what the confirm page had shown; a request may bring far more.
LONGEST_MEMORY = 100_000


class SizesForm(forms.Form):
    """The block sizes, as whole numbers separated by commas or spaces."""

    sizes = forms.CharField(
        label=_("Block sizes"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the block sizes.")},
    )

    def __init__(self, *args: Any, shares: Shares, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shares = shares

    def clean_sizes(self) -> list[int]:
        """The sizes as numbers that fit the ratio, in the order in which they were entered."""
        text = unicodedata.normalize("NFKC", self.cleaned_data["sizes"])
        parts = [part for part in re.split(r"[\s,;、]+", text) if part]
        if not parts or not all(re.fullmatch("[0-9]{1,6}", part) for part in parts):
            raise ValidationError(_("Enter whole numbers separated by commas."))
        sizes = [int(part) for part in parts]
        try:
            check_sizes(sizes, self.shares)
        except InvalidSizes as error:
            raise ValidationError(sizes_rule(self.shares)) from error
        return sizes


class RandomizeForm(forms.Form):
    """What the confirm page sends back: the key of this one request, and what the page had shown."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_MEMORY)


class Column(forms.RadioSelect):
    """Radios below each other, for answers of a line each."""

    template_name = "components/widgets/radio_column.html"


class ScreenFailureForm(forms.Form):
    """Why somebody who was screened is not randomized."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        help_text=_(
            "Choose the first reason that holds. Criteria that the recorded values break come first."
        ),
        widget=Column,
        error_messages={"required": _("Choose a reason.")},
    )

    def offer(self, groups: list[tuple[str, list[tuple[str, str]]]]) -> None:
        """Set the choices: reasons by group, each with its code and its words."""
        cast(forms.ChoiceField, self.fields["reason"]).choices = groups
