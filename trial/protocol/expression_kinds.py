"""Rules room, floor 0: the kind of an expression's answer; finds ill-typed uses before any value exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise
from typing import NoReturn

from trial.protocol import partial_dates
from trial.protocol.expression_syntax import (
    Address,
    Arithmetic,
    Comparison,
    ExpressionError,
    Junction,
    Literal,
    Membership,
    Minus,
    Missing,
    Node,
    Not,
)


class Kind(StrEnum):
    """What an item or an expression holds; yes/no and single choices are TEXT, several choices CHOICES."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    CHOICES = "choices"


Side = tuple[Node, Kind]

_NAMED = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "an integer",
    Kind.DECIMAL: "a decimal",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.PARTIAL_DATE: "a partial date",
    Kind.CHOICES: "a set of choices",
}
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_DAYS = frozenset({Kind.DATE, Kind.PARTIAL_DATE})


@dataclass(frozen=True)
class KindCheck:
    """Finds the kind of a tree, given the kind of each address; `text` is what the errors cite."""

    text: str
    kinds: Mapping[str, Kind]

    def kind(self, node: Node) -> Kind:
        """The kind of the node. Raises ExpressionError on an unknown address or an ill-typed use."""
        match node:
            case Literal(value=value):
                return Kind.TEXT if isinstance(value, str) else _kind_of_number(isinstance(value, int))
            case Address():
                return self.address(node)
            case Missing(address=address):
                self.address(address)
            case Not(operand=operand):
                self.truth(operand)
            case Junction(operands=operands):
                for operand in operands:
                    self.truth(operand)
            case Comparison():
                self.comparison(node)
            case Membership():
                self.membership(node)
            case Minus(operand=operand):
                return self.number(operand)
            case _:
                return self.arithmetic(node)
        return Kind.BOOLEAN

    def address(self, node: Address) -> Kind:
        if node.name in self.kinds:
            return self.kinds[node.name]
        near = get_close_matches(node.name, self.kinds, n=1, cutoff=0.5)
        known = f"Did you mean {near[0]!r}?" if near else f"Known are: {_listed(self.kinds)}."
        remedy = f"{known} If it is a text, write it in quotes."
        self.refuse(node, f"Nothing is called {node.name!r}.", remedy)

    def truth(self, node: Node) -> None:
        kind = self.kind(node)
        if kind is not Kind.BOOLEAN:
            remedy = "Compare it with something, such as: lvi == 'yes'"
            self.refuse(node, f"and, or, not join comparisons; this is {_NAMED[kind]}.", remedy)

    def number(self, node: Node) -> Kind:
        kind = self.kind(node)
        if kind not in _NUMBERS:
            remedy = "Use an item that holds a number."
            self.refuse(node, f"A number is needed; this is {_NAMED[kind]}.", remedy)
        return kind

    def comparison(self, node: Comparison) -> None:
        # Each operand is visited once: the middle of a chain twice would double the work at every level.
        sides = [(each, self.kind(each)) for each in node.operands]
        for (left, right), operator in zip(pairwise(sides), node.operators, strict=True):
            self.comparable(left, operator, right)

    def comparable(self, left: Side, operator: str, right: Side) -> None:
        first, second = self.beside(left, right), self.beside(right, left)
        equality = operator in {"==", "!="}
        if {first, second} <= _NUMBERS or ({first, second} <= _DAYS and not equality):
            return
        if first is second is Kind.PARTIAL_DATE:
            # Values do not carry their kind: 2024 == 2024 would be answered as two texts, a false certainty.
            remedy = "Write: x <= y and x >= y"
            self.refuse(right[0], f"Two partial dates cannot be compared by {operator}.", remedy)
        if not equality and first is second:
            message = f"{_NAMED[first]} has no order for {operator}.".capitalize()
            self.refuse(right[0], message, "Use ==, != or `in`.")
        if first is not second and {first, second} != _DAYS:
            message = f"{_NAMED[first]} cannot be compared with {_NAMED[second]}.".capitalize()
            self.refuse(right[0], message, _remedy(first, second))

    def beside(self, side: Side, other: Side) -> Kind:
        """The kind of an operand, where a text written beside a date is that date."""
        node, kind = side
        if other[1] not in _DAYS or not (isinstance(node, Literal) and isinstance(node.value, str)):
            return kind
        if partial_dates.written_in_full(node.value) is None:
            remedy = "Write the year, month and day as '2024-01-31'."
            self.refuse(node, f"{node.value!r} stands beside a date but is none.", remedy)
        return Kind.DATE

    def membership(self, node: Membership) -> None:
        member = node.member, self.kind(node.member)
        if not isinstance(node.options, Address):
            for option in node.options:
                self.comparable(member, "==", (option, self.kind(option)))
            return
        several = self.address(node.options)
        if several is not Kind.CHOICES:
            remedy = "Write a list in brackets, such as: x in ['a', 'b']"
            self.refuse(node.options, f"`in` needs a set of choices; this is {_NAMED[several]}.", remedy)
        if member[1] is not Kind.TEXT:
            message = f"A set of choices holds texts; this is {_NAMED[member[1]]}."
            self.refuse(node.member, message, "Write 'code' in item.")

    def arithmetic(self, node: Arithmetic) -> Kind:
        left, right = (node.left, self.kind(node.left)), (node.right, self.kind(node.right))
        first, second = self.beside(left, right), self.beside(right, left)
        match first, node.operator, second:
            case Kind.DATE, "-", Kind.DATE:
                return Kind.INTEGER
            case (Kind.DATE, "+" | "-", Kind.INTEGER) | (Kind.INTEGER, "+", Kind.DATE):
                return Kind.DATE
        if {first, second} <= _NUMBERS:
            return _kind_of_number(first is second is Kind.INTEGER and node.operator != "/")
        message = f"{_NAMED[first]} {node.operator} {_NAMED[second]} has no meaning.".capitalize()
        remedy = "Possible are numbers, date - date (days) and date ± a whole number of days."
        self.refuse(node, message, remedy)

    def refuse(self, node: Node, message: str, remedy: str) -> NoReturn:
        raise ExpressionError(message, self.text, node.column, remedy)


def _kind_of_number(whole: bool) -> Kind:
    return Kind.INTEGER if whole else Kind.DECIMAL


def _listed(names: Mapping[str, Kind]) -> str:
    shown = sorted(names)[:10]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "")


def _remedy(first: Kind, second: Kind) -> str:
    if Kind.CHOICES in {first, second}:
        return "Where several answers may be chosen, write: 'code' in item"
    if {first, second} & _NUMBERS and Kind.TEXT in {first, second}:
        return "Write numbers without quotes and texts with quotes."
    return "Compare values of one kind."
