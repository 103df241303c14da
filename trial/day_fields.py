"""Forms room of floor 0: a calendar day, typed as day, month and year."""

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Signs, fractions and the _ that Python allows in numbers are no part of a day, nor are years beyond the calendar.
_PARTS = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) ([0-9]{1,4})")


class DayWidget(forms.MultiWidget):
    """Day, month and year as three short text inputs."""

    template_name = "components/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self) -> None:
        parts = (2, 2, 4)
        super().__init__(
            [
                forms.TextInput({"inputmode": "numeric", "maxlength": size, "autocomplete": "off"})
                for size in parts
            ]
        )

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class DayField(forms.MultiValueField):
    """A complete calendar day."""

    widget = DayWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField() for _part in range(3)]
        super().__init__(fields=parts, require_all_fields=True, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        if not data_list:
            return None
        typed = _PARTS.fullmatch(" ".join(unicodedata.normalize("NFKC", part) for part in data_list))
        try:
            day, month, year = map(int, typed.groups()) if typed else (0, 0, 0)
            return date(year, month, day)
        except ValueError as error:
            raise ValidationError(_("There is no such day. Enter it as day, month and year.")) from error
