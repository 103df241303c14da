"""Rules: which addresses an expression may use where it stands, and what each of them holds."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from trial.protocol.derivations import PREFIX
from trial.protocol.derived import Derived
from trial.protocol.expression_syntax import (
    Address,
    Comparison,
    Junction,
    Literal,
    Membership,
    Node,
    Not,
    read,
)
from trial.protocol.expressions import ExpressionError, Kind, parse
from trial.protocol.forms import Form, Item, ItemType
from trial.protocol.problems import Fault, Path, nearest
from trial.protocol.revealing import ARM
from trial.protocol.schema import Protocol

YES_NO = ("yes", "no")
DAY = (Kind.DATE,)
DATES = (Kind.DATE, Kind.PARTIAL_DATE)
PARTICIPANT = {
    "participant.randomized_on": Kind.DATE,
    "participant.consented_on": Kind.DATE,
    "participant.site": Kind.TEXT,
}
KIND_OF_ITEM = {
    ItemType.TEXT: Kind.TEXT,
    ItemType.INTEGER: Kind.INTEGER,
    ItemType.DECIMAL: Kind.DECIMAL,
    ItemType.YESNO: Kind.TEXT,
    ItemType.CHOICE: Kind.TEXT,
    ItemType.CHOICES: Kind.CHOICES,
    ItemType.DATE: Kind.DATE,
    ItemType.PARTIAL_DATE: Kind.PARTIAL_DATE,
}


@dataclass(frozen=True)
class Scope:
    """The kind of every address in reach, and the codes of those whose answers are coded."""

    kinds: Mapping[str, Kind]
    codes: Mapping[str, Collection[str]]

    def expression(self, text: str, wanted: Collection[Kind], path: Path) -> Iterator[Fault]:
        """A fault when `text` is no expression of a wanted kind, or asks for a code that never occurs."""
        try:
            kind = parse(text).kind(self.kinds)
        except ExpressionError as error:
            message = f"{error.message.rstrip('.')} (column {error.column} of `{text}`)"
            yield Fault(path, message, error.remedy.rstrip("."))
            return
        if kind not in wanted:
            yield Fault(
                path, f"`{text}` gives a value of type {kind}", f"Write one of type {_either(wanted)}"
            )
        for address, code in _codes_asked_for(read(text)[0]):
            if code not in self.codes.get(address, (code,)):
                yield Fault(
                    path, f"`{address}` never holds the code `{code}`", nearest(code, self.codes[address])
                )

    def condition(self, text: str, path: Path) -> Iterator[Fault]:
        """A fault when `text` is not true or false."""
        yield from self.expression(text, {Kind.BOOLEAN}, path)

    def also(self, address: str, kind: Kind, codes: Collection[str] = ()) -> "Scope":
        """This scope with one more address."""
        more = {**self.codes, address: codes} if codes else self.codes
        return Scope({**self.kinds, address: kind}, more)

    def without(self, form: str) -> "Scope":
        """This scope without the addresses of one form."""
        kinds = {each: kind for each, kind in self.kinds.items() if not each.startswith(f"{form}.")}
        return Scope(kinds, self.codes)

    def address(self, word: str, wanted: Collection[Kind], path: Path) -> Iterator[Fault]:
        """A fault when `word` is not one address of a wanted kind."""
        suitable = [address for address, kind in self.kinds.items() if kind in wanted]
        if word not in self.kinds:
            yield Fault(path, f"there is no `{word}`", nearest(word, suitable))
        elif word not in suitable:
            message = f"`{word}` is of type {self.kinds[word]}, not {_either(wanted)}"
            yield Fault(path, message, nearest(word, suitable))


def recorded(protocol: Protocol) -> Scope:
    """The participant and `form.item` of every form."""
    answers = items(protocol)
    return Scope({**PARTICIPANT, **answers.kinds}, answers.codes)


def items(protocol: Protocol) -> Scope:
    """`form.item` of every form, and nothing else."""
    kinds, codes = dict[str, Kind](), dict[str, Collection[str]]()
    for name, form in protocol.forms.items():
        for item in form.items:
            _add(f"{name}.{item.id}", item, protocol, kinds, codes)
    return Scope(kinds, codes)


def everywhere(protocol: Protocol) -> Scope:
    """What criteria, strata, endpoints and derived values see: what was recorded, and `derived.…`.

    The expressions of the derived values must be sound: see `derived_addresses`.
    """
    scope = recorded(protocol)
    for derived in protocol.derived:
        scope = with_derived(scope, derived)
    return scope


def with_derived(scope: Scope, derived: Derived) -> Scope:
    """The scope of what stands below a derived value. Raises ExpressionError when its first expression is unsound."""
    address = PREFIX + derived.id
    if derived.completed_years or derived.count_true:
        return scope.also(address, Kind.INTEGER)
    if derived.classes:
        return scope.also(address, Kind.TEXT, [each.code for each in derived.classes])
    if derived.any_record:
        return scope.also(address, Kind.TEXT, YES_NO)
    kind = parse(derived.first_known[0].value).kind(scope.kinds)
    known = [scope.codes.get(each.value, ()) for each in derived.first_known]
    codes = dict.fromkeys(code for each in known for code in each)
    return scope.also(address, kind, tuple(codes) if all(known) else ())


def with_arm(scope: Scope, protocol: Protocol) -> Scope:
    """The scope of what may hang on the allocated arm: which forms are offered, and who is in a population."""
    return scope.also(ARM, Kind.TEXT, [arm.id for arm in protocol.arms])


def inside(protocol: Protocol, form: Form) -> Scope:
    """What checks and skip rules of `form` see: its items by bare id, those of other forms, derived values, `today`."""
    whole, own = everywhere(protocol).without(form.id), own_items(protocol, form)
    return Scope({**whole.kinds, "today": Kind.DATE, **own.kinds}, {**whole.codes, **own.codes})


def own_items(protocol: Protocol, form: Form) -> Scope:
    """The items of one form by bare id, and nothing else."""
    kinds, codes = dict[str, Kind](), dict[str, Collection[str]]()
    for item in form.items:
        _add(item.id, item, protocol, kinds, codes)
    return Scope(kinds, codes)


def codes_of(item: Item, protocol: Protocol) -> tuple[str, ...]:
    """The codes that `item` may hold; empty when it has none, or names a code list that is not there."""
    if item.type is ItemType.YESNO:
        return YES_NO
    if isinstance(item.choices, str) and item.choices not in protocol.codelists:
        return ()
    return tuple(choice.code for choice in protocol.choices(item))


def _add(
    address: str, item: Item, protocol: Protocol, kinds: dict[str, Kind], codes: dict[str, Collection[str]]
) -> None:
    kinds[address] = KIND_OF_ITEM[item.type]
    if own := codes_of(item, protocol):
        codes[address] = own


def _codes_asked_for(node: Node) -> Iterator[tuple[str, str]]:
    """Each address of a tree together with each text it is compared with."""
    for inner in _inner(node):
        yield from _codes_asked_for(inner)
    match node:
        case Comparison(operands=operands):
            for left, right in pairwise(operands):
                yield from _pair(left, right)
        case Membership(member=member, options=Address() as options):
            yield from _pair(member, options)
        case Membership(member=member, options=tuple(options)):
            for option in options:
                yield from _pair(member, option)


def _inner(node: Node) -> tuple[Node, ...]:
    match node:
        case Junction(operands=operands):
            return operands
        case Not(operand=operand):
            return (operand,)
    return ()


def _pair(left: Node, right: Node) -> Iterator[tuple[str, str]]:
    match left, right:
        case (Address(name=name), Literal(value=str(code))) | (Literal(value=str(code)), Address(name=name)):
            yield name, code


def _either(kinds: Collection[Kind]) -> str:
    return " or ".join(sorted(kinds))
