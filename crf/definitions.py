"""Rules room of floor 1: stored values, typed values and skip logic of a form.

Stored values are JSON: integers as numbers, decimals, dates and codes as text, multiple choices as lists.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from trial.protocol.derivations import Lookup
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import Choice, Form, Item, ItemType
from trial.protocol.partial_dates import earliest, written_in_full

Stored: TypeAlias = str | int | list[str]

LONGEST_TEXT = 4000
# NFKC would make 102 of 10².
_SMALL = ("<super>", "<sub>", "<circle>")


class Unreadable(ValueError):
    """A typed answer that is not of its item's type. `rule` names the type or `choices`."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def stored(item: Item, choices: tuple[Choice, ...], raw: str | list[str]) -> Stored | None:
    """What is kept of a typed answer, None for an empty one. Raises Unreadable.

    Full-width digits and signs are read as their plain forms (NFKC), except in free text.
    """
    if item.type is ItemType.CHOICES:
        codes = raw.split(";") if isinstance(raw, str) else raw
        return _chosen(choices, [code.strip() for code in codes if code.strip()])
    if isinstance(raw, list):
        raise Unreadable("choices" if item.type is ItemType.CHOICE else item.type.value)
    text = raw.strip()
    if item.type is not ItemType.TEXT:
        if any(unicodedata.decomposition(each).startswith(_SMALL) for each in text):
            raise Unreadable("choices" if item.type is ItemType.CHOICE else item.type.value)
        text = unicodedata.normalize("NFKC", text).strip()
    return _READERS[item.type](choices, text) if text else None


def typed(item: Item, value: Stored | None) -> Value | Unknown:
    """A stored value as the expression language wants it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        return tuple(value)
    if item.type is ItemType.DECIMAL:
        return Decimal(str(value))
    if item.type is ItemType.DATE:
        return date.fromisoformat(str(value))
    return value


def typed_values(form: Form, values: Mapping[str, Stored]) -> dict[str, Value | Unknown]:
    """Every item of the form by id, UNKNOWN where nothing is stored."""
    return {item.id: typed(item, values.get(item.id)) for item in form.items}


def visible(form: Form, values: Mapping[str, Stored], outside: Lookup) -> frozenset[str]:
    """Ids of the items that skip logic shows; an item behind a hidden item counts that one as unknown."""
    own = typed_values(form, values)
    shown: set[str] = set()

    def look(address: str) -> Value | Unknown:
        if address in own:
            return own[address] if address in shown else UNKNOWN
        return outside(address)

    for item in form.items:
        if item.show_if is None or parse(item.show_if).evaluate(look) is True:
            shown.add(item.id)
    return frozenset(shown)


def controls(form: Form) -> frozenset[str]:
    """Ids of the items that some skip logic of the same form looks at."""
    named = {address for item in form.items if item.show_if for address in parse(item.show_if).addresses}
    return frozenset(item.id for item in form.items if item.id in named)


def _text(_choices: tuple[Choice, ...], text: str) -> str:
    # Browsers send line ends as CR LF whatever was stored: an untouched text must not look changed.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise Unreadable("text")
    return text


def _integer(_choices: tuple[Choice, ...], text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        raise Unreadable("integer")
    return int(text)


def _decimal(_choices: tuple[Choice, ...], text: str) -> str:
    # 1,234 may mean a thousand or one and a bit: a comma before exactly three digits is refused, not guessed.
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10}|,(?![0-9]{3}$)[0-9]{1,10})?", text):
        raise Unreadable("decimal")
    return format(Decimal(text.replace(",", ".")), "f")


def _one_of(choices: tuple[Choice, ...], text: str) -> str:
    if text not in {choice.code for choice in choices}:
        raise Unreadable("choices")
    return text


def _yes_or_no(_choices: tuple[Choice, ...], text: str) -> str:
    if text not in ("yes", "no"):
        raise Unreadable("yesno")
    return text


def _chosen(choices: tuple[Choice, ...], codes: list[str]) -> list[str] | None:
    known = [choice.code for choice in choices]
    if not set(codes) <= set(known):
        raise Unreadable("choices")
    return [code for code in known if code in codes] or None


def _date(_choices: tuple[Choice, ...], text: str) -> str:
    day = written_in_full(_padded(text))
    if day is None:
        raise Unreadable("date")
    return day.isoformat()


def _partial_date(_choices: tuple[Choice, ...], text: str) -> str:
    padded = _padded(text)
    try:
        earliest(padded)
    except ValueError as error:
        raise Unreadable("partial_date") from error
    return padded


def _padded(text: str) -> str:
    """2024-3-5 as 2024-03-05; anything else unchanged."""
    parts = text.replace("/", "-").split("-")
    return "-".join(part.zfill(2) if part.isdecimal() else part for part in parts)


_READERS: dict[ItemType, Callable[[tuple[Choice, ...], str], Stored]] = {
    ItemType.TEXT: _text,
    ItemType.INTEGER: _integer,
    ItemType.DECIMAL: _decimal,
    ItemType.YESNO: _yes_or_no,
    ItemType.CHOICE: _one_of,
    ItemType.DATE: _date,
    ItemType.PARTIAL_DATE: _partial_date,
}
