"""Rules of floor 0: who fits the protocol, criterion by criterion, and into which class; never without reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from trial.protocol.derivations import ELIGIBLE, PREFIX, Lookup, awaited, decided, traced, undecided
from trial.protocol.derived import Derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.schema import Criterion, CriterionKind, Protocol


class Standing(StrEnum):
    """Where a participant stands: `open` means that a value is missing without which nobody can say."""

    MET = "met"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True)
class Fact:
    """A value that a criterion hangs on."""

    address: str
    value: Value | Unknown


@dataclass(frozen=True)
class CriterionOutcome:
    """One criterion: `facts` are the values it hangs on, a derived one followed by those it is derived from;
    `missing` are the recorded addresses that an open criterion waits for."""

    criterion: Criterion
    standing: Standing
    facts: tuple[Fact, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Eligibility:
    """Every criterion of the protocol in its order."""

    outcomes: tuple[CriterionOutcome, ...]

    @property
    def eligible(self) -> bool:
        """Whether every criterion is met: one that cannot be judged is not."""
        return all(each.standing is Standing.MET for each in self.outcomes)

    @property
    def broken(self) -> tuple[CriterionOutcome, ...]:
        return tuple(each for each in self.outcomes if each.standing is Standing.BROKEN)

    @property
    def open(self) -> tuple[CriterionOutcome, ...]:
        return tuple(each for each in self.outcomes if each.standing is Standing.OPEN)

    @property
    def queried(self) -> tuple[CriterionOutcome, ...]:
        """The broken criteria of which the protocol says that the site is to be asked."""
        return tuple(each for each in self.broken if each.criterion.query)


@dataclass(frozen=True)
class Classified:
    """The class of a participant, or None while it is open.

    `label` is the class's, or what the protocol calls an open one; `note` the class's. `hangs_on` are the recorded
    addresses that can matter, `missing` those that an open class waits for.
    """

    code: str | None
    label: dict[str, str] | None
    hangs_on: tuple[str, ...]
    missing: tuple[str, ...]
    note: dict[str, str] | None


def assess(protocol: Protocol, look: Lookup) -> Eligibility:
    """Every criterion on the values that `look` answers, `derived.…` included (see `with_derived`).

    An inclusion criterion is met when its rule is true, an exclusion criterion when it is false.
    """
    return Eligibility(tuple(_judged(each, look, protocol.derived) for each in protocol.eligibility))


def with_eligibility(protocol: Protocol, look: Lookup) -> Lookup:
    """A lookup that answers `participant.eligible` and hands every other address to `look`.

    `yes` when every criterion is met, `no` when one is broken, UNKNOWN otherwise. Judged when first asked for and
    kept: make a new lookup when facts change.
    """

    @cache
    def judged() -> Value | Unknown:
        found = assess(protocol, look)
        return "no" if found.broken else "yes" if found.eligible else UNKNOWN

    return lambda address: judged() if address == ELIGIBLE else look(address)


def classify(derived: Derived, look: Lookup, *, within: Sequence[Derived]) -> Classified:
    """The class that a derived value with `classes` gives, with reasons; total: one code, or open.

    `within` are the protocol's derived values: those that `derived` names are explained by what was recorded.
    """
    found = decided(derived.classes, look)
    hangs_on = [each for one in derived.classes for each in traced(one.when, within, into_records=False)]
    recorded = dict.fromkeys(each for each in hangs_on if not each.startswith(PREFIX))
    if found:
        return Classified(found.code, found.label, tuple(recorded), (), found.note)
    waiting = undecided(derived.classes, look)
    missing = dict.fromkeys(each for text in waiting for each in awaited(text, look, within))
    return Classified(None, derived.incomplete, tuple(recorded), tuple(missing), None)


def _judged(criterion: Criterion, look: Lookup, derived: Sequence[Derived]) -> CriterionOutcome:
    truth = parse(criterion.rule).evaluate(look)
    addresses = traced(criterion.rule, derived, into_records=False)
    facts = tuple(Fact(address, look(address)) for address in addresses)
    if truth is UNKNOWN:
        return CriterionOutcome(criterion, Standing.OPEN, facts, awaited(criterion.rule, look, derived))
    met = truth is (criterion.kind is CriterionKind.INCLUSION)
    return CriterionOutcome(criterion, Standing.MET if met else Standing.BROKEN, facts)
