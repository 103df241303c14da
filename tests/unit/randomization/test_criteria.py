"""Every criterion of the gate by itself, and the order in which they are asked."""

from dataclasses import replace
from typing import Any

import pytest

from randomization.criteria import Criterion, Finding, Situation, judge
from randomization.strata import NoStratum, StratumKey, stratum_of
from tests.unit.randomization.sample_strata import look, protocol, randomization, specimen
from trial.eligibility import Eligibility, Standing, assess
from trial.protocol.expressions import Value
from trial.states import ParticipantState

TEXT = protocol()


def _eligibility(size: str | None, pregnant: str | None = "no") -> Eligibility:
    more: dict[str, str] = {} if pregnant is None else {"pregnant": pregnant}
    return assess(TEXT, look(TEXT, specimen(size, **more)))


READY = Situation(
    state=ParticipantState.ENROLLED,
    recruiting=True,
    opened=True,
    bound=True,
    site_open=True,
    cap=3,
    randomized=2,
    consents=frozenset({"1", "2"}),
    submitted=frozenset({"specimen"}),
    eligibility=_eligibility("40"),
    stratum=stratum_of(TEXT, look(TEXT, specimen("40"))),
)


def _obstacle(**changes: Any) -> Finding:
    unmet = [found for found in judge(TEXT, replace(READY, **changes)) if found.standing is not Standing.MET]
    assert len(unmet) == 1
    return unmet[0]


def test_who_meets_every_criterion_is_ready() -> None:
    found = judge(TEXT, READY)
    assert [each.criterion for each in found] == list(Criterion)
    assert {each.standing for each in found} == {Standing.MET}
    assert {each.code for each in found} == {""}
    assert judge(TEXT, replace(READY, cap=None, randomized=10**6)) == found


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("changes", "code", "standing"),
    [
        ({"recruiting": False}, "randomize.recruitment", Standing.BROKEN),
        ({"opened": False, "bound": False}, "scheme.absent", Standing.OPEN),
        ({"bound": False}, "scheme.protocol", Standing.BROKEN),
        ({"site_open": False}, "site.closed", Standing.BROKEN),
        ({"randomized": 3}, "site.full", Standing.BROKEN),
        ({"cap": 0, "randomized": 0}, "site.full", Standing.BROKEN),
        ({"consents": frozenset({"1"})}, "randomize.consent", Standing.OPEN),
        ({"submitted": frozenset()}, "randomize.form", Standing.OPEN),
        ({"eligibility": _eligibility("51")}, "randomize.criterion", Standing.BROKEN),
        ({"eligibility": _eligibility(None)}, "randomize.incomplete", Standing.OPEN),
        ({"stratum": NoStratum("size", missing=("specimen.size",))}, "stratum.open", Standing.OPEN),
        ({"stratum": NoStratum("size")}, "stratum.open", Standing.BROKEN),
        ({"stratum": NoStratum(cell={"size": "lt30"})}, "stratum.impossible", Standing.BROKEN),
        ({"state": ParticipantState.CONSENTED}, "randomize.enrolment", Standing.OPEN),
    ],
)
def test_one_unmet_criterion_is_named(changes: dict[str, Value], code: str, standing: Standing) -> None:
    found = _obstacle(**changes)
    assert (found.code, found.standing) == (code, standing)


@pytest.mark.parametrize(
    "state",
    [
        ParticipantState.RANDOMIZED,
        ParticipantState.COMPLETED,
        ParticipantState.WITHDRAWN,
        ParticipantState.SCREEN_FAILED,
    ],
)
def test_the_state_is_asked_first(state: ParticipantState) -> None:
    found = judge(TEXT, replace(READY, state=state, site_open=False, recruiting=False))
    assert (found[0].criterion, found[0].code, found[0].standing) == (
        Criterion.STATE,
        "randomize.state",
        Standing.BROKEN,
    )


def test_what_is_wrong_is_named_by_address() -> None:
    assert _obstacle(eligibility=_eligibility("51")).item == "specimen.size"
    assert _obstacle(eligibility=_eligibility("51")).names == ("small",)
    assert _obstacle(eligibility=_eligibility(None)).names == ("specimen.size",)
    assert _obstacle(stratum=NoStratum("size", missing=("specimen.size",))).item == "specimen.size"
    assert _obstacle(stratum=NoStratum("size")).item == "size"
    assert _obstacle(submitted=frozenset()).item == "specimen"


def test_a_broken_criterion_is_told_before_an_open_one() -> None:
    found = _obstacle(eligibility=_eligibility(None, pregnant="yes"))
    assert (found.code, found.names) == ("randomize.criterion", ("pregnant",))


def test_a_trial_without_criteria_asks_for_none() -> None:
    text = protocol(eligibility=[], randomization=randomization(needs=[], strata=[], impossible=[]))
    now = replace(READY, eligibility=Eligibility(()), submitted=frozenset(), stratum=StratumKey({}, "*"))
    assert {found.standing for found in judge(text, now)} == {Standing.MET}
