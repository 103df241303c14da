"""Outcomes by arm are for the closed room, every look leaves an act; snapshots are for everybody who may see them."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from outcomes.actions import analyses, runs, snapshots
from outcomes.models import Analysis, Snapshot
from tests.integration.pages import BUDGET, SignIn, page_of
from tests.world import OTHER_TRIAL, TRIAL, World
from trial import leases
from trial.models import Act

REPORT, SNAPSHOTS = f"/trials/{TRIAL}/outcomes/", f"/trials/{TRIAL}/snapshots/"
BLINDED = ("coordinator", "investigator", "data_manager", "blinded_statistician", "administrator")
CLOSED_ROOM = ("dsmb_member", "unblinded_statistician")
FIGURE = re.compile(r'src="(/trials/[^"]+\.svg[^"]*)"')


def figures(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in FIGURE.findall(page)]


def acts(verb: str) -> list[Act]:
    return list(Act.objects.filter(chain=TRIAL, verb=verb).order_by("seq"))


def newest(world: World, **when: Any) -> Snapshot:
    return snapshots.freeze(
        trial=world.trial,
        cut_off=when.get("cut_off", date(1999, 1, 1)),
        reason="second look",
        by=world.person("unblinded_statistician"),
    )


@pytest.mark.parametrize("role", CLOSED_ROOM)
def test_the_closed_room_sees_verdicts_intervals_and_where_they_come_from(
    sign_in: SignIn, world: World, role: str
) -> None:
    page = page_of(sign_in(role), REPORT)
    stored = json.loads(world.result("DFS").payload)["provenance"]
    for words in (
        "Not estimable",
        "Levamisole and fluorouracil − Observation",
        "Log-rank",
        "primary endpoint",
        "secondary endpoint",
        world.snapshot.sha256,
        stored["protocol_sha256"],
        stored["code"],
        world.result("OS").sha256,
    ):
        assert words.lower() in page.lower()


@pytest.mark.shows("BLD-01")
@pytest.mark.parametrize("role", BLINDED)
def test_a_blinded_role_sees_neither_report_nor_figure(sign_in: SignIn, world: World, role: str) -> None:
    client = sign_in(role)
    before = len(acts("report.viewed"))
    assert client.get(REPORT).status_code == 403
    for name in ("curve", "margin"):
        assert client.get(f"{REPORT}results/{world.result('DFS').pk}/{name}.svg").status_code == 403
    assert len(acts("report.viewed")) == before


@pytest.mark.shows("BLD-01")
@pytest.mark.parametrize("role", ["data_manager", "blinded_statistician"])
def test_a_blinded_role_sees_snapshots_without_a_word_of_arms(sign_in: SignIn, role: str) -> None:
    page = page_of(sign_in(role), SNAPSHOTS)
    assert "Snapshot 1" in page
    assert not [
        word for word in ("Levamisole −", "Lev+5FU", "Observation", "inferior", "/outcomes/") if word in page
    ]


@pytest.mark.shows("BLD-01")
def test_a_view_is_an_act_that_names_what_was_shown(sign_in: SignIn, world: World) -> None:
    before = len(acts("report.viewed"))
    page_of(sign_in("dsmb_member"), REPORT)
    seen = acts("report.viewed")[before:]
    assert [(act.actor, len(act.changes["results"])) for act in seen] == [(world.person("dsmb_member"), 3)]


@pytest.mark.shows("BLD-01")
def test_the_figures_of_a_view_belong_to_it_and_a_figure_by_itself_is_an_act(sign_in: SignIn) -> None:
    client = sign_in("dsmb_member")
    addresses = figures(page_of(client, REPORT))
    assert len(addresses) == 6
    for address in addresses:
        assert client.get(address).status_code == 200
    assert acts("report.figure_viewed") == []
    bare = addresses[0].split("?")[0]
    client.get(bare)
    # Another person's ticket is none.
    sign_in("unblinded_statistician").get(addresses[0])
    client.get(f"{bare}?seen=forged")
    assert [act.changes for act in acts("report.figure_viewed")] == [{"figure": "curve"}] * 3


def test_a_figure_is_an_svg_that_can_do_nothing_in_the_readers_language(sign_in: SignIn) -> None:
    client = sign_in("dsmb_member")
    address = figures(page_of(client, REPORT))[0]
    english = client.get(address)
    assert english.headers["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in english.headers["Content-Security-Policy"]
    assert "sandbox" in english.headers["Content-Security-Policy"]
    assert "<script" not in english.content.decode()
    chinese = client.get(address, headers={"Accept-Language": "zh-hans"})
    assert "无病生存期" in chinese.content.decode()
    named = f'attachment; filename="{TRIAL}-DFS-ITT-curve.svg"'
    assert client.get(f"{address}&download").headers["Content-Disposition"] == named


@pytest.mark.parametrize("name", ["payload", "curve.en", "..", "other"])
def test_only_known_figures_are_served(sign_in: SignIn, world: World, name: str) -> None:
    pk = world.result("DFS").pk
    assert sign_in("dsmb_member").get(f"{REPORT}results/{pk}/{name}.svg").status_code == 404


def test_a_result_is_found_in_its_own_trial_only(sign_in: SignIn, world: World) -> None:
    pk = world.result("DFS").pk
    client = sign_in("dsmb_member", trial=OTHER_TRIAL)
    assert client.get(f"/trials/{OTHER_TRIAL}/outcomes/results/{pk}/curve.svg").status_code == 404
    assert client.get(REPORT).status_code == 404


def test_an_older_snapshot_can_be_read_and_a_wrong_one_not(sign_in: SignIn, world: World) -> None:
    newest(world)
    client = sign_in("dsmb_member")
    assert "No analysis of this snapshot yet" in page_of(client, REPORT)
    assert world.snapshot.sha256 in page_of(client, f"{REPORT}?snapshot=1")
    for wrong in ("9", "x", "-1", "1'", "9" * 30, "9" * 5000):
        assert client.get(f"{REPORT}?snapshot={wrong}").status_code == 404


def test_without_a_snapshot_the_pages_say_who_does_what(sign_in: SignIn) -> None:
    where = {"trial": OTHER_TRIAL}
    report = f"/trials/{OTHER_TRIAL}/outcomes/"
    assert "unblinded statistician freezes" in page_of(sign_in("dsmb_member", **where), report)
    assert "Freeze a snapshot" in page_of(sign_in("unblinded_statistician", **where), report)
    assert "No snapshot yet" in page_of(sign_in("data_manager", **where), f"/trials/{OTHER_TRIAL}/snapshots/")
    assert not [act for act in acts("report.viewed") if act.chain == OTHER_TRIAL]


def test_freezing_and_asking_for_analyses_from_the_page(sign_in: SignIn, world: World) -> None:
    client = sign_in("unblinded_statistician")
    day = {"cut_off_0": "1", "cut_off_1": "1", "cut_off_2": "1999", "reason": "second look"}
    assert client.post(f"{SNAPSHOTS}new/", day).headers["Location"] == SNAPSHOTS
    page = page_of(client, SNAPSHOTS)
    assert "second look" in page
    assert "01-Jan-1999" in page
    assert "No analysis was asked for yet." in page
    client.post(f"{SNAPSHOTS}2/analyses/")
    page = page_of(client, SNAPSHOTS)
    assert "3 analyses are going on" in page
    assert "data-refresh" in page
    for key in leases.waiting(Analysis):
        runs.run(key)
    page = page_of(client, SNAPSHOTS)
    assert "data-refresh" not in page
    assert f"{REPORT}?snapshot=2" in page
    assert "Snapshot SHA-256" in page_of(client, REPORT)


def test_asking_twice_changes_nothing(sign_in: SignIn, world: World) -> None:
    client = sign_in("unblinded_statistician")
    client.post(f"{SNAPSHOTS}1/analyses/")
    assert Analysis.objects.filter(snapshot=world.snapshot).count() == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cut_off_0": "31", "cut_off_1": "2"}, "There is no such day"),
        ({"cut_off_0": ""}, "Enter the day, the month and the year."),
        ({"cut_off_2": "0"}, "There is no such day"),
        ({"cut_off_2": "99999999999"}, "There is no such day"),
        ({"cut_off_2": "2_026"}, "There is no such day"),
        ({"cut_off_0": "+1"}, "There is no such day"),
        ({"cut_off_0": "001"}, "There is no such day"),
        ({"reason": " "}, "Say why the data are frozen."),
        ({"cut_off_2": "1900"}, "No participant was randomized up to that day."),
        ({"cut_off_2": str(timezone.now().year + 1)}, "The data cut-off lies in the future."),
    ],
)
def test_what_cannot_be_frozen_is_said_at_the_field(
    sign_in: SignIn, wrong: dict[str, str], words: str
) -> None:
    day = {"cut_off_0": "1", "cut_off_1": "1", "cut_off_2": "1999", "reason": "x", **wrong}
    answer = sign_in("unblinded_statistician").post(f"{SNAPSHOTS}new/", day)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert words in page
    assert "<title>Error:" in page
    assert Snapshot.objects.filter(trial__key=TRIAL).count() == 1


def test_full_width_digits_are_digits(sign_in: SignIn) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in "1999")
    day = {"cut_off_0": wide[0], "cut_off_1": wide[0], "cut_off_2": wide, "reason": "全角"}
    assert sign_in("unblinded_statistician").post(f"{SNAPSHOTS}new/", day).status_code == 302


def test_a_failure_is_told_to_the_closed_room_with_its_remedy_and_to_blinded_roles_without_its_words(
    sign_in: SignIn, world: World
) -> None:
    snapshot = newest(world)
    asked = analyses.request_all(snapshot=snapshot, by=world.person("unblinded_statistician"))
    _lose(asked[0])
    told = page_of(sign_in("unblinded_statistician"), SNAPSHOTS)
    assert "Every process that took this analysis up ended" in told
    assert "freeze a new snapshot" in told
    blinded = page_of(sign_in("blinded_statistician"), SNAPSHOTS)
    assert "Failed" in blinded
    assert "Every process" not in blinded


def _lose(analysis: Analysis) -> None:
    """Let its lease lapse until it is given up, as after processes that die one after the other."""
    later = timezone.now()
    for _attempt in range(leases.MAX_ATTEMPTS + 1):
        later += leases.LEASE + timedelta(seconds=1)
        with time_machine.travel(later, tick=False):
            leases.claim(Analysis, analysis.pk)
    analysis.refresh_from_db()
    assert analysis.state == "failed"


def test_markup_in_a_reason_is_text(sign_in: SignIn, world: World) -> None:
    snapshots.freeze(
        trial=world.trial,
        cut_off=date(1999, 1, 1),
        reason="<img src=x onerror=alert(1)>",
        by=world.person("unblinded_statistician"),
    )
    assert "<img src=x" not in page_of(sign_in("data_manager"), SNAPSHOTS)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("dsmb_member", REPORT),
        ("unblinded_statistician", REPORT),
        ("blinded_statistician", SNAPSHOTS),
        ("unblinded_statistician", SNAPSHOTS),
        ("unblinded_statistician", f"{SNAPSHOTS}new/"),
        ("unblinded_statistician", f"/trials/{TRIAL}/tokens/"),
        ("unblinded_statistician", "/api/docs/"),
        ("unblinded_statistician", "/api/schema/"),
    ],
)
def test_a_page_needs_at_most_twelve_queries(sign_in: SignIn, world: World, role: str, path: str) -> None:
    newest(world)
    client = sign_in(role)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{path}?snapshot=1" if path == REPORT else path).status_code == 200
    asked = [query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= BUDGET
