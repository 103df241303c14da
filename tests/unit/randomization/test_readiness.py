"""What the checklist and the gate make of the criteria, one by one."""

from typing import Any

import pytest

from randomization import actions
from randomization.criteria import Criterion
from randomization.selectors import Readiness, Step
from randomization.strata import UNSTRATIFIED, StratumKey
from trial.eligibility import Eligibility, Standing


def readiness(*wanting: Criterion, **changes: Any) -> Readiness:
    """Every criterion met but those."""
    steps = [Step(each, Standing.OPEN if each in wanting else Standing.MET) for each in Criterion]
    given = {"eligibility": Eligibility(()), "stratum": StratumKey({}, UNSTRATIFIED), "token": "t"}
    return Readiness(steps=tuple(steps), **{**given, **changes})


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("wanting", "confirmable"),
    [
        ((Criterion.ENROLMENT,), True),
        # They may come later.
        ((Criterion.ENROLMENT, Criterion.SITE, Criterion.STRATUM), True),
        # Confirmed already.
        ((), False),
        *[((Criterion.ENROLMENT, each), False) for each in ("state", "consent", "forms", "eligibility")],
    ],
)
def test_eligibility_is_confirmed_once_and_after_what_comes_before(
    wanting: tuple[Criterion, ...], confirmable: bool
) -> None:
    assert readiness(*wanting).confirmable is confirmable


@pytest.mark.shows("RND-05")
def test_without_a_stratum_nobody_is_allocated_whatever_the_criteria_say() -> None:
    with pytest.raises(LookupError, match="no stratum"):
        actions._passed(readiness(stratum=None), None)
