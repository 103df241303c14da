"""Rules: what must hold between endpoints, populations and the declared analysis, expressions apart."""

from collections.abc import Iterator

from trial.protocol.endpoints import (
    Analysis,
    CensoringSet,
    DatedFact,
    Endpoint,
    EndpointPlan,
    Grouping,
    Population,
)
from trial.protocol.naming import unique, unknown
from trial.protocol.problems import Fault, Path
from trial.protocol.schema import Protocol


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every rule of endpoints.yaml that the protocol breaks, addresses apart."""
    plan, arms = protocol.endpoints, [arm.id for arm in protocol.arms]
    path: Path = ("endpoints",)
    yield from unique([endpoint.id for endpoint in plan.endpoints], (*path, "endpoints"))
    for number, endpoint in enumerate(plan.endpoints):
        yield from _endpoint(endpoint, plan, arms, number)
    yield from unique([population.id for population in plan.populations], (*path, "populations"))
    for number, population in enumerate(plan.populations):
        yield from _population(population, plan, (*path, "populations", number))
    for place, fact in dated_facts(plan):
        if (fact.note_when is None) != (fact.note is None):
            remedy = "Write `note_when:` and `note:`, or neither"
            yield Fault((*place, "note"), "a note has words and a condition", remedy)
    if plan.fda_style and protocol.assessments is None:
        remedy = "Add `assessments:` to protocol.yaml, or remove `fda_style`"
        yield Fault((*path, "fda_style"), "there are no assessments that could be missed", remedy)
    yield from _analysis(plan, arms, (*path, "analysis"))


def dated_facts(plan: EndpointPlan) -> Iterator[tuple[Path, DatedFact]]:
    """Every dated fact of endpoints.yaml with its place; what an endpoint shares is told where it stands."""
    lists: list[tuple[Path, tuple[DatedFact, ...]]] = [
        (("data_end",), plan.data_end),
        (("known_alive",), plan.known_alive),
    ]
    if plan.fda_style:
        lists.append((("fda_style", "new_therapy"), plan.fda_style.new_therapy))
    for number, endpoint in enumerate(plan.endpoints):
        if endpoint.same_as is None:
            censor = () if endpoint.censor == plan.known_alive else endpoint.censor
            parts = (("events", endpoint.events), ("competing", endpoint.competing), ("censor", censor))
            lists += [(("endpoints", number, key), facts) for key, facts in parts]
    for place, facts in lists:
        yield from ((("endpoints", *place, number), fact) for number, fact in enumerate(facts))


def _endpoint(endpoint: Endpoint, plan: EndpointPlan, arms: list[str], number: int) -> Iterator[Fault]:
    path: Path = ("endpoints", "endpoints", number)
    if endpoint.same_as is not None:
        above = [each.id for each in plan.endpoints[:number]]
        yield from unknown(endpoint.same_as, above, (*path, "same_as"), "endpoint further up called")
    else:
        for key, facts, lack in (
            ("events", endpoint.events, "the endpoint has no event"),
            ("censor", endpoint.censor, "no date says how long somebody without an event was followed"),
        ):
            if not facts:
                remedy = f"Add `{key}:`, or take them from another endpoint with `same_as:`"
                yield Fault((*path, key), lack, remedy)
    if endpoint.censoring is CensoringSet.FDA_STYLE and plan.fda_style is None:
        remedy = "Add `fda_style:` with `missed:` and `new_therapy:`"
        yield Fault((*path, "censoring"), "nothing says what this censoring is", remedy)
    yield from unique(endpoint.arms, (*path, "arms"), key="")
    for place, arm in enumerate(endpoint.arms):
        yield from unknown(arm, arms, (*path, "arms", place), "arm")


def _population(population: Population, plan: EndpointPlan, path: Path) -> Iterator[Fault]:
    yield from unique([condition.id for condition in population.conditions], (*path, "conditions"))
    if population.by is Grouping.RECEIVED and plan.treatment_received is None:
        remedy = "Add `treatment_received:` with the address of the arm whose treatment was begun"
        yield Fault((*path, "by"), "nothing says which treatment was received", remedy)


def _analysis(plan: EndpointPlan, arms: list[str], path: Path) -> Iterator[Fault]:
    analysis = plan.analysis
    endpoints = {endpoint.id: endpoint for endpoint in plan.endpoints}
    populations = [population.id for population in plan.populations]
    yield from unknown(analysis.primary, endpoints, (*path, "primary"), "endpoint")
    if analysis.primary in endpoints and endpoints[analysis.primary].arms:
        remedy = "Remove `arms` from the endpoint, or name another endpoint"
        yield Fault((*path, "primary"), "the primary endpoint describes only some of the arms", remedy)
    yield from unknown(analysis.population, populations, (*path, "population"), "population")
    if analysis.per_protocol is not None:
        others = [each for each in populations if each != analysis.population]
        yield from unknown(analysis.per_protocol, others, (*path, "per_protocol"), "other population")
    yield from unique([look.id for look in analysis.looks], (*path, "looks"))
    yield from _comparisons(analysis, arms, path)
    landmarks = list(analysis.landmarks_months)
    if landmarks != sorted(set(landmarks)):
        yield Fault((*path, "landmarks_months"), "the landmarks do not increase", "Sort them, each once")


def _comparisons(analysis: Analysis, arms: list[str], path: Path) -> Iterator[Fault]:
    for number, comparison in enumerate(analysis.comparisons):
        place = (*path, "comparisons", number)
        yield from unknown(comparison.experimental, arms, (*place, "experimental"), "arm")
        yield from unknown(comparison.control, arms, (*place, "control"), "arm")
        if comparison.experimental == comparison.control:
            yield Fault(place, "an arm is compared with itself", "Name two arms")
