"""The API serves frozen data to tokens, arms only to those that may read them, and every download leaves an act."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import SimpleRateThrottle

from exports import actions, dictionary
from exports.models import TokenUse
from exports.secrets import Scope
from outcomes.actions import snapshots
from outcomes.selectors import found
from tests.integration.bearers import ARM, DATA, META, fetch, token
from tests.world import DOZEN, OTHER_TRIAL, World
from trial.actions import people
from trial.models import Act, RoleGrant

PROBLEM = "application/problem+json"
ENDPOINTS = ("DFS", "LRR", "OS")
ADTTE = [column.name for column in dictionary.ADTTE]


@pytest.fixture
def blinded(world: World) -> str:
    return token(world, "blinded_statistician", DATA, META)[1]


@pytest.fixture
def unblinded(world: World) -> str:
    return token(world, "unblinded_statistician", DATA, META, ARM)[1]


def rows(response: Any) -> list[dict[str, str]]:
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == PROBLEM
    answer: dict[str, Any] = response.json()
    assert answer["status"] == response.status_code
    assert answer["type"].startswith("urn:equipoise:problem:")
    assert answer["detail"]
    return answer


def downloads(world: World) -> list[Act]:
    return list(Act.objects.filter(chain=world.trial.key, verb="data.downloaded").order_by("seq"))


def test_the_time_to_event_data_come_whole_and_in_their_columns(world: World, unblinded: str) -> None:
    answer = fetch(unblinded).json()
    assert answer["columns"] == [*ADTTE, "TRT01P"]
    assert answer["total"] == len(answer["rows"]) == DOZEN * len(ENDPOINTS)
    assert answer["next"] is None
    assert answer["snapshot"]["sha256"] == world.snapshot.sha256
    assert {row["TRT01P"] for row in answer["rows"]} <= {"Obs", "Lev", "Lev+5FU"}
    assert all(list(row) == answer["columns"] for row in answer["rows"])
    assert all(
        (date.fromisoformat(row["ADT"]) - date.fromisoformat(row["STARTDT"])).days == row["AVAL"]
        for row in answer["rows"]
    )


@pytest.mark.shows("EXP-01")
def test_csv_and_json_say_the_same(unblinded: str) -> None:
    for what in ("adtte/", "participants/"):
        in_json = fetch(unblinded, what).json()
        in_csv = fetch(unblinded, f"{what}?format=csv")
        said = [{k: "" if v is None else str(v) for k, v in row.items()} for row in in_json["rows"]]
        assert rows(in_csv) == said
        assert fetch(unblinded, what, Accept="text/csv").content == in_csv.content
        assert "attachment" in in_csv.headers["Content-Disposition"]


@pytest.mark.shows("BLD-01")
@pytest.mark.parametrize("what", ["adtte/", "participants/", "dictionary/"])
def test_a_blinded_token_finds_no_arm_anywhere(world: World, blinded: str, what: str) -> None:
    for form in ("json", "csv"):
        answer = fetch(blinded, f"{what}?format={form}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "TRT01P" not in text
        assert not [
            arm for arm in ("Lev+5FU", '"Lev"', '"Obs"', ",Lev,", ",Obs,", "Levamisole") if arm in text
        ]


@pytest.mark.shows("BLD-01")
@pytest.mark.parametrize("what", ["results/", "results/?format=csv", "results/?snapshot=1"])
def test_a_blinded_token_gets_no_results(blinded: str, what: str) -> None:
    answer = fetch(blinded, what)
    assert answer.status_code == 403
    assert "conclusion" not in answer.content.decode()
    problem(answer)


def test_a_token_without_the_arm_gets_none_even_in_unblinded_hands(world: World) -> None:
    secret = token(world, "unblinded_statistician", DATA)[1]
    assert "TRT01P" not in fetch(secret).json()["columns"]
    assert problem(fetch(secret, "results/"))["status"] == 403


def test_data_and_metadata_need_their_scopes(world: World) -> None:
    only_data, only_meta = (
        token(world, "blinded_statistician", scope, name=scope)[1] for scope in (DATA, META)
    )
    assert "read:metadata" in problem(fetch(only_data, "dictionary/"))["detail"]
    assert "read:data" in problem(fetch(only_meta, "participants/"))["detail"]
    assert fetch(only_meta, "dictionary/").status_code == 200


def test_results_are_those_stored(world: World, unblinded: str) -> None:
    answer = fetch(unblinded, "results/").json()
    assert {each["values"]["endpoint"] for each in answer["results"]} == set(ENDPOINTS)
    for each in answer["results"]:
        stored = world.result(each["values"]["endpoint"])
        assert (each["id"], each["sha256"], each["values"]) == (stored.pk, stored.sha256, found(stored))
    flat = rows(fetch(unblinded, "results/?format=csv"))
    assert {row["PARAMCD"] for row in flat} == set(ENDPOINTS)


def test_one_endpoint_can_be_asked_for(unblinded: str) -> None:
    answer = fetch(unblinded, "adtte/?paramcd=OS").json()
    assert answer["total"] == DOZEN
    assert {row["PARAMCD"] for row in answer["rows"]} == {"OS"}


def test_pages_together_are_the_whole(unblinded: str) -> None:
    whole = fetch(unblinded).json()["rows"]
    gathered: list[dict[str, Any]] = []
    what = "adtte/?limit=5"
    while what:
        page = fetch(unblinded, what).json()
        assert len(page["rows"]) <= 5
        gathered += page["rows"]
        what = "adtte/" + page["next"].split("/adtte/")[1] if page["next"] else ""
    assert gathered == whole


@pytest.mark.shows("EXP-01")
def test_pages_stay_with_the_snapshot_they_began_with(world: World, unblinded: str) -> None:
    following = fetch(unblinded, "adtte/?limit=30").json()["next"]
    snapshots.freeze(
        trial=world.trial,
        cut_off=date(1984, 3, 20),
        reason="another",
        by=world.person("unblinded_statistician"),
    )
    assert fetch(unblinded).json()["snapshot"]["number"] == 2
    rest = fetch(unblinded, "adtte/" + following.split("/adtte/")[1]).json()
    assert (rest["snapshot"]["number"], len(rest["rows"])) == (1, 6)
    assert fetch(unblinded, "adtte/?snapshot=1").json()["snapshot"]["number"] == 1


def test_the_dictionary_describes_the_columns_that_are_sent(unblinded: str) -> None:
    described = rows(fetch(unblinded, "dictionary/?format=csv"))
    for table in ("participants", "adtte"):
        said = [row["COLUMN"] for row in described if row["DATASET"] == table]
        assert said == fetch(unblinded, f"{table}/").json()["columns"]


@pytest.mark.shows("EXP-01")
def test_a_download_is_one_act_and_says_how_much(world: World, unblinded: str) -> None:
    before = len(downloads(world))
    fetch(unblinded, "adtte/?format=csv&paramcd=DFS")
    acts = downloads(world)[before:]
    assert len(acts) == 1
    assert acts[0].actor == world.person("unblinded_statistician")
    assert {key: acts[0].changes[key] for key in ("what", "format", "rows", "snapshot")} == {
        "what": "adtte",
        "format": "csv",
        "rows": DOZEN,
        "snapshot": 1,
    }


def test_nothing_new_is_304_and_no_download(world: World, unblinded: str) -> None:
    tag = fetch(unblinded).headers["ETag"]
    before = len(downloads(world))
    again = fetch(unblinded, **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert len(downloads(world)) == before


def test_different_answers_have_different_tags(world: World, unblinded: str, blinded: str) -> None:
    answers = [fetch(unblinded, f"adtte/{query}") for query in ("", "?format=csv", "?paramcd=OS", "?limit=5")]
    answers += [fetch(unblinded, "participants/"), fetch(blinded), fetch(blinded, "dictionary/")]
    assert len({answer.headers["ETag"] for answer in answers}) == len(answers)


def test_a_tag_changes_when_another_result_is_there(world: World, unblinded: str) -> None:
    first = fetch(unblinded, "results/").headers["ETag"]
    assert fetch(unblinded, "results/").headers["ETag"] == first
    snapshots.freeze(
        trial=world.trial,
        cut_off=date(1999, 1, 1),
        reason="another",
        by=world.person("unblinded_statistician"),
    )
    empty = fetch(unblinded, "results/")
    assert empty.headers["ETag"] != first
    assert empty.json()["results"] == []


def test_a_token_bound_to_a_site_sees_that_site_only(world: World) -> None:
    site = world.trial.sites.get(code="02")
    secret = token(world, "unblinded_statistician", DATA, ARM, site=site)[1]
    for what in ("participants/", "adtte/"):
        assert {row["SITEID"] for row in fetch(secret, what).json()["rows"]} == {"02"}
    assert problem(fetch(secret, "results/"))["status"] == 403


@pytest.mark.parametrize("what", ["adtte/", "participants/", "results/", "dictionary/"])
def test_a_token_of_one_trial_finds_nothing_in_another(unblinded: str, what: str) -> None:
    for trial in (OTHER_TRIAL, "no-such-trial"):
        answer = fetch(unblinded, what, trial=trial)
        assert answer.status_code == 404
        problem(answer)


def test_a_snapshot_that_is_not_there_is_404(unblinded: str) -> None:
    assert "snapshot 99" in problem(fetch(unblinded, "adtte/?snapshot=99"))["detail"]


def test_without_a_snapshot_it_says_so(world: World) -> None:
    person = world.person("blinded_statistician", trial=OTHER_TRIAL)
    secret = actions.make(trial=world.other_trial, name="none", scopes=[DATA], by=person)[1]
    answer = fetch(secret, trial=OTHER_TRIAL)
    assert answer.status_code == 404
    assert "no snapshot yet" in problem(answer)["detail"]


@pytest.mark.shows("EXP-01")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("paramcd=XYZ", "paramcd"),
        ("paramcod=OS", "paramcod"),
        ("limit=5000", "limit"),
        ("cursor=x", "cursor"),
        ("format=xml", "format"),
        ("snapshot='1", "snapshot"),
        ("format=csv&limit=5", "limit"),
    ],
)
def test_a_wrong_parameter_is_named(unblinded: str, query: str, field: str) -> None:
    answer = fetch(unblinded, f"adtte/?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in problem(answer)["errors"]] == [field]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer eqp_unknown", "Basic eqp_x", "Bearer a b", "Bearer \xff"]
)
def test_without_a_good_token_nothing_is_told(world: World, header: str) -> None:
    client = Client()
    # A person who is signed in has no part in the API: a page of somebody else's could make her browser ask.
    client.force_login(
        world.person("unblinded_statistician"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    answer = client.get("/api/v1/trials/colon-moertel/adtte/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    problem(answer)


@pytest.mark.shows("TOK-01")
def test_a_revoked_token_is_401(world: World) -> None:
    made, secret = token(world, "unblinded_statistician", DATA)
    assert fetch(secret).status_code == 200
    actions.revoke(token=made, by=made.person)
    answer = fetch(secret)
    assert answer.status_code == 401
    assert problem(answer)["type"].endswith("token-revoked")


@pytest.mark.shows("TOK-01")
def test_an_expired_token_is_401(world: World) -> None:
    secret = token(world, "unblinded_statistician", DATA, days=1)[1]
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert fetch(secret).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        answer = fetch(secret)
    assert answer.status_code == 401
    assert problem(answer)["type"].endswith("token-expired")


def test_a_disabled_person_is_401(world: World) -> None:
    made, secret = token(world, "unblinded_statistician", DATA)
    people.disable(person=made.person, reason="left", by=world.person("administrator"))
    assert problem(fetch(secret))["type"].endswith("token-disabled")


def test_a_grant_that_has_ended_is_403(world: World) -> None:
    made, secret = token(world, "blinded_statistician", DATA)
    grant = RoleGrant.objects.get(person=made.person, trial=world.trial)
    yesterday = timezone.now().date() - timedelta(days=1)
    people.end_grant(given=grant, on=yesterday, reason="left the trial", by=world.person("administrator"))
    assert problem(fetch(secret))["status"] == 403


@pytest.mark.shows("TOK-01")
def test_a_token_that_reads_the_arm_dies_with_the_role(world: World) -> None:
    made, secret = token(world, "unblinded_statistician", DATA, ARM)
    grant = RoleGrant.objects.get(person=made.person, trial=world.trial)
    admin, today = world.person("administrator"), timezone.now().date()
    people.end_grant(given=grant, on=today - timedelta(days=1), reason="change", by=admin)
    people.grant(person=made.person, trial=world.trial, role="dsmb_member", starts_on=today, by=admin)
    for what in ("adtte/", "results/"):
        assert problem(fetch(secret, what))["status"] == 403


def test_the_last_use_is_remembered_to_the_minute(world: World) -> None:
    made, secret = token(world, "blinded_statistician", DATA)
    fetch(secret)
    first = TokenUse.objects.get(token=made).at
    fetch(secret)
    assert TokenUse.objects.get(token=made).at == first
    assert timezone.now() - first < timedelta(minutes=1)


def test_too_many_requests_are_told_when_to_come_back(blinded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": "2/min"})
    answers = [fetch(blinded) for _request in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    problem(answers[-1])


def test_the_api_only_reads(unblinded: str) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(Client(), method)(
            "/api/v1/trials/colon-moertel/adtte/", headers={"Authorization": f"Bearer {unblinded}"}
        )
        assert answer.status_code == 405
        problem(answer)


@pytest.mark.parametrize("scope", list(Scope))
def test_the_description_names_every_scope(sign_in: Any, scope: Scope) -> None:
    text = sign_in("blinded_statistician").get("/api/schema/").content.decode()
    assert scope in text


def test_the_description_page_runs_under_the_policy(sign_in: Any) -> None:
    client = sign_in("unblinded_statistician")
    page = client.get("/api/docs/").content.decode()
    assert not re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|https?://", page)
    scripts = re.findall(r'<script src="([^"]+)"', page)
    assert all(address.startswith("/") for address in scripts)
    own = client.get(scripts[-1])
    assert own.headers["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in own.content.decode().encode().decode("unicode_escape")
