"""Rules: every address in a protocol exists and has the type that its use needs."""

from collections.abc import Iterator

from trial.protocol import derived_addresses, endpoint_addresses, import_addresses, scopes
from trial.protocol.derivations import traced
from trial.protocol.expressions import Kind
from trial.protocol.forms import Form
from trial.protocol.naming import unknown
from trial.protocol.problems import Fault, Path, nearest
from trial.protocol.schema import Protocol, StratificationFactor
from trial.protocol.scopes import DATES, DAY, Scope


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every expression and address that cannot be answered where it stands."""
    basis = list(derived_addresses.faults(protocol))
    yield from basis
    # The rest reads the derived values: one faulty value would be reported again for each of its uses.
    if not basis:
        yield from _uses(protocol)


def _uses(protocol: Protocol) -> Iterator[Fault]:
    scope = scopes.everywhere(protocol)
    for number, criterion in enumerate(protocol.eligibility):
        yield from scope.condition(criterion.rule, ("eligibility", number, "rule"))
    yield from _strata(protocol, scope)
    for number, visit in enumerate(protocol.visits):
        yield from scope.address(visit.counts_from, DAY, ("visits", number, "counts_from"))
    for number, end in enumerate(protocol.no_visits_after):
        yield from scope.address(end, DATES, ("no_visits_after", number))
    for form in protocol.forms.values():
        yield from _form(form, protocol)
        yield from _steps(form, scope, protocol)
    yield from endpoint_addresses.faults(protocol)
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
    """A stratum is made of codes: of the site, or of an item or derived value with one coded answer."""
    suitable = ["participant.site", *(each for each in scope.codes if scope.kinds[each] is Kind.TEXT)]
    if factor.value is not None and factor.value not in suitable:
        yield Fault(path, f"`{factor.value}` is no address with codes", nearest(factor.value, suitable))


def _form(form: Form, protocol: Protocol) -> Iterator[Fault]:
    scope = scopes.inside(protocol, form)
    own = [item.id for item in form.items]
    for number, item in enumerate(form.items):
        if item.show_if is None:
            continue
        path: Path = ("forms", form.id, "items", number, "show_if")
        found = list(scope.condition(item.show_if, path))
        yield from found
        hangs_on = () if found else traced(item.show_if, protocol.derived, into_records=False)
        for address in sorted({each.removeprefix(f"{form.id}.") for each in hangs_on}):
            if address in own[number:]:
                message = f"`{address}` is asked after this item, or is this item"
                yield Fault(path, message, "Move it up, or write a check")
    for number, check in enumerate(form.checks):
        yield from scope.condition(check.condition, ("forms", form.id, "checks", number, "if"))


def _steps(form: Form, scope: Scope, protocol: Protocol) -> Iterator[Fault]:
    """When a form is offered, and when it is a step of the participant."""
    if form.applies is not None:
        yield from _offered(form, form.applies, scopes.with_arm(scope, protocol), protocol)
    if form.milestone and form.milestone.when is not None:
        own = scopes.own_items(protocol, form)
        yield from own.condition(form.milestone.when, ("forms", form.id, "milestone", "when"))


def _offered(form: Form, applies: str, scope: Scope, protocol: Protocol) -> Iterator[Fault]:
    """Its own answers do not exist before a form is offered, derived values of them neither."""
    path: Path = ("forms", form.id, "applies")
    found = list(scope.without(form.id).condition(applies, path))
    yield from found
    hangs_on = () if found else traced(applies, protocol.derived)
    own = next((each for each in hangs_on if each.startswith(f"{form.id}.")), None)
    if own:
        message = f"it hangs on `{own}`, an answer of the form itself"
        yield Fault(path, message, "Write a condition over other forms")
