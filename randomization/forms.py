"""Forms room of floor 2: block sizes, the confirmation of a randomization, the reason of a screen failure."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class SizesForm(forms.Form):
    """The block sizes, as whole numbers separated by commas or spaces."""

    sizes = forms.CharField(
        label=_("Block sizes"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the block sizes.")},
    )

    def clean_sizes(self) -> list[int]:
        """The sizes as numbers, in the order in which they were entered."""
        text = unicodedata.normalize("NFKC", self.cleaned_data["sizes"])
        parts = [part for part in re.split(r"[\s,;、]+", text) if part]
        if not parts or not all(re.fullmatch("[0-9]{1,6}", part) for part in parts):
            raise ValidationError(_("Enter whole numbers separated by commas."))
        return [int(part) for part in parts]


class RandomizeForm(forms.Form):
    """What the confirm page sends back: the key of this one request, and what the page had shown."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
