"""Rendering room of floor 1: form definition → Django form; the only code that knows widgets and field names.

The Django form carries typed text only: reading and judging it stay in crf.checks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from crf.actions.entry import Entry
from crf.checks import ChoicesOf, Finding
from crf.definitions import Stored
from crf.import_rows import MISSING
from crf.wording import sentence
from trial.protocol.forms import CheckLevel, Form, Item, ItemType
from trial.wording import MISSING as MISSING_WORDS
from trial.wording import quoted, words

# Ids of items have neither "-" nor ":", so that no item can bear one of these names or a soft finding's key.
VERSION, REASON = "record-version", "change-reason"
DATE_PARTS = ("-year", "-month", "-day")
MOST_RADIOS = 7


@dataclass(frozen=True)
class Typed:
    """What came back from a page: text by item, reasons, and the version the page showed (-1: unreadable)."""

    raw: dict[str, str | list[str]]
    reasons: dict[str, str]
    soft_reasons: dict[str, str]
    version: int
    reason: str

    def entry(self, *, visit: str, visit_repeat: int, form: str, repeat: int) -> Entry:
        """What the actions of crf.actions.entry take."""
        return Entry(
            visit=visit,
            form=form,
            raw=self.raw,
            reasons=self.reasons,
            soft_reasons=self.soft_reasons,
            version=self.version,
            visit_repeat=visit_repeat,
            repeat=repeat,
        )


@dataclass(frozen=True)
class Beside:
    """What stands beside a question: the stored answer in a correction, the way to its history, and whether
    the answer on the page is another than the stored one."""

    previous: str = ""
    history_url: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Line:
    """One question on the page, ready for components/field.html; `soft` are its fields for reasons.

    `says` changes whenever the warnings do.
    """

    item: Item
    field: BoundField
    missing: BoundField | None
    soft: tuple[BoundField, ...]
    unit: str
    mark: str
    warnings: tuple[str, ...]
    says: str
    beside: Beside


class DateParts(forms.MultiWidget):
    """Day, month and year as typed; together they are the text year-month-day, cut where it is unknown."""

    template_name = "components/widgets/date_parts.html"

    def __init__(self) -> None:
        super().__init__([_number("numeric") for _part in DATE_PARTS])
        self.widgets_names = list(reversed(DATE_PARTS))

    def decompress(self, value: str | None) -> list[str]:
        """A stored date, partial or not, as day, month and year."""
        return [*reversed([*(value or "").split("-"), "", ""][:3])]


def typed(form: Form, choices_of: ChoicesOf, data: QueryDict) -> Typed:
    """Read the names of `entry_form` back. Items that were not on the page count as empty."""
    raw = {item.id: _posted(item, choices_of(item), data) for item in form.items}
    reasons = {item.id: data.get(item.id + MISSING, "") for item in form.items}
    soft = {key: why for key in soft_keys(form) if (why := _clean(data.get(key, "")))}
    version = data.get(VERSION, "")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1
    return Typed(raw, {k: v for k, v in reasons.items() if v}, soft, number, _clean(data.get(REASON, "")))


def soft_keys(form: Form) -> list[str]:
    """Every key under which this form can ask for a reason."""
    ranges = [Finding("soft_range", CheckLevel.SOFT, item.id) for item in form.items if item.soft_range]
    checks = [Finding(c.id, c.level, c.item or "") for c in form.checks if c.level is CheckLevel.SOFT]
    days = [Finding("window", CheckLevel.SOFT, item.id) for item in form.items if item.type is ItemType.DATE]
    return [finding.key for finding in (*ranges, *checks, *days)]


def initial(
    values: Mapping[str, Stored], missing: Mapping[str, str], soft_reasons: Mapping[str, str], version: int
) -> dict[str, Any]:
    """First values of `entry_form` for a record as stored."""
    reasons = {item + MISSING: why for item, why in missing.items()}
    return {**values, **reasons, **soft_reasons, VERSION: version}


def put(data: QueryDict, item: Item, value: Stored | None, reason: str) -> None:
    """Fill an item of posted data with a stored value, or with the reason why there is none."""
    data[item.id + MISSING] = reason
    if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        parts = [*str(value or "").split("-"), "", ""]
        for name, part in zip(DATE_PARTS, parts, strict=False):
            data[item.id + name] = part
    else:
        data.setlist(item.id, value if isinstance(value, list) else [] if value is None else [str(value)])


def entry_form(
    form: Form,
    choices_of: ChoicesOf,
    *,
    items: Iterable[Item],
    findings: Iterable[Finding],
    correcting: bool,
    first: dict[str, Any] | None = None,
    data: QueryDict | None = None,
) -> forms.Form:
    """The Django form: a field for each item, for its missing reason, and for each soft finding's reason.

    Nothing in it is required or checked; `first` holds initial values, `data` what was posted.
    """
    built = forms.Form(data=data, initial=first, use_required_attribute=False)
    built.fields[VERSION] = forms.Field(widget=forms.HiddenInput, required=False)
    for item in items:
        built.fields[item.id] = _field(item, choices_of(item))
        if item.missing:
            built.fields[item.id + MISSING] = _missing_field(item)
    for finding in findings:
        if finding.level is CheckLevel.SOFT:
            built.fields[finding.key] = _text_field(_soft_label(form, finding))
    if correcting:
        built.fields[REASON] = _text_field(_("Reason for the change"))
    return built


def add_errors(built: forms.Form, findings: Iterable[Finding]) -> None:
    """Write findings at the fields they concern, those of no field above all."""
    built.is_valid()
    for finding in findings:
        if finding.level is CheckLevel.SOFT:
            built.add_error(finding.key, _("Say why it is right, or change the answer."))
        else:
            built.add_error(finding.item if finding.item in built.fields else None, sentence(finding))


def lines(
    built: forms.Form,
    items: Sequence[Item],
    findings: Iterable[Finding],
    beside: Callable[[Item], Beside] = lambda item: Beside(),
) -> list[Line]:
    """The questions of the page in order, each with what belongs to it."""
    found = list(findings)
    by_item = {item.id: [finding for finding in found if finding.item == item.id] for item in items}
    return [_line(built, item, by_item[item.id], beside(item)) for item in items]


def loose(built: forms.Form, findings: Iterable[Finding]) -> list[tuple[str, BoundField]]:
    """Warnings that concern no single item, each with the field for its reason."""
    soft = [f for f in findings if f.level is CheckLevel.SOFT and not f.item]
    return [(sentence(finding), built[finding.key]) for finding in soft]


def _line(
    built: forms.Form,
    item: Item,
    found: list[Finding],
    beside: Beside,
) -> Line:
    soft = [finding for finding in found if finding.level is CheckLevel.SOFT]
    # A value that no longer applies is shown until it is cleared, with the reason why.
    hints = [f for f in found if f.rule == "hidden" and not built.errors.get(item.id)]
    return Line(
        item=item,
        field=built[item.id],
        missing=built[item.id + MISSING] if item.missing else None,
        soft=tuple(built[finding.key] for finding in soft),
        unit=words(item.unit),
        mark="" if item.required else _("optional"),
        warnings=tuple(sentence(finding) for finding in (*soft, *hints)),
        says=" ".join(finding.rule for finding in (*soft, *hints)),
        beside=beside,
    )


def _posted(item: Item, choices: tuple[Any, ...], data: QueryDict) -> str | list[str]:
    if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        parts = [data.get(item.id + name, "").strip() for name in DATE_PARTS]
        while parts and not parts[-1]:
            parts.pop()
        return "-".join(parts)
    if item.type is ItemType.CHOICES:
        return [str(code) for code in data.getlist(item.id)]
    return str(data.get(item.id, ""))


def _field(item: Item, choices: tuple[Any, ...]) -> forms.Field:
    return forms.Field(
        label=words(item.label), help_text=_help(item), widget=_widget(item, choices), required=False
    )


def _help(item: Item) -> str:
    told = [words(item.help)]
    if item.type is ItemType.PARTIAL_DATE:
        told.append(_("Leave the day, or day and month, empty where unknown."))
    return " ".join(part for part in told if part)


def _widget(item: Item, choices: tuple[Any, ...]) -> forms.Widget:
    coded = [(choice.code, words(choice.label)) for choice in choices]
    match item.type:
        case ItemType.INTEGER:
            return _number("numeric")
        case ItemType.DECIMAL:
            return _number("decimal")
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return DateParts()
        case ItemType.YESNO:
            return forms.RadioSelect(choices=[("yes", _("Yes")), ("no", _("No"))])
        case ItemType.CHOICES:
            return forms.CheckboxSelectMultiple(choices=coded)
        case ItemType.CHOICE:
            if len(coded) <= MOST_RADIOS:
                return forms.RadioSelect(choices=coded)
            return forms.Select(choices=[("", "–"), *coded])
        case _:
            return forms.Textarea(attrs={"rows": 2})


def _number(mode: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"})


def _missing_field(item: Item) -> forms.Field:
    options = [("", "–"), *[(reason.value, str(MISSING_WORDS[reason])) for reason in item.missing]]
    return forms.Field(label=_("No value because"), widget=forms.Select(choices=options), required=False)


def _text_field(label: str) -> forms.Field:
    return forms.Field(label=label, widget=forms.Textarea(attrs={"rows": 2}), required=False)


def _soft_label(form: Form, finding: Finding) -> str:
    known = {item.id: item for item in form.items}
    about = quoted(words(known[finding.item].label)) if finding.item in known else words(form.title)
    return _("%(item)s: why it is right") % {"item": about}


def _clean(text: str) -> str:
    """Free text as a database takes it: PostgreSQL refuses the character NUL."""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()
