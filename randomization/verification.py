"""Rules room of floor 2: what is wrong with allocations that were made, told without naming an arm."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from randomization.strata import key_of

DIFFERS = "the allocation differs from the sealed sequence"


@dataclass(frozen=True)
class Taken:
    """One allocation as it stands in its table. `at` is UTC, `basis` the level of every factor as randomized."""

    stratum: str
    number: int
    participant: str
    arm: str = field(repr=False)
    at: datetime
    basis: Mapping[str, str]

    @property
    def where(self) -> str:
        return f"stratum {self.stratum}, number {self.number}, participant {self.participant}"


@dataclass(frozen=True)
class Shown:
    """What a participant's own row says: the label of the arm, "" for none, and when randomized, None for never.

    `beyond` says that the state is one that only the randomized reach.
    """

    participant: str
    label: str = field(repr=False)
    at: datetime | None
    beyond: bool


@dataclass(frozen=True)
class Fault:
    """One thing that must not be: where, and what it looks like."""

    where: str
    message: str


@dataclass(frozen=True)
class Change:
    """A level that is another one on the values of today; `verified` is None where it cannot be told any more."""

    participant: str
    factor: str
    randomized: str
    verified: str | None


@dataclass(frozen=True)
class Verification:
    """How many allocations were derived again, what is wrong, and which values changed since (no fault)."""

    checked: int
    faults: tuple[Fault, ...]
    changed: tuple[Change, ...]


def in_stratum(taken: Sequence[Taken], sequence: Iterable[str], order: Sequence[str]) -> Iterator[Fault]:
    """What is wrong inside one stratum. `taken` is in the order of numbers, `sequence` the sealed arms from number 1,
    `order` the factors of the protocol."""
    sealed, last = iter(sequence), 0
    for each in taken:
        if each.number > last + 1:
            yield Fault(f"stratum {each.stratum}", f"{_numbers(last + 1, each.number - 1)} missing")
        due = [arm for _number, arm in zip(range(each.number - last), sealed, strict=False)]
        if len(due) < each.number - last:
            yield Fault(each.where, "the sealed list has no such place")
        elif due[-1] != each.arm:
            yield Fault(each.where, DIFFERS)
        if not _belongs(each, order):
            yield Fault(each.where, "its factor levels as randomized belong to another stratum")
        last = each.number
    for earlier, later in pairwise(taken):
        if later.at < earlier.at:
            yield Fault(later.where, f"it was made before number {earlier.number}")


def beside(taken: Iterable[Taken], shown: Iterable[Shown]) -> Iterator[Fault]:
    """Where allocations and the participants' own rows disagree."""
    allocated = {each.participant: each for each in taken}
    for one in shown:
        allocation = allocated.get(one.participant)
        if allocation is None:
            if one.label or one.at or one.beyond:
                yield Fault(f"participant {one.participant}", "is randomized and has no allocation")
        elif one.at is None or not one.label:
            yield Fault(allocation.where, "the participant is not marked as randomized")
        elif one.label != allocation.arm:
            yield Fault(allocation.where, "the participant's label differs from the allocation")
        elif one.at != allocation.at:
            yield Fault(allocation.where, "the participant was randomized at another time")


def changed(
    participant: str, basis: Mapping[str, str], verified: Mapping[str, str | None]
) -> Iterator[Change]:
    """The factors whose level as verified is not the one as randomized."""
    for factor, code in basis.items():
        if factor in verified and verified[factor] != code:
            yield Change(participant, factor, code, verified[factor])


def _belongs(each: Taken, order: Sequence[str]) -> bool:
    return set(each.basis) == set(order) and key_of(order, each.basis) == each.stratum


def _numbers(first: int, last: int) -> str:
    return f"number {first} is" if first == last else f"numbers {first} to {last} are"
