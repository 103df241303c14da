"""Log-rank tests of two and of three arms equal R's `survdiff`."""

from typing import Any

import pytest

from outcomes.estimate import LogRank
from outcomes.estimators import survival
from tests.reference.colon import ARMS, ENDPOINTS, EXPECTED, PAIRS, arms_of, close, frame


def assert_same(found: LogRank, expected: dict[str, Any]) -> None:
    assert found.chi_square == close(expected["chisq"])
    assert found.degrees_of_freedom == expected["df"]
    assert found.p == close(expected["p"])
    assert list(found.n) == expected["n"]
    assert list(found.observed) == expected["obs"]
    assert list(found.expected) == close(expected["exp"])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("pair", PAIRS)
def test_log_rank_of_a_pair(pair: str, endpoint: str) -> None:
    arms = arms_of(pair)
    assert_same(survival.log_rank(frame(endpoint, arms), arms=arms), EXPECTED[pair][endpoint]["logrank"])


@pytest.mark.parametrize("endpoint", ["DFS", "OS"])
def test_log_rank_of_three_arms(endpoint: str) -> None:
    assert_same(survival.log_rank(frame(endpoint), arms=ARMS), EXPECTED[f"three_arm_logrank_{endpoint}"])
