"""The Endpoints tab: each endpoint of one participant in words, as of the latest snapshot, and never an arm."""

import dataclasses
import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crf.actions import entry
from crf.models import Record
from outcomes.actions import snapshots
from outcomes.models import Snapshot
from outcomes.selectors import changed_since
from outcomes.snapshot_files import frame
from tests.integration.test_main_trial_outcomes import (
    frozen,
    on,
    recurred,
    signed_in,
    somebody,
    trial,
    visited,
)
from tests.world import TRIAL, World
from trial import roles
from trial.models import Participant, Trial
from trial.permissions import Permission
from trial.wording import day

__all__ = ["trial"]

SignIn = Callable[..., Client]


def tab(client: Client, participant: Participant) -> str:
    address = reverse("participant_endpoints", args=[participant.trial.key, participant.label])
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def derived(snapshot: Snapshot, participant: Participant, paramcd: str) -> Any:
    rows = frame(snapshot, "adtte")
    return rows[(rows["USUBJID"] == participant.usubjid) & (rows["PARAMCD"] == paramcd)].iloc[0]


@pytest.mark.shows("END-01")
@pytest.mark.parametrize("role", ["coordinator", "investigator", "data_manager"])
def test_each_endpoint_stands_in_words_with_its_days_and_its_source(
    sign_in: SignIn, world: World, role: str
) -> None:
    someone = world.participant()
    page = tab(sign_in(role), someone)
    row = derived(world.snapshot, someone, "DFS")
    word = {0: "Censored", 1: "Event"}[row["EVENT"]]
    assert f"{word} {day(row['ADT'])}: {row['EVNTDESC'] or row['CNSDTDSC']}" in page
    assert re.search(rf">\s*{row['AVAL']}\s*<", page)
    place = [TRIAL, someone.label, row["SRCVIS"], row["SRCVREP"], row["SRCDOM"], row["SRCREP"]]
    assert reverse("form", args=place) in page
    assert sign_in(role).get(reverse("form", args=place)).status_code == 200
    assert "Overall survival" in page
    assert day(world.snapshot.cut_off) in page
    assert "have changed since" not in page


@pytest.mark.shows("BLD-01")
def test_the_tab_shows_no_arm(sign_in: SignIn, world: World) -> None:
    page = tab(sign_in("coordinator"), world.participant())
    # The title of the trial, above and below, names its drug.
    page = page[page.index("<main") : page.index("</main>")]
    assert not [word for word in ("Levamisole", "Lev+5FU", "Observation", "TRT01P") if word in page]


def test_a_reader_of_chinese_reads_the_protocols_chinese(sign_in: SignIn, world: World) -> None:
    someone = world.participant()
    address = reverse("participant_endpoints", args=[TRIAL, someone.label])
    page = sign_in("coordinator").get(address, headers={"Accept-Language": "zh-hans"}).content.decode()
    said = derived(world.snapshot, someone, "OS")
    assert ("死亡" if said["EVENT"] == 1 else "末次确认存活的联系") in page


def test_values_that_changed_since_the_snapshot_are_announced(sign_in: SignIn, world: World) -> None:
    rows = Record.objects.filter(
        participant__trial=world.trial, participant__site__code="01", form="follow_up"
    )
    record = rows.select_related("visit", "participant__site", "participant__trial__protocol").order_by("pk")[
        0
    ]
    someone = record.participant
    typed = entry.Entry(
        visit=record.visit.key,
        form="follow_up",
        raw={**record.values, "disease_assessed": "no"},
        visit_repeat=record.visit.repeat,
        repeat=record.repeat,
        version=record.version,
        soft_reasons=record.soft_reasons,
    )
    entry.correct(participant=someone, entry=typed, reason="misread", by=world.person("coordinator"))
    assert "have changed since this snapshot was taken" in tab(sign_in("coordinator"), someone)
    other = next(each for each in map(_at_place(world), range(2)) if each.pk != someone.pk)
    assert "have changed since" not in tab(sign_in("coordinator"), other)


def test_what_was_saved_before_the_snapshot_and_committed_after_it_has_changed(trial: Trial) -> None:
    snapshot = frozen(trial)
    with time_machine.travel(snapshot.taken_at - timedelta(seconds=1), tick=False):
        visited(somebody(3), 90, "m03")
    assert changed_since(somebody(3), snapshot)
    assert not changed_since(somebody(2), snapshot)


def _at_place(world: World) -> Callable[[int], Participant]:
    return lambda place: world.participant(place=place)


def test_without_a_snapshot_and_after_the_last_one_the_tab_says_so(sign_in: SignIn, world: World) -> None:
    other = world.participant(trial=world.other_trial.key)
    assert "No snapshot yet" in tab(sign_in("coordinator", trial=world.other_trial.key), other)
    early = snapshots.freeze(
        trial=world.trial,
        cut_off=date(1984, 3, 20),
        reason="early",
        by=world.person("unblinded_statistician"),
    )
    people = Participant.objects.filter(trial=world.trial).select_related("site", "trial")
    late = [each for each in people if each.randomized_on and each.randomized_on > early.cut_off]
    assert "Not in the latest snapshot" in tab(sign_in("data_manager"), late[0])


@pytest.mark.shows("END-01", "BLD-01")
def test_notes_imputed_dates_and_findings_of_the_main_trial(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen(trial)
    reader = signed_in("coordinator")
    page = tab(reader, somebody(0))
    assert "Event 15-Jun-2025: Local recurrence" in page
    assert "The day was imputed." in page
    assert "Pending adjudication: counts as site-reported." in page
    assert "FDA-style" in page
    page = tab(reader, somebody(1))
    assert "Metastasis found after randomization before any treatment began." in page
    page = tab(reader, somebody(2))
    assert "Censored 10-Apr-2025: Last adequate disease assessment, visit Month 3" in page
    assert "never assessed" in tab(reader, somebody(3))
    described = {place: "TME-free survival" in tab(reader, somebody(place)) for place in range(4)}
    arms = frame(Snapshot.objects.get(trial=trial), "treatment").set_index("USUBJID")["TRT01P"]
    assert described == {place: arms[somebody(place).usubjid] == "CRT" for place in range(4)}
    assert True in described.values()
    blind = roles.ROLES["coordinator"]
    fewer = dataclasses.replace(blind, permissions=blind.permissions - {Permission.TRACK_VIEW})
    monkeypatch.setitem(roles.ROLES, "coordinator", fewer)
    for place in range(4):
        page = tab(signed_in("coordinator"), somebody(place))
        told = ("TME-free", "FDA-style", "registry text", "Metastasis found after randomization")
        assert not [word for word in told if word in page]


def test_what_cannot_be_as_recorded_is_listed(trial: Trial) -> None:
    visited(somebody(3), 90, "m03")
    recurred(somebody(3), on(0))
    frozen(trial)
    page = tab(signed_in("investigator"), somebody(3))
    assert "10-Jan-2025 is not after the origin 10-Jan-2025" in page
    assert "Recurrence: Date of first evidence" in page
    assert "Censored 10-Apr-2025" in page


def test_a_snapshot_that_cannot_be_read_is_named_with_what_to_do(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcomes.snapshot_files.sha256", lambda text: "0" * 64)
    page = tab(sign_in("coordinator"), world.participant())
    assert "The manifest of snapshot 1 is not the one that was frozen." in page
    assert "Ask the unblinded statistician to freeze a new snapshot." in page
