"""Tokens are made after the password, shown once, kept hashed, and never read an arm in blinded hands."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exports import actions
from exports.models import ApiToken
from exports.secrets import digest
from tests.integration.bearers import ARM, DATA, fetch, token
from tests.world import PASSWORD, TRIAL, World
from trial.models import Act
from trial.refusals import Refusal

PAGE = f"/trials/{TRIAL}/tokens/"
FORM = {"name": "weekly report", "scopes": ["read:data"], "days": "90", "site": ""}


@pytest.fixture
def statistician(sign_in: Any) -> Client:
    """The blinded statistician, who has just given her password again."""
    return _with_password(sign_in("blinded_statistician"))


@pytest.fixture
def unblinded(sign_in: Any) -> Client:
    return _with_password(sign_in("unblinded_statistician"))


def _with_password(client: Client) -> Client:
    answer = client.post("/account/confirm/", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def secret_of(text: str) -> str:
    shown = re.findall(r"eqp_[A-Za-z0-9_-]{43}", text)
    assert shown
    assert len(set(shown)) == 1
    return str(shown[0])


def refusal(**wrong: Any) -> str:
    with pytest.raises(Refusal) as refused:
        actions.make(**wrong)
    return refused.value.code


@pytest.mark.shows("TOK-01")
def test_making_a_token_asks_for_the_password_again(sign_in: Any) -> None:
    client = sign_in("blinded_statistician")
    for answer in (client.get(f"{PAGE}new/"), client.post(f"{PAGE}new/", FORM)):
        assert answer.headers["Location"].startswith("/account/confirm/")
    assert not ApiToken.objects.exists()


@pytest.mark.shows("TOK-01")
def test_a_token_is_shown_once_and_works(statistician: Client) -> None:
    answer = statistician.post(f"{PAGE}new/", FORM)
    secret = secret_of(answer.content.decode())
    assert fetch(secret).status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    listed = statistician.get(PAGE).content.decode()
    assert "weekly report" in listed
    assert secret not in listed


@pytest.mark.shows("TOK-01")
def test_the_secret_is_stored_nowhere(statistician: Client, world: World) -> None:
    secret = secret_of(statistician.post(f"{PAGE}new/", FORM).content.decode())
    made = ApiToken.objects.get()
    assert made.digest == digest(secret)
    kept = [str(list(ApiToken.history.values())), str(list(Act.objects.filter(verb="token.made").values()))]
    assert not [text for text in kept if secret in text or made.digest in text]


def test_a_token_lives_ninety_days_unless_told_otherwise(world: World) -> None:
    made = token(world, "blinded_statistician")[0]
    assert made.expires_at - made.made_at == timedelta(days=90)


@pytest.mark.parametrize("days", ["0", "366", "-1", "x", ""])
def test_no_token_lives_longer_than_a_year(statistician: Client, days: str) -> None:
    answer = statistician.post(f"{PAGE}new/", {**FORM, "days": days})
    assert answer.status_code == 200
    assert "Error:" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_blinded_role_is_not_offered_the_arm_and_gets_none_by_asking(statistician: Client) -> None:
    assert "read:arm" not in statistician.get(f"{PAGE}new/").content.decode()
    statistician.post(f"{PAGE}new/", {**FORM, "scopes": ["read:data", "read:arm"]})
    assert not ApiToken.objects.exists()


@pytest.mark.shows("TOK-01")
def test_the_action_itself_refuses_the_arm_and_records_the_refusal(world: World) -> None:
    blinded = world.person("blinded_statistician")
    code = refusal(trial=world.trial, name="x", scopes=[DATA, ARM], by=blinded)
    assert code == "token.blinded"
    act = Act.objects.filter(chain=TRIAL, verb="make").latest("seq")
    assert (act.refused, act.actor, act.changes) == (True, blinded, {"code": "token.blinded"})


@pytest.mark.parametrize(
    "role", ["coordinator", "investigator", "data_manager", "dsmb_member", "administrator"]
)
def test_who_may_not_make_tokens_cannot(world: World, role: str) -> None:
    assert refusal(trial=world.trial, name="x", scopes=[DATA], by=world.person(role)) == "token.right"


def test_nobody_makes_a_token_for_a_trial_she_is_not_in(world: World) -> None:
    person = world.person("unblinded_statistician")
    assert refusal(trial=world.other_trial, name="x", scopes=[DATA], by=person) == "token.right"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"scopes": []}, "token.scopes"),
        ({"days": 0}, "token.days"),
        ({"days": 366}, "token.days"),
    ],
)
def test_what_a_token_cannot_be_is_refused(world: World, wrong: dict[str, Any], code: str) -> None:
    person = world.person("unblinded_statistician")
    assert refusal(**{"trial": world.trial, "name": "x", "scopes": [DATA], "by": person, **wrong}) == code


def test_a_token_cannot_be_bound_to_a_site_of_another_trial(world: World) -> None:
    site = world.other_trial.sites.first()
    person = world.person("unblinded_statistician")
    assert refusal(trial=world.trial, name="x", scopes=[DATA], site=site, by=person) == "token.site"


def test_a_name_is_used_once(statistician: Client) -> None:
    statistician.post(f"{PAGE}new/", FORM)
    again = statistician.post(f"{PAGE}new/", FORM).content.decode()
    assert "You have a token of this name already." in again
    assert ApiToken.objects.count() == 1


def test_revoking_asks_first_and_then_ends_the_token(statistician: Client) -> None:
    secret = secret_of(statistician.post(f"{PAGE}new/", FORM).content.decode())
    made = ApiToken.objects.get()
    asked = statistician.get(f"{PAGE}{made.pk}/revoke/")
    assert "weekly report" in asked.content.decode()
    assert fetch(secret).status_code == 200
    assert statistician.post(f"{PAGE}{made.pk}/revoke/").headers["Location"] == PAGE
    assert fetch(secret).status_code == 401
    assert "Revoked" in statistician.get(PAGE).content.decode()


def test_revoking_twice_changes_nothing(world: World) -> None:
    made = token(world, "blinded_statistician")[0]
    first = actions.revoke(token=made, by=made.person).revoked_at
    assert actions.revoke(token=made, by=made.person).revoked_at == first
    assert Act.objects.filter(chain=TRIAL, verb="token.revoked").count() == 1


def test_nobody_sees_or_revokes_another_persons_token(world: World, statistician: Client) -> None:
    made = token(world, "unblinded_statistician", name="not hers")[0]
    assert "not hers" not in statistician.get(PAGE).content.decode()
    assert statistician.get(f"{PAGE}{made.pk}/revoke/").status_code == 404
    assert statistician.post(f"{PAGE}{made.pk}/revoke/").status_code == 404
    made.refresh_from_db()
    assert made.revoked_at is None


def test_the_page_says_when_a_token_was_last_used(world: World, sign_in: Any) -> None:
    client = sign_in("unblinded_statistician")
    secret = token(world, "unblinded_statistician")[1]
    assert "never" in client.get(PAGE).content.decode()
    fetch(secret)
    listed = client.get(PAGE).content.decode()
    assert "never" not in listed
    assert timezone.now().strftime("%d-%b-%Y") in listed


def test_without_a_token_the_page_says_what_to_do(sign_in: Any) -> None:
    assert "No token yet" in sign_in("unblinded_statistician").get(PAGE).content.decode()


def test_markup_in_a_name_is_text(unblinded: Client) -> None:
    unblinded.post(f"{PAGE}new/", {**FORM, "name": "<script>alert(1)</script>"})
    text = unblinded.get(PAGE).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
