"""Rules: every derived value is computed from addresses that exist, in a way that fits what they hold."""

from collections.abc import Iterator, Sequence

from trial.protocol import scopes
from trial.protocol.derivations import PREFIX, placed
from trial.protocol.derived import Alternative, AnyRecord, Derived
from trial.protocol.expressions import ExpressionError, Kind, parse
from trial.protocol.naming import reserved, unique, unknown
from trial.protocol.problems import Fault, Path
from trial.protocol.schema import Protocol
from trial.protocol.scopes import DATES, Scope


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every derived value that cannot be named or computed; what stands below a faulty one is not looked at."""
    twice = list(unique([each.id for each in protocol.derived], ("derived",)))
    yield from twice
    scope = scopes.recorded(protocol)
    for number, derived in enumerate(() if twice else protocol.derived):
        path: Path = ("derived", number)
        found = [*reserved(derived.id, (*path, "id"))]
        found += unique([each.code for each in derived.classes], (*path, "classes"), key="code")
        found += _too_early(derived, protocol.derived[number:], path)
        found += () if found else _unfit(derived, scope, path, protocol)
        yield from found
        if found:
            return
        scope = scopes.with_derived(scope, derived)


def _expressions(derived: Derived, path: Path) -> Iterator[tuple[Path, str]]:
    return (((*path, *place), text) for place, text in placed(derived))


def _too_early(derived: Derived, following: Sequence[Derived], path: Path) -> Iterator[Fault]:
    """A derived value sees those above it only: two could otherwise wait for each other."""
    later = {PREFIX + each.id for each in following}
    for place, text in _expressions(derived, path):
        for address in sorted(named(text) & later):
            yield Fault(place, f"`{address}` is this value, or stands further down", "Move that one up")


def named(text: str) -> frozenset[str]:
    """The addresses of an expression; none when it cannot be read, which is told elsewhere."""
    try:
        return parse(text).addresses
    except ExpressionError:
        return frozenset()


def _unfit(derived: Derived, scope: Scope, path: Path, protocol: Protocol) -> Iterator[Fault]:
    if derived.first_known:
        yield from _of_one_kind(derived.first_known, scope, (*path, "first_known"))
    elif derived.completed_years:
        for place, word in _expressions(derived, path):
            yield from scope.address(word, DATES, place)
    else:
        if derived.any_record:
            yield from _form(derived.any_record, (*path, "any_record", "form"), protocol)
        for place, text in _expressions(derived, path):
            yield from scope.condition(text, place)


def _form(asked: AnyRecord, path: Path, protocol: Protocol) -> Iterator[Fault]:
    yield from unknown(asked.form, protocol.forms, path, "form")
    if asked.form in protocol.forms and not any(
        address.startswith(f"{asked.form}.") for address in named(asked.when)
    ):
        remedy = f"Name its items, such as `{asked.form}.<item>`"
        yield Fault(path, f"the condition looks at no item of the form `{asked.form}`", remedy)


def _of_one_kind(alternatives: Sequence[Alternative], scope: Scope, path: Path) -> Iterator[Fault]:
    wanted: tuple[Kind, ...] = tuple(Kind)
    for number, each in enumerate(alternatives):
        if each.when is not None:
            yield from scope.condition(each.when, (*path, number, "when"))
        found = list(scope.expression(each.value, wanted, (*path, number, "value")))
        yield from found
        if not found:
            wanted = (parse(each.value).kind(scope.kinds),)
