"""Rules room of floor 3: which values of a stored Result count. With competing events that is the incidence.

`found` are the values of a Result, as `estimators.panel.estimate` made them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trial.protocol.endpoints import EndpointPlan

Values = Mapping[str, Any]


def competing(found: Values) -> bool:
    """Whether events compete, so that the cumulative incidence is what counts."""
    return "incidence" in found


def measure(found: Values) -> str:
    """What is estimated of an arm at a time: `incidence` or `survival`, the name under which a landmark holds it."""
    return "incidence" if competing(found) else "survival"


def landmarks(found: Values) -> Sequence[Sequence[Values]]:
    """What counts at the declared times, a row for each arm."""
    points: Sequence[Sequence[Values]] = (found["incidence"] if competing(found) else found)["landmarks"]
    return points


def differences(found: Values) -> list[Values]:
    """What counts of each comparison at the horizon, in their order."""
    if competing(found):
        return list(found["incidence"]["differences"])
    return [pair["non_inferiority"]["difference"] for pair in found["comparisons"]]


def beside(pair: Values, other: Values | None) -> Values | None:
    """The same comparison in another result, None where that has none or is not there."""
    same = (pair["experimental"], pair["control"])
    pairs = other["comparisons"] if other else []
    return next((each for each in pairs if (each["experimental"], each["control"]) == same), None)


def verdicts(pair: Values, other: Values | None) -> list[tuple[Values, Values | None]]:
    """The verdict of a comparison at each margin, with the one of the same comparison in another result."""
    own, same = pair["non_inferiority"]["verdicts"], beside(pair, other)
    return list(zip(own, same["non_inferiority"]["verdicts"] if same else [None] * len(own), strict=True))


def gives_verdict(found: Values, plan: EndpointPlan) -> bool:
    """Whether the trial's verdict is read here: the primary endpoint in the declared population."""
    return bool(found["primary"]) and found["population"] == plan.analysis.population


def per_protocol(found: Values, others: Iterable[Values], plan: EndpointPlan) -> Values | None:
    """The result that supports the verdict of `found` or not; None where it gives none, or there is no such result."""
    if not gives_verdict(found, plan):
        return None
    wanted = (found["endpoint"], plan.analysis.per_protocol)
    return next((each for each in others if (each["endpoint"], each["population"]) == wanted), None)
