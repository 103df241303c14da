"""Views room of floor 3: what stored results say, as lines of English text for commands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import translation

from outcomes.models import Result
from outcomes.reporting import stored
from outcomes.reporting.tables import interval, percentage, points
from outcomes.selectors import found
from outcomes.wording import verdicts_sentence
from trial.protocol.endpoints import EndpointPlan
from trial.selectors import parsed
from trial.wording import words

Values = Mapping[str, Any]
INDENT = "    "


def verdict_lines(results: Sequence[Result]) -> list[str]:
    """The estimates at the horizon, from stored results of one snapshot in their order.

    A line for each result, below it one for each comparison, or for the rate where an endpoint is described in one arm
    only. Below a comparison of the primary endpoint stands its verdict at each margin, together with what the
    per-protocol population says of it.
    """
    with translation.override("en"):
        values = [(result, found(result)) for result in results]
        return [line for result, own in values for line in _lines(result, own, [each for _r, each in values])]


def _lines(result: Result, values: Values, others: Sequence[Values]) -> Iterator[str]:
    plan = parsed(result.analysis.snapshot.protocol).endpoints
    yield f"{values['endpoint']}  {_title(values, plan)} · Result {result.pk}"
    if not values["comparisons"]:
        yield from (f"{INDENT}{arm}: {_rate(values, place)}" for place, arm in enumerate(values["arms"]))
    for place, pair in enumerate(values["comparisons"]):
        yield f"{INDENT}{pair['experimental']} − {pair['control']}: {_estimate(values, place)}"
        if stored.gives_verdict(values, plan):
            yield from (f"{INDENT}{INDENT}{said}" for said in _verdicts(values, place, plan, others))


def _title(values: Values, plan: EndpointPlan) -> str:
    """The endpoint, what is estimated, when, and in which population where there is more than one."""
    name = words(plan.endpoint(values["endpoint"]).label)
    measure = "cumulative incidence" if stored.competing(values) else "event-free"
    title = f"{name}, {measure} at {plan.horizon_months:g} months"
    if not plan.analysis.per_protocol:
        return title
    described = f", {' and '.join(values['arms'])} only" if not values["comparisons"] else ""
    return f"{title}, {values['population']}{described}"


def _verdicts(values: Values, place: int, plan: EndpointPlan, others: Sequence[Values]) -> list[str]:
    beside = stored.per_protocol(values, others, plan)
    declared, population = plan.analysis.per_protocol is not None, values["population"]
    return [
        verdicts_sentence([own], [other] if other else None, population=population, declared=declared)
        for own, other in stored.verdicts(values["comparisons"][place], beside)
    ]


def _estimate(values: Values, place: int) -> str:
    difference = stored.differences(values)[place]
    if "not_estimable" in difference:
        return f"not estimable ({difference['not_estimable']})"
    limits = difference["interval"]
    return (
        f"{points(difference['difference'])} points "
        f"({100 * limits['level']:g} % CI {interval(limits['lower'], limits['upper'])})"
    )


def _rate(values: Values, place: int) -> str:
    measure, landmarks = stored.measure(values), stored.landmarks(values)[place]
    point = next((each for each in landmarks if each["at"] == values["horizon_days"]), None)
    if point is None or isinstance(point[measure], Mapping):
        return f"not estimable ({point[measure]['not_estimable'] if point else 'no such landmark'})"
    limits = point["interval"]
    if "not_estimable" in limits:
        return percentage(point[measure])
    return (
        f"{percentage(point[measure])} "
        f"({100 * limits['level']:g} % CI {interval(limits['lower'], limits['upper'], decimals=1)})"
    )
