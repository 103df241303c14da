"""Rules room of floor 1: reading what was typed and judging it, once for browser, import and batch."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crf.definitions import Stored, Unreadable, stored, typed_values, visible
from crf.schedule import Window
from trial.protocol.derivations import Lookup
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import CheckLevel, Choice, Form, Item, ItemType
from trial.protocol.vocabulary import Bounds

Raw = Mapping[str, str | list[str]]
ChoicesOf = Callable[[Item], tuple[Choice, ...]]


@dataclass(frozen=True)
class Finding:
    """What a rule says about one record. `rule` is a check's id or a built-in rule's name.

    Built-in: unknown_item, text, integer, decimal, yesno, choices, date, partial_date, missing_reason,
    value_and_reason, required, hidden, hard_range, soft_range, window. `say` is the protocol's own wording.
    """

    rule: str
    level: CheckLevel
    item: str = ""
    value: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    say: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """The key under which the reason for a soft finding is kept: rule and item."""
        return f"{self.rule}:{self.item}"


def rule_of(key: str) -> str:
    """The rule of a soft finding's key."""
    return key.rpartition(":")[0]


def item_of(key: str) -> str:
    """The item of a soft finding's key; a name without a rule is that of an item."""
    return key.rpartition(":")[2]


def blocking(found: Iterable[Finding], given: Container[str]) -> list[Finding]:
    """The findings that stop a submission: the hard ones, and soft ones whose key is not among the `given` reasons."""
    return [each for each in found if each.level is CheckLevel.HARD or each.key not in given]


@dataclass(frozen=True)
class Reading:
    """What could be read of the typed answers: values and typed missing reasons by item, and what could not."""

    values: dict[str, Stored]
    missing: dict[str, str]
    findings: tuple[Finding, ...]


def read(form: Form, choices_of: ChoicesOf, raw: Raw, reasons: Mapping[str, str]) -> Reading:
    """Turn typed answers into stored values; whatever cannot be read becomes a hard finding."""
    known = {item.id: item for item in form.items}
    findings = [
        _hard("unknown_item", key, raw.get(key, "")) for key in {**raw, **reasons} if key not in known
    ]
    values: dict[str, Stored] = {}
    missing: dict[str, str] = {}
    for item in form.items:
        value, found = _read_one(item, choices_of(item), raw.get(item.id, ""))
        reason = reasons.get(item.id, "")
        findings += found + _reason_findings(item, value, reason)
        if value is not None:
            values[item.id] = value
        elif reason:
            missing[item.id] = reason
    return Reading(values, missing, tuple(findings))


def judge(
    form: Form, reading: Reading, outside: Lookup, *, expected: tuple[str, Window] | None = None
) -> list[Finding]:
    """Every finding about a record: reading, skip logic, required items, ranges and the form's own checks.

    `outside` answers addresses of other forms, of the participant and `today`. `expected` names the item with the
    day of the visit and its window: another day asks for a reason.
    """
    shown = visible(form, reading.values, outside)
    unread = {finding.item for finding in reading.findings}
    findings = list(reading.findings)
    for item in form.items:
        if item.id not in unread:
            findings += _item_findings(item, reading, shown)
    findings += _window_findings(reading, expected)
    return findings + _check_findings(form, reading.values, shown, outside)


def _read_one(
    item: Item, choices: tuple[Choice, ...], raw: str | list[str]
) -> tuple[Stored | None, list[Finding]]:
    try:
        return stored(item, choices, raw), []
    except Unreadable as error:
        allowed = ", ".join(choice.code for choice in choices)
        return None, [_hard(error.rule, item.id, raw, allowed=allowed)]


def _reason_findings(item: Item, value: Stored | None, reason: str) -> list[Finding]:
    if not reason:
        return []
    if value is not None:
        return [_hard("value_and_reason", item.id, reason)]
    if reason not in item.missing:
        return [_hard("missing_reason", item.id, reason, allowed=", ".join(item.missing))]
    return []


def _item_findings(item: Item, reading: Reading, shown: frozenset[str]) -> list[Finding]:
    value = reading.values.get(item.id)
    if item.id not in shown:
        return (
            []
            if value is None and item.id not in reading.missing
            else [_hard("hidden", item.id, _words(value))]
        )
    if value is None:
        absent = item.required and item.id not in reading.missing
        return [_hard("required", item.id, reasons=", ".join(item.missing))] if absent else []
    return range_findings(item, value)


def range_findings(item: Item, value: Stored) -> list[Finding]:
    """What the ranges of a number say about its value."""
    if item.type not in (ItemType.INTEGER, ItemType.DECIMAL):
        return []
    number = Decimal(str(value))
    if item.hard_range and not _inside(number, item.hard_range):
        return [_hard("hard_range", item.id, value, **_bounds(item.hard_range))]
    if item.soft_range and not _inside(number, item.soft_range):
        return [Finding("soft_range", CheckLevel.SOFT, item.id, _words(value), _bounds(item.soft_range))]
    return []


def _window_findings(reading: Reading, expected: tuple[str, Window] | None) -> list[Finding]:
    item, window = expected or ("", None)
    value = reading.values.get(item)
    if window is None or not isinstance(value, str) or window.holds(date.fromisoformat(value)):
        return []
    days = {"opens": window.opens.isoformat(), "closes": window.closes.isoformat()}
    return [Finding("window", CheckLevel.SOFT, item, value, days)]


def _check_findings(
    form: Form, values: Mapping[str, Stored], shown: frozenset[str], outside: Lookup
) -> list[Finding]:
    own = typed_values(form, values)

    def look(address: str) -> Value | Unknown:
        if address in own:
            return own[address] if address in shown else UNKNOWN
        return outside(address)

    return [
        Finding(check.id, check.level, check.item or "", _words(values.get(check.item or "")), say=check.say)
        for check in form.checks
        if parse(check.condition).evaluate(look) is True
    ]


def _inside(number: Decimal, bounds: Bounds) -> bool:
    low, high = bounds
    return (low is None or number >= low) and (high is None or number <= high)


def _bounds(bounds: Bounds) -> dict[str, str]:
    low, high = bounds
    return {"low": "" if low is None else str(low), "high": "" if high is None else str(high)}


def _words(value: object) -> str:
    if value is None:
        return ""
    return "; ".join(value) if isinstance(value, list) else str(value)


def _hard(rule: str, item: str, value: object = None, **details: str) -> Finding:
    return Finding(rule, CheckLevel.HARD, item, _words(value), {k: v for k, v in details.items() if v})
