"""What an endpoint plan says of its endpoints: their purpose, what is compared, and its populations by name."""

import pytest

from tests.unit.outcomes.sample_trial import PROTOCOL
from trial.protocol.endpoints import Purpose

PLAN = PROTOCOL.endpoints


def test_the_purpose_of_an_endpoint_follows_from_what_is_declared() -> None:
    assert {each.id: PLAN.purpose(each) for each in PLAN.endpoints} == {
        "DFS": Purpose.PRIMARY,
        "DFSFDA": Purpose.OTHER_CENSORING,
        "LRR": Purpose.SECONDARY,
        "OS": Purpose.SECONDARY,
        "FROM": Purpose.OTHER_ORIGIN,
        "ONLYB": Purpose.DESCRIBED,
    }


def test_arms_that_an_endpoint_does_not_describe_are_not_compared() -> None:
    assert PLAN.compared(PLAN.endpoint("OS")) == list(PLAN.analysis.comparisons)
    assert PLAN.compared(PLAN.endpoint("ONLYB")) == []
    both = PLAN.endpoint("ONLYB").model_copy(update={"arms": ("A", "B")})
    assert PLAN.compared(both) == list(PLAN.analysis.comparisons)


def test_an_endpoint_or_a_population_that_is_not_there_is_an_error() -> None:
    assert PLAN.population("PP").id == "PP"
    with pytest.raises(KeyError):
        PLAN.population("other")
    with pytest.raises(KeyError):
        PLAN.endpoint("other")
