"""Rules room, floor 0: values of expressions, the third truth value, how two values compare and combine."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Context, Decimal
from enum import Enum
from operator import add, floordiv, mod, mul, sub
from typing import Final, TypeGuard

from trial.protocol import partial_dates

Value = str | int | Decimal | bool | date | tuple[str, ...]
Number = int | Decimal
NUMBER_LIMIT = 10**18


class Unknown(Enum):
    """The type of UNKNOWN: a missing value, and the third truth value. An enum, so that there is only one."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false: ask `answer is True` or `answer is UNKNOWN`.")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
Truth = bool | Unknown
Answer = Value | Unknown
Span = tuple[Number, Number]


def negation(truth: Truth) -> Truth:
    """Kleene's not."""
    return UNKNOWN if truth is UNKNOWN else not truth


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's or: true when one is true, else unknown when one is unknown; false when there is none."""
    found = set(truths)
    if True in found:
        return True
    return UNKNOWN if UNKNOWN in found else False


def conjunction(truths: Iterable[Truth]) -> Truth:
    """Kleene's and, by De Morgan."""
    return negation(disjunction(negation(truth) for truth in truths))


def is_value(value: object) -> bool:
    """Whether an expression may be given the value: no float, NaN, datetime, list or None."""
    match value:
        case Decimal():
            return value.is_finite()
        case tuple():
            return all(isinstance(each, str) for each in value)
        case datetime():
            return False
        case _:
            return isinstance(value, str | int | date)


def is_number(value: Value) -> TypeGuard[Number]:
    """Whether the value is a number: True and False are not."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def type_named(value: Value) -> str:
    """What the value is, in words for an error: never the value itself, which is a participant's."""
    if is_number(value):
        return "a number"
    named = {str: "a text", bool: "true or false", date: "a date", tuple: "a set of choices"}
    return next(name for kind, name in named.items() if isinstance(value, kind))


def ordered(first: Value, sign: str, second: Value) -> Truth | None:
    """The answer of <, <=, > or >= for two numbers or two dates, partial or not; None for any other pair."""
    spans = _spans(first, second)
    if spans is None:
        return None
    left, right = spans
    match sign:
        case "<":
            return _before(left, right)
        case ">":
            return _before(right, left)
        case "<=":
            return negation(_before(right, left))
        case _:
            return negation(_before(left, right))


def equal(first: Value, second: Value) -> Truth | None:
    """Whether two values of one kind are equal; choices in any order. None when their kinds differ.

    Beside a date, or a text written YYYY-MM-DD, a text is a partial date: unknown while it may be that day.
    """
    spans = _spans(first, second)
    if isinstance(first, str) and isinstance(second, str) and not (spans and _full_date_in(first, second)):
        return first == second
    if spans is not None:
        return _meet(*spans)
    if isinstance(first, bool) and isinstance(second, bool):
        return first is second
    if isinstance(first, tuple) and isinstance(second, tuple):
        return set(first) == set(second)
    return None


def _spans(first: Value, second: Value) -> tuple[Span, Span] | None:
    """What two values span on one axis, of numbers or of days; None when they share none."""
    for reading in (_numbers, _day_numbers):
        left, right = reading(first), reading(second)
        if left is not None and right is not None:
            return left, right
    return None


def _numbers(value: Value) -> Span | None:
    return (value, value) if is_number(value) else None


def _day_numbers(value: Value) -> Span | None:
    """The first and last day, as ordinals, that a date or the text of a partial date may mean."""
    if isinstance(value, date):
        return value.toordinal(), value.toordinal()
    if not isinstance(value, str):
        return None
    try:
        return partial_dates.earliest(value).toordinal(), partial_dates.latest(value).toordinal()
    except ValueError:
        return None


def _before(left: Span, right: Span) -> Truth:
    """Known only where every completion of both sides agrees."""
    if left[1] < right[0]:
        return True
    return False if left[0] >= right[1] else UNKNOWN


def _meet(left: Span, right: Span) -> Truth:
    if left[1] < right[0] or right[1] < left[0]:
        return False
    return True if left[0] == left[1] == right[0] == right[1] else UNKNOWN


def _full_date_in(*texts: str) -> bool:
    return any(partial_dates.written_in_full(text) for text in texts)


def calculated(first: Number, sign: str, second: Number) -> Number | Unknown:
    """Arithmetic of two numbers: whole numbers exact, Decimals to 28 digits, // and % rounding down for both.

    UNKNOWN for a division by zero and wherever an operand or the result is beyond ± NUMBER_LIMIT.
    """
    if not (_within(first) and _within(second)) or (second == 0 and sign in {"/", "//", "%"}):
        return UNKNOWN
    if isinstance(first, int) and isinstance(second, int) and sign != "/":
        found: Number = _WHOLE[sign](first, second)
    else:
        found = _DECIMAL[sign](Decimal(first), Decimal(second))
    return found if _within(found) else UNKNOWN


def days_calculated(first: Value, sign: str, second: Value) -> date | int | Unknown | None:
    """date - date in days, or date ± days: UNKNOWN outside the years 1 to 9999, None for anything else."""
    if isinstance(first, date) and isinstance(second, date):
        return (first - second).days if sign == "-" else None
    if isinstance(second, date):
        return _shifted(second, first) if sign == "+" else None
    if not isinstance(first, date) or sign not in {"+", "-"}:
        return None
    return _shifted(first, second, backwards=sign == "-")


def _shifted(day: date, days: Value, *, backwards: bool = False) -> date | Unknown | None:
    if not isinstance(days, int) or isinstance(days, bool):
        return None
    ordinal = day.toordinal() + (-days if backwards else days)
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else UNKNOWN


def _within(number: Number) -> bool:
    finite = isinstance(number, int) or number.is_finite()
    return finite and -NUMBER_LIMIT <= number <= NUMBER_LIMIT


# Its own context, without traps: an answer may not hang on the precision the caller's thread has set.
_CONTEXT = Context(prec=28, traps=[])


def _floor_divided(first: Decimal, second: Decimal) -> Decimal:
    """Rounds down as Python does for int; Decimal's own // rounds towards zero."""
    quotient = _CONTEXT.divide_int(first, second)
    return _CONTEXT.subtract(quotient, 1) if _leans_away(first, second) else quotient


def _remainder(first: Decimal, second: Decimal) -> Decimal:
    rest = _CONTEXT.remainder(first, second)
    return _CONTEXT.add(rest, second) if _leans_away(first, second) else rest


def _leans_away(first: Decimal, second: Decimal) -> bool:
    rest = _CONTEXT.remainder(first, second)
    return bool(rest) and rest.is_signed() != second.is_signed()


_WHOLE: dict[str, Callable[[int, int], int]] = {"+": add, "-": sub, "*": mul, "//": floordiv, "%": mod}
_DECIMAL: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": _CONTEXT.add,
    "-": _CONTEXT.subtract,
    "*": _CONTEXT.multiply,
    "/": _CONTEXT.divide,
    "//": _floor_divided,
    "%": _remainder,
}
