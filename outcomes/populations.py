"""Rules room of floor 3: who belongs to an analysis set."""

from collections.abc import Callable, Iterable

from outcomes.endpoints import Person
from trial.protocol.endpoints import Population
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse


def members(population: Population, people: Iterable[Person]) -> frozenset[str]:
    """USUBJIDs of the people for whom the population's rule is true; unknown is not true."""
    rule = parse(population.rule)
    return frozenset(p.usubjid for p in people if rule.evaluate(_looking_at(p)) is True)


def _looking_at(person: Person) -> Callable[[str], Value | Unknown]:
    def look(address: str) -> Value | Unknown:
        if address in person.facts:
            return person.facts[address]
        form, _, item = address.partition(".")
        return next((r.values.get(item, UNKNOWN) for r in person.records if r.form == form), UNKNOWN)

    return look
