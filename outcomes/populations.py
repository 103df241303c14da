"""Rules room of floor 3: who belongs to an analysis set, who does not and why, and by which arm each is analysed."""

from collections.abc import Iterable
from dataclasses import dataclass

from outcomes.histories import History
from trial.protocol.endpoints import Grouping, Population
from trial.protocol.expressions import parse

# The reasons that no condition of the protocol gives.
RULE, NO_TREATMENT = "rule", "treatment_received"


@dataclass(frozen=True)
class Membership:
    """Whether one participant belongs to a population.

    `reasons` are the ids of the conditions that are not known to hold, in their order; `rule` for a population
    without conditions. `arm` is the one by which the population analyses the participant, "" when not in it.
    """

    usubjid: str
    population: str
    reasons: tuple[str, ...]
    arm: str

    @property
    def inside(self) -> bool:
        return not self.reasons


def memberships(population: Population, histories: Iterable[History]) -> list[Membership]:
    """The standing of each participant; unknown is not true.

    A population analysed by treatment received leaves out who has received none of the arms.
    """
    return [_membership(population, each) for each in histories]


def received(history: History) -> str:
    """The arm whose treatment was begun first, "" when none is known to be."""
    address = history.protocol.endpoints.treatment_received
    answer = history.look(address) if address else ""
    known = {arm.id for arm in history.protocol.arms}
    return answer if isinstance(answer, str) and answer in known else ""


def _membership(population: Population, history: History) -> Membership:
    reasons = [each for each, rule in _conditions(population) if not _holds(rule, history)]
    arm = history.recorded.arm if population.by is Grouping.ALLOCATED else received(history)
    if population.by is Grouping.RECEIVED and not arm:
        reasons.append(NO_TREATMENT)
    return Membership(history.recorded.usubjid, population.id, tuple(reasons), "" if reasons else arm)


def _conditions(population: Population) -> list[tuple[str, str]]:
    if population.rule is not None:
        return [(RULE, population.rule)]
    return [(condition.id, condition.rule) for condition in population.conditions]


def _holds(rule: str, history: History) -> bool:
    return parse(rule).evaluate(history.knowing_arm) is True
