"""Rules room of floor 2: the stratum of a participant, and the text that names it for ever."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trial.protocol.derivations import PREFIX, Lookup, awaited, traced
from trial.protocol.derived import Derived
from trial.protocol.expressions import UNKNOWN, parse
from trial.protocol.schema import Protocol, StratificationFactor

# A trial without factors has the single stratum of this key.
UNSTRATIFIED = "*"
# The percent sign first: what it stands for must not be escaped again.
_ESCAPES = {"%": "%25", "|": "%7C", "=": "%3D"}


@dataclass(frozen=True)
class StratumKey:
    """The level of every factor by its id, in protocol order, and the stratum's key.

    `unknown` are the recorded addresses without a value whose conditions were counted as not true.
    """

    values: Mapping[str, str]
    key: str
    unknown: tuple[str, ...] = ()


class NoStratum(ValueError):
    """There is no stratum: `factor` has no level (`missing` says which values may give one), or the `cell` of
    levels is one that the protocol calls impossible."""

    def __init__(
        self, factor: str = "", *, missing: tuple[str, ...] = (), cell: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(factor or "impossible")
        self.factor, self.missing, self.cell = factor, missing, dict(cell or {})


def stratum_of(protocol: Protocol, look: Lookup) -> StratumKey:
    """The stratum on the values that `look` answers, `derived.…` included. Raises NoStratum."""
    values: dict[str, str] = {}
    for factor in protocol.randomization.strata:
        code = _code(factor, look)
        if code is None:
            raise NoStratum(factor.id, missing=tuple(dict.fromkeys(_waiting(factor, protocol, look))))
        values[factor.id] = code
    for cell in protocol.randomization.impossible:
        if all(values[factor] == code for factor, code in cell.items()):
            raise NoStratum(cell=cell)
    unknown = (each for factor in protocol.randomization.strata for each in _doubted(factor, protocol, look))
    order = [factor.id for factor in protocol.randomization.strata]
    return StratumKey(values, key_of(order, values), tuple(dict.fromkeys(unknown)))


def codes(protocol: Protocol, look: Lookup) -> dict[str, str | None]:
    """The level of every factor by its id, None where there is none; never refuses."""
    return {factor.id: _code(factor, look) for factor in protocol.randomization.strata}


def key_of(order: Sequence[str], values: Mapping[str, str]) -> str:
    """`id=code` of every factor in protocol order, joined by `|`; in codes NFC, with `|`, `=` and `%` escaped.

    Raises KeyError for a factor without a level.
    """
    return "|".join(f"{factor}={_escaped(values[factor])}" for factor in order) or UNSTRATIFIED


def bound_by(protocol: Protocol) -> tuple[object, ...]:
    """What of a protocol allocations are derived from: a scheme goes on only under a text that says the same."""
    plan = protocol.randomization
    strata = tuple(
        (factor.id, factor.value, tuple((level.code, level.when) for level in factor.levels))
        for factor in plan.strata
    )
    named = factor_addresses(protocol)
    derived = tuple(_computed(each) for each in protocol.derived if PREFIX + each.id in named)
    return plan.method, shares(protocol), strata, plan.impossible, derived


def shares(protocol: Protocol) -> tuple[tuple[str, int], ...]:
    """The arms in protocol order with their share of the ratio."""
    return tuple((arm.id, protocol.randomization.ratio[arm.id]) for arm in protocol.arms)


def factor_addresses(protocol: Protocol) -> tuple[str, ...]:
    """Every address that a stratum hangs on, each once."""
    texts = [
        text
        for factor in protocol.randomization.strata
        for text in ([factor.value] if factor.value is not None else [level.when for level in factor.levels])
    ]
    return tuple(dict.fromkeys(address for text in texts for address in traced(text, protocol.derived)))


def _code(factor: StratificationFactor, look: Lookup) -> str | None:
    if factor.value is not None:
        value = look(factor.value)
        return None if value is UNKNOWN else str(value)
    fitting = (level.code for level in factor.levels if parse(level.when).evaluate(look) is True)
    return next(fitting, None)


def _computed(derived: Derived) -> tuple[object, ...]:
    """How a derived value is computed; labels and notes may be put better."""
    classes = tuple((each.code, each.when) for each in derived.classes)
    ways = (derived.completed_years, derived.count_true, classes, derived.first_known, derived.any_record)
    return derived.id, *ways


def _waiting(factor: StratificationFactor, protocol: Protocol, look: Lookup) -> Iterator[str]:
    """The recorded addresses that may give the factor a level."""
    if factor.value is not None:
        yield from awaited(factor.value, look, protocol.derived)
    for level in factor.levels:
        if parse(level.when).evaluate(look) is UNKNOWN:
            yield from awaited(level.when, look, protocol.derived)


def _doubted(factor: StratificationFactor, protocol: Protocol, look: Lookup) -> Iterator[str]:
    """What might, if it were known, have led to another level: open conditions passed over, open ones not counted."""
    counts = {PREFIX + each.id: each.count_true for each in protocol.derived}
    for level in factor.levels:
        for address in traced(level.when, protocol.derived):
            for condition in counts.get(address, ()):
                if parse(condition).evaluate(look) is UNKNOWN:
                    yield from awaited(condition, look, protocol.derived)
        truth = parse(level.when).evaluate(look)
        if truth is UNKNOWN:
            yield from awaited(level.when, look, protocol.derived)
        if truth is True:
            return


def _escaped(code: str) -> str:
    text = unicodedata.normalize("NFC", code)
    for sign, written in _ESCAPES.items():
        text = text.replace(sign, written)
    return text
