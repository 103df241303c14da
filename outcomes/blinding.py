"""Rules room of floor 3: what, of all that is derived, would tell a blinded reader the arm."""

from collections.abc import Iterable

from trial.protocol.derivations import traced
from trial.protocol.endpoints import CensoringSet, DatedFact, Endpoint, Grouping, Population
from trial.protocol.revealing import tells
from trial.protocol.schema import Protocol


def endpoint_tells_arm(endpoint: Endpoint, protocol: Protocol) -> bool:
    """Whether rows of an endpoint tell the arm: it describes some arms only, or hangs on items that do.

    Notes are judged apart, by `note_tells_arm`; the end of the data is the same for everybody.
    """
    facts = [*endpoint.events, *endpoint.competing, *endpoint.censor]
    if endpoint.censoring is CensoringSet.FDA_STYLE and protocol.endpoints.fda_style:
        facts += protocol.endpoints.fda_style.new_therapy
    if any(fact.ends_life for fact in facts):
        facts += protocol.endpoints.known_alive
    texts = [endpoint.origin, *(text for fact in facts for text in _texts(fact))]
    return bool(endpoint.arms) or tells_arm(texts, protocol)


def note_tells_arm(endpoint: Endpoint, protocol: Protocol) -> bool:
    """Whether a note on a row of the endpoint hangs on items that tell the arm."""
    facts = (*endpoint.events, *endpoint.competing, *endpoint.censor)
    return tells_arm([fact.note_when for fact in facts if fact.note_when], protocol)


def population_tells_arm(population: Population, protocol: Protocol) -> bool:
    """Whether membership tells the arm: declared so, by treatment received, or hanging on the arm or such items."""
    rules = [population.rule] if population.rule else [each.rule for each in population.conditions]
    declared = population.reveals_arm or population.by is Grouping.RECEIVED
    return declared or tells_arm(rules, protocol)


def tells_arm(texts: Iterable[str], protocol: Protocol) -> bool:
    """Whether expressions or addresses, looked through to what was recorded, name the arm or an item marked."""
    return any(
        tells(address, protocol)
        for text in texts
        for address in traced(text, protocol.derived, criteria=protocol.eligibility)
    )


def _texts(fact: DatedFact) -> list[str]:
    conditions = [text for text in (fact.when, fact.despite_withdrawal) if text]
    return [fact.on, *conditions, *fact.not_after]
