"""Rules room of floor 1: values that nobody recorded, judged as the product would judge them."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crf import checks
from crf.checks import Finding, Reading
from crf.definitions import typed_values
from trial.eligibility import Classified, CriterionOutcome, Eligibility, assess, classify
from trial.protocol import scopes
from trial.protocol.derivations import PREFIX, Lookup, Record, traced, with_derived
from trial.protocol.derived import Derived
from trial.protocol.expressions import UNKNOWN, Kind, Unknown, Value
from trial.protocol.forms import Form, Item, ItemType
from trial.protocol.schema import Protocol

Given = Mapping[str, object]
Places = Mapping[str, tuple[Form, Item]]

TODAY = "today"
REASON = "missing"
# Beyond this a number is refused as it was written: 1e999999999 would fill the memory with zeros.
MOST_DIGITS = 30


@dataclass(frozen=True)
class Unusable:
    """Why a given value cannot be used.

    `nearest` is the address meant where there is no such one, `computed` says that nobody gives this value, and
    `finding` why it cannot be read. None of the three: it is no text.
    """

    address: str
    value: str = ""
    nearest: str = ""
    computed: bool = False
    finding: Finding | None = None


class UnusableValues(ValueError):
    """Values were given that the protocol does not know or that its items cannot hold: all of them, in order."""

    def __init__(self, unusable: tuple[Unusable, ...]) -> None:
        super().__init__(", ".join(each.address for each in unusable))
        self.unusable = unusable


@dataclass(frozen=True)
class Rehearsal:
    """What the product would say: findings of one form, the derived values that are known by their id, the class
    that decides eligibility (None where no criterion asks for one), and every criterion."""

    findings: tuple[Finding, ...]
    computed: Mapping[str, Value]
    classified: Classified | None
    eligibility: Eligibility

    @property
    def eligible(self) -> bool | None:
        """False as soon as a criterion is broken, true when every one is met, None while that is open."""
        if self.eligibility.broken:
            return False
        return True if self.eligibility.eligible else None

    @property
    def reasons(self) -> tuple[CriterionOutcome, ...]:
        """The criteria that are broken; where none is, those that are open."""
        return self.eligibility.broken or self.eligibility.open


def rehearse(protocol: Protocol, form: Form, given: Given, *, today: date) -> Rehearsal:
    """Judge `form`, and who is eligible, on values by address, as JSON holds them.

    None, an empty text and an address that is not given are unknown; `{"missing": reason}` is a missing reason. A
    form of which something is given has one record, and `form` has one always; a visit's window is not looked at.
    `today` is the day unless one is given. Raises UnusableValues.
    """
    readings = _readings(protocol, form, given)
    look = _lookup(protocol, readings, today)
    derived = {each.id: look(PREFIX + each.id) for each in protocol.derived}
    deciding = classification(protocol)
    return Rehearsal(
        findings=tuple(checks.judge(form, readings[form.id], look)),
        computed={name: value for name, value in derived.items() if not isinstance(value, Unknown)},
        classified=classify(deciding, look, within=protocol.derived) if deciding else None,
        eligibility=assess(protocol, look),
    )


def classification(protocol: Protocol) -> Derived | None:
    """The classification that decides eligibility: the first that a criterion hangs on."""
    classes = {PREFIX + each.id: each for each in protocol.derived if each.classes}
    asked = (each for one in protocol.eligibility for each in traced(one.rule, protocol.derived))
    return next((classes[each] for each in asked if each in classes), None)


def places(protocol: Protocol) -> Places:
    """Every address that can be given, with its form and item; facts about the participant come first."""
    facts = _facts()
    about = {each.id if each.id == TODAY else f"{facts.id}.{each.id}": (facts, each) for each in facts.items}
    items = {f"{form.id}.{item.id}": (form, item) for form in protocol.forms.values() for item in form.items}
    return {**about, **items}


def _facts() -> Form:
    """What an expression may ask of the participant, and the day, as one form: read and refused like any other."""
    kinds = {**scopes.PARTICIPANT, TODAY: Kind.DATE}
    items = tuple(
        Item(
            id=address.rpartition(".")[2],
            label={"en": address},
            type=ItemType.DATE if kind is Kind.DATE else ItemType.TEXT,
        )
        for address, kind in kinds.items()
    )
    return Form.model_validate(
        {"form": "participant", "version": 1, "title": {"en": "Participant"}, "items": items}
    )


def _readings(protocol: Protocol, form: Form, given: Given) -> dict[str, Reading]:
    """What was read, by form. Raises UnusableValues."""
    known = places(protocol)
    answers = {address: value for address, value in given.items() if value is not None}
    forms = {form.id: form, **{known[each][0].id: known[each][0] for each in answers if each in known}}
    readings = {
        each.id: checks.read(each, protocol.choices, *_typed(each, known, answers)) for each in forms.values()
    }
    unusable = tuple(_unusable(given, known, readings))
    if unusable:
        raise UnusableValues(unusable)
    return readings


def _typed(form: Form, known: Places, answers: Given) -> tuple[dict[str, str | list[str]], dict[str, str]]:
    """The answers of one form as somebody would have typed them, and the missing reasons."""
    raw, reasons = dict[str, str | list[str]](), dict[str, str]()
    for address, value in answers.items():
        owner, item = known.get(address, (None, None))
        if owner is None or item is None or owner.id != form.id:
            continue
        if reason := _reason(value):
            reasons[item.id] = reason
        elif item.type is ItemType.CHOICES and isinstance(value, list):
            raw[item.id] = [_written(each) for each in value]
        else:
            raw[item.id] = _written(value)
    return raw, reasons


def _unusable(given: Given, known: Places, readings: Mapping[str, Reading]) -> Iterator[Unusable]:
    for address, value in given.items():
        if address not in known:
            computed = address.startswith(PREFIX)
            yield Unusable(address, nearest="" if computed else _nearest(address, known), computed=computed)
        elif value is not None:
            form, item = known[address]
            found = [each for each in readings[form.id].findings if each.item == item.id]
            yield from (Unusable(address, _written(value), finding=each) for each in found)
            if item.type is ItemType.TEXT and not isinstance(value, str) and not _reason(value):
                yield Unusable(address, _written(value))


def _nearest(address: str, known: Places) -> str:
    """The address most like this one; those with the same item first: people forget the form."""
    name = address.rpartition(".")[2]
    same = [each for each in known if each.rpartition(".")[2] == name]
    return difflib.get_close_matches(address, same or list(known), n=1, cutoff=0)[0]


def _reason(value: object) -> str:
    """The missing reason that a value is, "" where it is none."""
    reason = value.get(REASON) if isinstance(value, Mapping) and set(value) == {REASON} else None
    return reason if isinstance(reason, str) else ""


def _written(value: object) -> str:
    """A JSON value as somebody would type it into a form; what no form takes stays JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        return format(number, "f") if abs(number.adjusted()) < MOST_DIGITS else str(number)
    return json.dumps(value, ensure_ascii=False, default=str)


def _lookup(protocol: Protocol, readings: Mapping[str, Reading], today: date) -> Lookup:
    """Answers every address from what was read, and derived values from that."""
    known = places(protocol)
    forms = {form.id: form for form, _item in known.values() if form.id in readings}
    typed = {name: typed_values(form, readings[name].values) for name, form in forms.items()}
    values = {address: typed[form.id][item.id] for address, (form, item) in known.items() if form.id in typed}
    if values.get(TODAY, UNKNOWN) is UNKNOWN:
        values[TODAY] = today
    return with_derived(protocol, lambda address: values.get(address, UNKNOWN), _records(protocol, readings))


def _records(protocol: Protocol, readings: Mapping[str, Reading]) -> Callable[[str], list[Record]]:
    def records_of(form: str) -> list[Record]:
        return [typed_values(protocol.forms[form], readings[form].values)] if form in readings else []

    return records_of
