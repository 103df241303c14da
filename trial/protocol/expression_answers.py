"""Rules room, floor 0: what an expression answers, given values of which some are unknown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
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
from trial.protocol.expression_values import (
    UNKNOWN,
    Answer,
    Truth,
    Value,
    calculated,
    conjunction,
    days_calculated,
    disjunction,
    equal,
    is_number,
    is_value,
    negation,
    ordered,
    type_named,
)


@dataclass(frozen=True)
class Evaluation:
    """Answers a tree, given a function from address to value; `text` is what the errors cite."""

    text: str
    lookup: Callable[[str], Answer]

    def answer(self, node: Node) -> Answer:
        """The value of the node. Raises ExpressionError when a value is absent or of an unsuitable kind."""
        match node:
            case Literal(value=value):
                return value
            case Address():
                return self.stored(node)
            case Missing(address=address):
                return self.stored(address) is UNKNOWN
            case Not(operand=operand):
                return negation(self.truth(operand))
            case Junction(every=every, operands=operands):
                # No short cut: an unsuitable value shows whatever the order of the operands.
                return (conjunction if every else disjunction)([self.truth(each) for each in operands])
            case Comparison():
                return self.comparison(node)
            case Membership():
                return self.membership(node)
            case Minus(operand=operand):
                return self.minus(operand)
            case _:
                return self.arithmetic(node)

    def stored(self, node: Address) -> Answer:
        try:
            value = self.lookup(node.name)
        except KeyError:
            self.refuse(node, f"No value was given for {node.name!r}.", "Give UNKNOWN for a missing value.")
        if value is not UNKNOWN and not is_value(value):
            remedy = "Give a text, int, finite Decimal, bool, date, tuple of texts, or UNKNOWN."
            self.refuse(node, f"{node.name!r} holds a value of type {type(value).__name__}.", remedy)
        return value

    def truth(self, node: Node) -> Truth:
        value = self.answer(node)
        if value is UNKNOWN or isinstance(value, bool):
            return value
        self.refuse(node, f"{self.named(node, value)}, where true or false is needed.", "Compare it.")

    def comparison(self, node: Comparison) -> Truth:
        # Each operand is answered once: the middle of a chain twice would double the work at every level.
        sides = list(zip(node.operands, [self.answer(each) for each in node.operands], strict=True))
        pairs = zip(pairwise(sides), node.operators, strict=True)
        return conjunction([self.compared(*left, sign, *right) for (left, right), sign in pairs])

    def compared(self, left: Node, first: Answer, sign: str, right: Node, second: Answer) -> Truth:
        if first is UNKNOWN or second is UNKNOWN:
            return UNKNOWN
        truth = equal(first, second) if sign in {"==", "!="} else ordered(first, sign, second)
        if truth is None:
            message = f"{self.named(left, first)} and {self.named(right, second)}"
            remedy = "Give values of one kind, partial dates as YYYY, YYYY-MM or YYYY-MM-DD."
            self.refuse(left, f"{message}; {sign} cannot compare them.", remedy)
        return negation(truth) if sign == "!=" else truth

    def membership(self, node: Membership) -> Truth:
        member = self.answer(node.member)
        if not isinstance(node.options, Address):
            options = [(each, self.answer(each)) for each in node.options]
            return disjunction([self.compared(node.member, member, "==", *option) for option in options])
        several = self.stored(node.options)
        if several is UNKNOWN:
            return UNKNOWN
        if not isinstance(several, tuple):
            message = f"{self.named(node.options, several)}, where a tuple of texts is needed."
            self.refuse(node.options, message, "Give the chosen codes as a tuple.")
        return self.chosen(node.member, member, several)

    def chosen(self, node: Node, member: Answer, several: tuple[str, ...]) -> Truth:
        if member is UNKNOWN:
            # Nothing is in an empty set, whatever it may be.
            return UNKNOWN if several else False
        if not isinstance(member, str):
            self.refuse(node, f"{self.named(node, member)}, where a text is needed.", "Write 'code' in item.")
        return member in several

    def minus(self, node: Node) -> Answer:
        value = self.answer(node)
        if value is UNKNOWN:
            return UNKNOWN
        if not is_number(value):
            self.refuse(node, f"{self.named(node, value)}, where a number is needed.", "Give a number.")
        return calculated(0, "-", value)

    def arithmetic(self, node: Arithmetic) -> Answer:
        left, right = self.answer(node.left), self.answer(node.right)
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if is_number(left) and is_number(right):
            return calculated(left, node.operator, right)
        first, second = _beside(node.left, left, right), _beside(node.right, right, left)
        found = days_calculated(first, node.operator, second)
        if found is None:
            message = f"{self.named(node.left, left)} and {self.named(node.right, right)}"
            remedy = "Possible are numbers, date - date (days) and date ± a whole number of days."
            self.refuse(node, f"{message}; {node.operator} cannot combine them.", remedy)
        return found

    def named(self, node: Node, value: Value) -> str:
        """Which part of the text holds what; never the value itself, which is a participant's."""
        part = repr(node.name) if isinstance(node, Address) else f"The part at column {node.column}"
        return f"{part} holds {type_named(value)}"

    def refuse(self, node: Node, message: str, remedy: str) -> NoReturn:
        raise ExpressionError(message, self.text, node.column, remedy) from None


def _beside(node: Node, value: Value, other: Value) -> Value:
    """A text written in the expression beside a date is that date; a stored text never is."""
    if isinstance(node, Literal) and isinstance(value, str) and isinstance(other, date):
        return partial_dates.written_in_full(value) or value
    return value
