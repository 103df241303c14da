"""Rules: every address of endpoints.yaml exists, has the type that its use needs, and says if it gives the arm away."""

from collections.abc import Iterator, Sequence

from trial.protocol import scopes
from trial.protocol.derivations import ELIGIBLE, traced
from trial.protocol.endpoint_consistency import dated_facts
from trial.protocol.endpoints import DatedFact, Population
from trial.protocol.expressions import Kind
from trial.protocol.problems import Fault, Path, nearest
from trial.protocol.revealing import ADEQUATE, tells
from trial.protocol.schema import Criterion, Protocol
from trial.protocol.scopes import DATES, DAY, Scope


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every expression and address of endpoints.yaml that cannot be answered where it stands."""
    scope, plan = scopes.everywhere(protocol), protocol.endpoints
    for place, fact in dated_facts(plan):
        yield from _dated(fact, scope, place, protocol)
    for number, endpoint in enumerate(plan.endpoints):
        if endpoint.same_as is None:
            yield from scope.address(endpoint.origin, DAY, ("endpoints", "endpoints", number, "origin"))
    if plan.treatment_received is not None:
        yield from _received(plan.treatment_received, scope, protocol)
    # A faulty criterion is told where it stands, and cannot be looked through.
    criteria = [each for each in protocol.eligibility if not list(scope.condition(each.rule, ()))]
    for number, population in enumerate(plan.populations):
        yield from _population(population, criteria, ("endpoints", "populations", number), protocol)


def _dated(fact: DatedFact, scope: Scope, path: Path, protocol: Protocol) -> Iterator[Fault]:
    yield from _of_a_record(fact.on, scope, (*path, "on"), protocol)
    for number, bound in enumerate(fact.not_after):
        yield from scope.address(bound, DATES, (*path, "not_after", number))
    # What is adequate hangs on the end of the data, which therefore cannot hang on it.
    open_ended = path[1] != "data_end"
    assessed = open_ended and protocol.assessments and fact.on.startswith(f"{protocol.assessments.form}.")
    judged = scope.also(ADEQUATE, Kind.TEXT, scopes.YES_NO) if assessed else scope
    for key, text, reach in (
        ("when", fact.when, judged),
        ("despite_withdrawal", fact.despite_withdrawal, scope),
        ("note_when", fact.note_when, scope),
    ):
        if text is not None:
            yield from reach.condition(text, (*path, key))


def _of_a_record(address: str, scope: Scope, path: Path, protocol: Protocol) -> Iterator[Fault]:
    """A fact is told once for each record of a form: of a derived value, or of the participant, there is none."""
    items = scopes.items(protocol)
    if address in scope.kinds and address not in items.kinds:
        suitable = [each for each, kind in items.kinds.items() if kind in DATES]
        yield Fault(path, f"`{address}` is no item of a form", nearest(address, suitable))
    else:
        yield from items.address(address, DATES, path)


def _received(address: str, scope: Scope, protocol: Protocol) -> Iterator[Fault]:
    arms = {arm.id for arm in protocol.arms}
    suitable = [
        each for each, codes in scope.codes.items() if scope.kinds[each] is Kind.TEXT and arms >= {*codes}
    ]
    if address not in suitable:
        message = f"`{address}` is no address whose codes are arms"
        yield Fault(("endpoints", "treatment_received"), message, nearest(address, suitable))


def _population(
    population: Population, criteria: Sequence[Criterion], path: Path, protocol: Protocol
) -> Iterator[Fault]:
    scope = scopes.with_arm(scopes.everywhere(protocol), protocol).also(ELIGIBLE, Kind.TEXT, scopes.YES_NO)
    rules: list[tuple[Path, str]] = [
        ((*path, "conditions", number, "rule"), condition.rule)
        for number, condition in enumerate(population.conditions)
    ]
    if population.rule is not None:
        rules.append(((*path, "rule"), population.rule))
    found = [fault for place, rule in rules for fault in scope.condition(rule, place)]
    yield from found
    if not found and not population.reveals_arm:
        hangs_on = [each for _, rule in rules for each in traced(rule, protocol.derived, criteria=criteria)]
        telling = [each for each in hangs_on if tells(each, protocol)]
        for address in telling[:1]:
            message = f"membership hangs on `{address}`, which tells about the arm"
            yield Fault(path, message, "Write `reveals_arm: true`")
