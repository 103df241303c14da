"""Rules room, floor 0: the expression language of protocols, for criteria, checks, skip logic and strata."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from trial.protocol.expression_answers import Evaluation
from trial.protocol.expression_kinds import Kind, KindCheck
from trial.protocol.expression_syntax import ExpressionError, Node, read
from trial.protocol.expression_values import UNKNOWN, Unknown, Value

__all__ = ["UNKNOWN", "Expression", "ExpressionError", "Kind", "Unknown", "Value", "parse"]

Values = Mapping[str, Value | Unknown] | Callable[[str], Value | Unknown]


@dataclass(frozen=True)
class Expression:
    """An expression that was read without error; `addresses` are the items and facts it asks for."""

    text: str
    addresses: frozenset[str]
    _tree: Node = field(repr=False, compare=False)

    def evaluate(self, values: Values) -> Value | Unknown:
        """The answer for the values of `addresses`, from a mapping or a function of the address.

        Three-valued (Kleene): what a missing value leaves open is UNKNOWN. A comparison with a partial date,
        given as the text YYYY, YYYY-MM or YYYY-MM-DD, is known where every completion agrees. Division by
        zero, numbers beyond 10**18 in arithmetic and dates outside the years 1 to 9999 are UNKNOWN.
        Never fails for values of the kinds that `kind` accepted; raises ExpressionError, naming the address,
        for others and for an absent value.
        """
        lookup = values.__getitem__ if isinstance(values, Mapping) else values
        return Evaluation(self.text, lookup).answer(self._tree)

    def kind(self, types: Mapping[str, Kind]) -> Kind:
        """The kind of the answer, given the kind of each known address; needs no value.

        Raises ExpressionError on an address not in `types`, with the closest name, and on an ill-typed use.
        """
        return KindCheck(self.text, types).kind(self._tree)


def parse(text: str) -> Expression:
    """Read an expression. Raises ExpressionError, and nothing else, on what is not in the language.

    Literals: 'text', 12, 0.5; names and dotted addresses; == != < <= > >=, also chained; and, or, not;
    x in ['a', 'b'], 'code' in item, not in; + - * / // % and unary minus; date - date in days, date ± days;
    a text that is an ISO date beside a date is that date; x is missing, x is not missing.
    """
    return _parsed(text)


# A page judges the same few hundred texts thousands of times; the bound is for texts that people try out.
@lru_cache(maxsize=4096)
def _parsed(text: str) -> Expression:
    tree, addresses = read(text)
    return Expression(text, addresses, tree)
