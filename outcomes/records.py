"""Rules room of floor 3: what was recorded of one participant, as the derivation reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from trial.protocol.expressions import UNKNOWN, Unknown, Value

Facts: TypeAlias = Mapping[str, Value | Unknown]


@dataclass(frozen=True)
class FormRecord:
    """A counted record: its form, its place among the participant's records of that form, its values by item.

    `visit`, `visit_repeat` and `repeat` are its place in the casebook. It was last saved on the day `known_on`:
    what it tells had happened by then. `inapplicable` are the items that do not apply to the participant.
    """

    form: str
    seq: int
    values: Facts
    visit: str = ""
    visit_repeat: int = 1
    repeat: int = 1
    known_on: date | None = None
    inapplicable: frozenset[str] = frozenset()

    def value(self, address: str) -> Value | Unknown:
        """The answer at an address of the record's form; unknown where it has none."""
        return self.values.get(address.partition(".")[2], UNKNOWN)


@dataclass(frozen=True)
class Recorded:
    """One randomized participant as recorded: identifiers, `participant.…` facts and counted records in entry order.

    `arm` is the allocated one; only populations and endpoints that describe some arms look at it.
    """

    usubjid: str
    site: str
    facts: Facts
    records: tuple[FormRecord, ...]
    arm: str = ""
