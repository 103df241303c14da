"""Rules: every address in a protocol exists and has the type that its use needs."""

from collections.abc import Iterator

from trial.protocol import import_addresses, scopes
from trial.protocol.consistency import unknown
from trial.protocol.endpoints import DatedFact, Endpoint
from trial.protocol.expressions import Kind, parse
from trial.protocol.forms import Form
from trial.protocol.problems import Fault, Step, nearest
from trial.protocol.schema import Protocol, StratificationFactor
from trial.protocol.scopes import Scope

_DAY = (Kind.DATE,)
_DATES = (Kind.DATE, Kind.PARTIAL_DATE)

Path = tuple[Step, ...]


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every expression and address that cannot be answered where it stands."""
    scope = scopes.everywhere(protocol)
    for number, criterion in enumerate(protocol.eligibility):
        yield from scope.condition(criterion.rule, ("eligibility", number, "rule"))
    yield from _strata(protocol, scope)
    for number, visit in enumerate(protocol.visits):
        yield from scope.address(visit.counts_from, _DAY, ("visits", number, "counts_from"))
    for form in protocol.forms.values():
        yield from _form(form, scopes.inside(protocol, form))
    for number, endpoint in enumerate(protocol.endpoints.endpoints):
        yield from _endpoint(endpoint, scope, ("endpoints", "endpoints", number))
    for number, population in enumerate(protocol.endpoints.populations):
        yield from scope.condition(population.rule, ("endpoints", "populations", number, "rule"))
    if protocol.imports:
        yield from import_addresses.faults(protocol.imports, protocol)


def _strata(protocol: Protocol, scope: Scope) -> Iterator[Fault]:
    factors = {factor.id: factor for factor in protocol.randomization.strata}
    for number, factor in enumerate(protocol.randomization.strata):
        path: Path = ("randomization", "strata", number)
        for place, level in enumerate(factor.levels):
            yield from scope.condition(level.when, (*path, "levels", place, "when"))
        yield from _coded(factor, scope, (*path, "value"))
    for number, cell in enumerate(protocol.randomization.impossible):
        for factor_id, code in cell.items():
            if factor_id in factors and factors[factor_id].value in scope.codes:
                codes = scope.codes[str(factors[factor_id].value)]
                yield from unknown(code, codes, ("randomization", "impossible", number, factor_id), "code")


def _coded(factor: StratificationFactor, scope: Scope, path: Path) -> Iterator[Fault]:
    """A stratum is made of codes: of the site, or of an item with one coded answer."""
    suitable = ["participant.site", *(each for each in scope.codes if scope.kinds[each] is Kind.TEXT)]
    if factor.value is not None and factor.value not in suitable:
        yield Fault(path, f"`{factor.value}` is no address with codes", nearest(factor.value, suitable))


def _form(form: Form, scope: Scope) -> Iterator[Fault]:
    own = [item.id for item in form.items]
    for number, item in enumerate(form.items):
        if item.show_if is None:
            continue
        path: Path = ("forms", form.id, "items", number, "show_if")
        found = list(scope.condition(item.show_if, path))
        yield from found
        for address in () if found else sorted(parse(item.show_if).addresses):
            if address in own[number:]:
                message = f"`{address}` is asked after this item, or is this item"
                yield Fault(path, message, "Move it up, or write a check")
    for number, check in enumerate(form.checks):
        yield from scope.condition(check.condition, ("forms", form.id, "checks", number, "if"))


def _endpoint(endpoint: Endpoint, scope: Scope, path: Path) -> Iterator[Fault]:
    yield from scope.address(endpoint.origin, _DAY, (*path, "origin"))
    parts = {"events": endpoint.events, "competing": endpoint.competing, "censor": endpoint.censor}
    for key, facts in parts.items():
        for number, fact in enumerate(facts):
            yield from _dated(fact, scope, (*path, key, number))


def _dated(fact: DatedFact, scope: Scope, path: Path) -> Iterator[Fault]:
    yield from scope.address(fact.on, _DATES, (*path, "on"))
    if fact.when is not None:
        yield from scope.condition(fact.when, (*path, "when"))
