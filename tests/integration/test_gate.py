"""The gate of the main trial: everything is judged again at the moment of allocation, and a refusal uses nothing up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from randomization import selectors
from randomization.actions import check_seals, confirm_eligibility, randomize
from randomization.models import Allocation
from randomization.schemes import arms
from randomization.sealing import SealBroken
from randomization.wording import criterion_name, stratum_words
from tests import salvage
from tests.integration.refusals import nothing_used_up
from trial.actions import participants, sites, trials
from trial.eligibility import Standing
from trial.models import Act, Participant, Trial
from trial.refusals import Refusal
from trial.selectors import protocol_of
from trial.states import SiteState

SIZE = "local_excision.size_mm"
STRATUM = "site=01|size=30to50|features=0"
SHARES = (("TME", 1), ("CRT", 1))
OTHER_KEY = "B" * 42 + "A="


@pytest.fixture
def ready(main_trial: Trial) -> Participant:
    """Somebody who may be randomized."""
    return salvage.enrolled("01", "01-0001")


def _randomize(participant: Participant, key: str = "request", **more: Any) -> Allocation:
    return randomize(participant=participant, idempotency_key=key, by=salvage.person("coordinator"), **more)


def _refused(participant: Participant, **more: Any) -> Refusal:
    """The refusal of the gate: it says what to do, is recorded, and has used nothing up."""
    with nothing_used_up(participant) as refused:
        _randomize(participant, **more)
    act = Act.objects.order_by("pk").last()
    assert act is not None
    assert (act.refused, act.verb, act.changes) == (True, "randomize", {"code": refused.value.code})
    assert refused.value.message
    assert refused.value.remedy
    return refused.value


@pytest.mark.shows("RND-05")
def test_who_meets_every_criterion_gets_the_next_of_her_stratum(ready: Participant) -> None:
    allocation = _randomize(ready)
    after = salvage.again(ready)
    assert (allocation.stratum.key, allocation.number) == (STRATUM, 1)
    assert allocation.basis == {"site": "01", "size": "30to50", "features": "0"}
    assert (after.state, after.track, after.randomized_at) == (
        "randomized",
        allocation.arm,
        allocation.allocated_at,
    )


@pytest.mark.shows("RND-04")
def test_allocations_follow_the_stream_stratum_by_stratum(main_trial: Trial) -> None:
    for number in range(1, 8):
        salvage.randomized("01", f"01-000{number}")
        salvage.randomized("01", f"01-010{number}", **{SIZE: "12.5", "local_excision.pni": "yes"})
    for key in (STRATUM, "site=01|size=lt30|features=1"):
        rows = Allocation.objects.filter(stratum__key=key).order_by("number")
        expected = list(islice(arms(salvage.SEED, key, shares=SHARES, sizes=salvage.SIZES), 7))
        assert [row.arm for row in rows] == expected
        assert [row.number for row in rows] == list(range(1, 8))
        assert [row.participant.track for row in rows] == expected


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_before_consent(main_trial: Trial) -> None:
    refusal = _refused(salvage.registered("01", "01-0001"))
    assert refusal.code == "randomize.consent"
    assert "version 1" in refusal.remedy


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("address", "value", "said", "item"),
    [
        (SIZE, "50.1", "Intermediate risk", "derived.risk_class"),
        ("local_excision.pt", "pTis", "Intermediate risk", "derived.risk_class"),
        ("local_excision.resection_plane", "yes", "resection plane", "local_excision.resection_plane"),
        ("screening.ecog", "3", "ECOG above 2", "screening.asa"),
        ("screening.cn", "cNX", "cN0 and cM0", "screening.cn"),
        ("demography.birth_date", "1940-01-01", "18 to 75 years", "derived.age_at_consent"),
    ],
)
def test_nobody_is_randomized_who_breaks_a_criterion(
    ready: Participant, address: str, value: str, said: str, item: str
) -> None:
    salvage.corrected(ready, address, value)
    refusal = _refused(ready)
    assert refusal.code == "randomize.criterion"
    assert said in refusal.message
    assert refusal.item == item
    assert "correct it with the reason" in refusal.remedy


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_while_a_criterion_is_open(main_trial: Trial) -> None:
    small = salvage.enrolled("01", "01-0001", **{SIZE: "29", "local_excision.lvi": "yes"})
    salvage.corrected(small, "local_excision.lvi", None)
    refusal = _refused(small)
    assert refusal.code == "randomize.incomplete"
    assert "Lymphovascular invasion" in refusal.message
    assert refusal.item == "local_excision.lvi"


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_before_eligibility_is_confirmed(main_trial: Trial) -> None:
    assert _refused(salvage.screened("01", "01-0001")).code == "randomize.enrolment"


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_twice_nor_after_leaving(ready: Participant) -> None:
    _randomize(ready, "first")
    assert _refused(ready, key="second").code == "randomize.state"
    gone = salvage.enrolled("01", "01-0002")
    participants.withdraw(participant=gone, reason="moved away", by=salvage.person("coordinator"))
    assert _refused(gone, key="third").code == "randomize.state"


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_at_a_closed_site(ready: Participant) -> None:
    by = salvage.person("administrator")
    sites.change_state(site=ready.site, to=SiteState.CLOSED, reason="paused", by=by)
    assert _refused(ready).code == "site.closed"


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_beyond_the_cap_of_the_site(ready: Participant) -> None:
    by = salvage.person("administrator")
    sites.change_cap(site=ready.site, cap=1, reason="agreed", by=by)
    _randomize(salvage.enrolled("01", "01-0002"), "first")
    refusal = _refused(ready)
    assert refusal.code == "site.full"
    assert "as it may (1)" in refusal.message
    _randomize(salvage.enrolled("02", "02-0001"), "at the other site")
    sites.change_cap(site=ready.site, cap=2, reason="raised", by=by)
    _randomize(ready, "second")


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_while_recruitment_is_closed(ready: Participant) -> None:
    by = salvage.person("administrator")
    trials.change_recruiting(trial=ready.trial, recruiting=False, reason="enough", by=by)
    assert _refused(ready).code == "randomize.recruitment"
    trials.change_recruiting(trial=ready.trial, recruiting=True, reason="reopened", by=by)
    _randomize(ready)


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_on_values_that_nobody_has_seen(ready: Participant) -> None:
    seen = selectors.readiness(ready).token
    salvage.corrected(ready, SIZE, "36")
    assert _refused(ready, seen=seen).code == "randomize.stale"
    _randomize(ready, seen=selectors.readiness(ready).token)


@pytest.mark.shows("RND-05")
def test_a_page_is_stale_once_the_day_of_consent_has_changed(ready: Participant) -> None:
    seen = selectors.readiness(ready).token
    participants.restate_consent(
        participant=ready,
        was="1",
        version="1",
        given_on=ready.site.today - timedelta(days=6),
        reason="misread",
        by=salvage.person("coordinator"),
    )
    assert _refused(salvage.again(ready), seen=seen).code == "randomize.stale"


@pytest.mark.shows("RND-05")
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database")
@pytest.mark.parametrize("act", [confirm_eligibility, partial(randomize, idempotency_key="request")])
def test_the_gate_holds_participant_site_and_trial_in_this_order_and_nothing_against_foreign_keys(
    main_trial: Trial, act: Callable[..., object]
) -> None:
    somebody = (salvage.enrolled if isinstance(act, partial) else salvage.screened)("01", "01-0001")
    with CaptureQueriesContext(connection) as asked:
        act(participant=somebody, by=salvage.person("coordinator"))
    locks = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"] or "FOR NO KEY" in query["sql"]]
    held = [lock.partition(' FROM "')[2].partition('"')[0] for lock in locks]
    assert held[:3] == ["trial_participant", "trial_site", "trial_trial"]
    assert held[-1] == "trial_chainhead"
    assert not [lock for lock in locks if "FOR UPDATE" in lock]


def test_a_page_is_not_stale_for_what_no_decision_hangs_on(ready: Participant) -> None:
    seen = selectors.readiness(ready).token
    salvage.corrected(ready, "demography.height_cm", "180")
    salvage.randomized("01", "01-0002")
    _randomize(ready, seen=seen)


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("address", "value"),
    [
        (SIZE, "40"),
        ("local_excision.grade", "poor"),
        ("screening.ecog", "1"),
        ("demography.birth_date", "1980-01-01"),
    ],
)
def test_a_page_is_stale_once_a_value_of_the_decision_has_changed(
    ready: Participant, address: str, value: str
) -> None:
    seen = selectors.readiness(ready).token
    salvage.corrected(ready, address, value)
    assert selectors.readiness(ready).token != seen


@pytest.mark.shows("RND-05")
def test_a_double_click_and_a_replay_give_one_allocation(ready: Participant) -> None:
    seen = selectors.readiness(ready).token
    first, again = _randomize(ready, seen=seen), _randomize(ready, seen=seen)
    assert again.pk == first.pk
    by = salvage.person("administrator")
    sites.change_state(site=ready.site, to=SiteState.CLOSED, reason="paused", by=by)
    assert _randomize(ready, seen=seen).pk == first.pk
    assert Allocation.objects.filter(participant=ready).count() == 1
    assert Act.objects.filter(chain=salvage.TRIAL, verb="participant.allocated").count() == 1


@pytest.mark.shows("RND-05")
def test_a_key_serves_one_participant_and_must_be_one(ready: Participant) -> None:
    _randomize(salvage.enrolled("01", "01-0002"), "hers")
    assert "another participant" in _refused(ready, key="hers").message
    assert {_refused(ready, key=key).code for key in ("", "k" * 81)} == {"randomize.key"}


@pytest.mark.shows("RND-03")
def test_a_wrong_seal_key_refuses_and_leaves_no_stratum_behind(ready: Participant, settings: Any) -> None:
    check_seals()
    settings.SEAL_KEY = OTHER_KEY
    with nothing_used_up(ready) as refused:
        _randomize(ready)
    assert refused.value.code == "seal.key"
    assert "SEAL_KEY is wrong or missing" in refused.value.remedy
    with pytest.raises(SealBroken):
        check_seals()


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("at", "code"),
    [
        (lambda now: now + timedelta(hours=1), "randomize.at"),
        (lambda now: now - timedelta(days=9), "randomize.at"),
        (lambda now: now - timedelta(days=1), "randomize.order"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    ready: Participant, at: Callable[[datetime], datetime], code: str
) -> None:
    salvage.randomized("01", "01-0002")
    assert _refused(ready, at=at(timezone.now())).code == code


def test_what_happened_before_is_entered_in_the_order_of_time(ready: Participant) -> None:
    at = datetime.combine(ready.site.today - timedelta(days=3), datetime.min.time(), tzinfo=UTC)
    assert _randomize(ready, at=at).allocated_at == at
    assert salvage.again(salvage.randomized("01", "01-0002", at=at)).randomized_at == at


@pytest.mark.shows("RND-03", "RND-05")
def test_an_unknown_feature_counts_as_absent_is_flagged_and_no_act_says_the_arm(main_trial: Trial) -> None:
    somebody = salvage.randomized(
        "01", "01-0001", **{"local_excision.lvi": None, "local_excision.pni": "yes"}
    )
    act = Act.objects.get(chain=salvage.TRIAL, verb="participant.allocated")
    assert act.changes == {
        "stratum": "site=01|size=30to50|features=1",
        "unknown": "local_excision.lvi",
    }
    for each in Act.objects.filter(
        chain=salvage.TRIAL, verb__in=["participant.allocated", "participant.randomized"]
    ):
        assert somebody.track not in str([each.subject, each.reason, each.changes])


def test_the_checklist_says_where_every_criterion_stands(
    main_trial: Trial, django_assert_max_num_queries: Any
) -> None:
    somebody = salvage.screened("01", "01-0001", **{"local_excision.lvi": None})
    sites.change_cap(site=somebody.site, cap=5, reason="agreed", by=salvage.person("administrator"))
    somebody = salvage.again(somebody)
    with django_assert_max_num_queries(8):
        found = selectors.readiness(somebody)
    unmet = {step.id: step for step in found.steps if step.standing is not Standing.MET}
    assert list(unmet) == ["enrolment"]
    assert not found.ready
    assert found.stratum is not None
    assert found.stratum.unknown == ("local_excision.lvi",)
    text = stratum_words(protocol_of(main_trial), found.stratum.values)
    assert (
        text == "Site: 01; Tumour size: 30 to 50 mm, 30.0 included; Risk features known to be present: None"
    )
    assert len({criterion_name(step.id) for step in found.steps}) == len(found.steps)


@pytest.mark.shows("RND-05")
def test_eligibility_is_confirmed_on_values_judged_now(main_trial: Trial) -> None:
    by = salvage.person("investigator")
    codes = []
    for somebody in (
        salvage.registered("01", "01-0001"),
        salvage.screened("01", "01-0002", **{SIZE: "51"}),
        salvage.screened("01", "01-0003", **{SIZE: None}),
    ):
        with pytest.raises(Refusal) as refused:
            confirm_eligibility(participant=somebody, by=by)
        codes.append(refused.value.code)
        assert salvage.again(somebody).enrolled_at is None
    assert codes == ["randomize.consent", "randomize.criterion", "randomize.incomplete"]
    fit = salvage.enrolled("01", "01-0004")
    assert (fit.state, fit.enrolled_by) == ("enrolled", by)
    with pytest.raises(Refusal) as refused:
        confirm_eligibility(participant=fit, by=by)
    assert refused.value.code == "participant.state"


def test_forms_of_the_gate_must_be_submitted_before_eligibility_is_confirmed(main_trial: Trial) -> None:
    somebody = salvage.registered("01", "01-0001")
    answers = salvage.eligible(somebody.site.today)
    for form in ("consent", "demography"):
        salvage.entered(somebody, form, answers[form], visit=salvage.VISIT)
    with pytest.raises(Refusal, match="Pathology of the local excision") as refused:
        confirm_eligibility(participant=somebody, by=salvage.person("investigator"))
    assert (refused.value.code, refused.value.item) == ("randomize.form", "screening")
