"""Views room of floor 3: the form that freezes a snapshot."""

from django import forms
from django.utils.translation import gettext_lazy as _

from trial.day_fields import DayField


class FreezeForm(forms.Form):
    """The last day that counts, and why the data are frozen."""

    cut_off = DayField(
        label=_("Data cut-off"),
        help_text=_("The last day whose data count, for example 31 12 2025. It cannot lie in the future."),
        error_messages={"required": _("Enter the day, the month and the year.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("For example: first interim analysis, as planned."),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say why the data are frozen.")},
    )
