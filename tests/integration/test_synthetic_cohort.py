"""A few synthetic participants go through the actions of people, under a name of their own, and leave no arm behind."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client

from config import demonstration, synthetic
from crf.actions.entry import EntryRefused
from crf.models import Record
from outcomes.cohort.parameters import CohortParameters
from tests import salvage
from trial import audit
from trial.models import Act, Participant, RoleGrant, Trial
from trial.refusals import Refusal
from trial.selectors import version_in_force

WEDNESDAY = "2026-11-18 09:00"
FEW = 6


def small(**calendar: int) -> CohortParameters:
    """The cohort of the folder with a handful of people and a year and a half of calendar."""
    found = synthetic.parameters_in(settings.PROTOCOLS / salvage.TRIAL)
    assert found is not None
    by_reason = {each.criterion: each.model_copy(update={"number": 1}) for each in found.screening.failures}
    few = tuple(by_reason[reason] for reason in ("declined", "age", "distance"))
    return found.model_copy(
        update={
            "randomized": FEW,
            "sites": found.sites[:2],
            "screening": found.screening.model_copy(update={"failures": few}),
            "calendar": found.calendar.model_copy(
                update={"weeks": 80, "accrual_weeks": 12, "ramp_weeks": 2, **calendar}
            ),
        }
    )


@pytest.fixture
def told() -> list[str]:
    """What is said while loading."""
    return []


@pytest.fixture
def loaded(world: Any, told: list[str]) -> Trial:
    """The main trial with a small cohort, as loaded on a Wednesday."""
    with time_machine.travel(WEDNESDAY):
        trial = synthetic.load_cohort(
            salvage.text(),
            small(),
            report=lambda step, done, total: told.append(f"{step}: {done} of {total}"),
        )
    return Trial.objects.select_related("protocol").get(pk=trial.pk)


def everybody(trial: Trial) -> list[Participant]:
    return list(Participant.objects.filter(trial=trial).select_related("site").order_by("label"))


@pytest.mark.shows("SYN-01")
def test_people_are_screened_randomized_and_followed_by_an_identity_named_synthetic(loaded: Trial) -> None:
    states = [each.state for each in everybody(loaded)]
    assert sorted(states) == ["randomized"] * FEW + ["screen_failed"] * 3
    failures = {each.screen_failure for each in everybody(loaded)} - {""}
    assert failures == {"declined", "age", "distance"}
    assert {act.actor.name for act in Act.objects.filter(chain=loaded.key)} == {synthetic.NAME}
    assert {record.submitted_by.name for record in records(loaded)} == {synthetic.NAME}
    assert audit.verify() == []


def records(trial: Trial) -> list[Record]:
    rows = Record.objects.filter(participant__trial=trial).select_related("submitted_by", "visit")
    return list(rows.order_by("pk"))


@pytest.mark.shows("SYN-01")
def test_the_cast_sees_that_the_data_are_synthetic(loaded: Trial) -> None:
    assert loaded.is_demo
    cast = demonstration.cast(loaded)
    label = next(each.label for each in everybody(loaded) if each.randomized_at and each.site.code == "01")
    for role, pages in {
        "coordinator": ("", "participants/", f"participants/{label}/", "protocol/"),
        "unblinded_statistician": ("", "outcomes/", "snapshots/", "tokens/"),
        "administrator": ("", "audit/"),
    }.items():
        client = Client()
        client.force_login(cast[role], backend=settings.AUTHENTICATION_BACKENDS[0])
        for page in pages:
            answer = client.get(f"/trials/{loaded.key}/{page}" if page else "/")
            assert b"SYNTHETIC DATA" in answer.content, (role, page)


def test_the_same_people_play_in_every_trial_and_are_granted_once(world: Any, loaded: Trial) -> None:
    here, there = demonstration.cast(loaded), demonstration.cast(world.trial)
    assert here == there == demonstration.cast(loaded)
    coordinator = RoleGrant.objects.filter(person=here["coordinator"]).order_by("trial__key")
    assert [(each.trial.key, each.site.code) for each in coordinator] == [
        ("colon-moertel", "01"),
        ("t1-salvage", "01"),
    ]
    system = RoleGrant.objects.filter(person=here["system_administrator"])
    assert [each.trial for each in system] == [None]


def test_who_declines_has_no_forms_and_who_fails_none_after_screening(loaded: Trial) -> None:
    for participant in everybody(loaded):
        visits = {each.visit.key for each in records(loaded) if each.participant_id == participant.pk}
        if participant.screen_failure == "declined":
            assert visits == set()
        elif participant.screen_failure:
            assert visits == {"screening"}
        else:
            assert {"screening", "treatment", "m03"} <= visits


def test_randomization_falls_at_noon_of_the_site_in_the_order_of_time(loaded: Trial) -> None:
    randomized = [each for each in everybody(loaded) if each.randomized_at]
    for each in randomized:
        local = each.randomized_at.astimezone(ZoneInfo(each.site.time_zone))
        assert (local.hour, local.minute) == (12, 0)
        assert local.weekday() < 5
        assert each.randomized_on >= each.consented_on
    by_key = sorted(randomized, key=lambda each: each.pk)
    assert [each.randomized_at for each in by_key] == sorted(each.randomized_at for each in randomized)


def test_nothing_is_entered_that_happened_after_the_sunday_before(loaded: Trial) -> None:
    sunday = synthetic.cut_off(loaded)
    assert sunday.isoformat() == "2026-11-15"
    assert version_in_force(loaded).activated_at.date() - sunday == timedelta(days=3)
    days = [day for record in records(loaded) for day in dates(record.values)]
    assert days
    assert max(days) <= sunday.isoformat()


def dates(values: Mapping[str, Any]) -> list[str]:
    return [str(value) for item, value in values.items() if item.endswith("_on")]


def test_what_is_told_while_loading_names_nobody_and_no_arm(loaded: Trial, told: list[str]) -> None:
    assert told[-1] == f"entering synthetic participants: {FEW + 3} of {FEW + 3}"
    assert not [line for line in told if "TME" in line or "CRT" in line or "01-0" in line]


def test_the_same_arms_and_forms_come_again_on_another_day_of_the_week(world: Any) -> None:
    first, second = made(WEDNESDAY), made("2026-11-20 21:00")
    assert len(first) == FEW + 3
    assert first == second


def made(day: str) -> dict[str, tuple[str, list[Any]]]:
    """The casebooks of a cohort that is taken back at once."""
    with time_machine.travel(day), transaction.atomic():
        trial = synthetic.load_cohort(salvage.text(), small(), report=lambda *said: None)
        found = casebooks(trial)
        transaction.set_rollback(True)
    return found


def casebooks(trial: Trial) -> dict[str, tuple[str, list[Any]]]:
    return {
        each.label: (each.track, [r.values for r in records(trial) if r.participant_id == each.pk])
        for each in everybody(trial)
    }


def test_a_form_that_nobody_could_enter_stops_everything_and_leaves_nothing(world: Any) -> None:
    impossible = small()
    people = impossible.people.model_copy(update={"distance_mm": (900, 900, 900)})
    with pytest.raises(EntryRefused), time_machine.travel(WEDNESDAY):
        synthetic.load_cohort(
            salvage.text(), impossible.model_copy(update={"people": people}), report=lambda *said: None
        )
    assert not Trial.objects.filter(key=salvage.TRIAL).exists()


def test_somebody_who_is_not_eligible_is_not_randomized_by_force(world: Any) -> None:
    older = small().people.model_copy(update={"age": (80, 80, 80)})
    with pytest.raises(Refusal) as refused, time_machine.travel(WEDNESDAY):
        synthetic.load_cohort(
            salvage.text(), small().model_copy(update={"people": older}), report=lambda *said: None
        )
    assert refused.value.code.startswith("randomize")
    assert not Participant.objects.filter(trial__key=salvage.TRIAL).exists()


def test_a_folder_without_a_cohort_has_none() -> None:
    assert synthetic.parameters_in(settings.PROTOCOLS / "colon-moertel") is None
