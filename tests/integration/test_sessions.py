"""A session ends when nobody uses it, when it is too old, and whatever is done with a stale copy of the account."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from config.middleware import SessionClock
from tests.world import PASSWORD, World, address
from trial.actions import people
from trial.models import Act, Person

MINUTE = 60


def aged(client: Client, **stamps: int) -> None:
    """Move the marks of the client's session so many seconds into the past."""
    session = client.session
    for name, seconds in stamps.items():
        session[name] = int(time.time()) - seconds
    session.save()


@pytest.mark.shows("ACC-05")
@pytest.mark.parametrize(
    ("began", "seen", "stays"),
    [
        (29 * MINUTE, 29 * MINUTE, True),
        (31 * MINUTE, 31 * MINUTE, False),
        (12 * 60 * MINUTE - MINUTE, MINUTE, True),
        (12 * 60 * MINUTE + MINUTE, MINUTE, False),
    ],
)
def test_a_session_ends_after_half_an_hour_unused_and_after_twelve_hours(
    world: World, sign_in: Any, began: int, seen: int, stays: bool
) -> None:
    client = sign_in("coordinator")
    assert client.get(reverse("home")).status_code == 200
    aged(client, **{SessionClock.BEGAN: began, SessionClock.SEEN: seen})
    assert client.get(reverse("home")).status_code == (200 if stays else 302)
    if not stays:
        act = Act.objects.latest("pk")
        assert (act.verb, act.actor) == ("account.signed_out", world.person("coordinator"))
        assert act.reason in ("idle", "too long")


@pytest.mark.shows("ACC-05")
def test_use_keeps_a_session_but_does_not_move_its_beginning(world: World, sign_in: Any) -> None:
    client = sign_in("coordinator")
    client.get(reverse("home"))
    aged(client, **{SessionClock.BEGAN: 3600, SessionClock.SEEN: 20 * MINUTE})
    began = client.session[SessionClock.BEGAN]
    client.get(reverse("home"))
    assert client.session[SessionClock.BEGAN] == began
    assert time.time() - client.session[SessionClock.SEEN] < MINUTE


@pytest.mark.shows("ACC-03")
def test_a_password_set_on_a_stale_copy_does_not_enable_a_disabled_account(world: World) -> None:
    by = world.person("administrator")
    stale = Person.objects.get(email=address("coordinator"))
    people.disable(person=world.person("coordinator"), reason="left", by=by)
    people.set_password(person=stale, password="another long password", by=stale)
    assert not Person.objects.get(pk=stale.pk).is_active


@pytest.mark.shows("ACC-04")
def test_many_other_failures_do_not_wash_a_lock_out_away(world: World) -> None:
    client, url = Client(), reverse("account_login")
    for _attempt in range(5):
        client.post(url, {"login": address("investigator"), "password": "not the password"})
    # What failures under invented addresses leave behind; a full cache forgets the first keys, whatever their age.
    for number in range(400):
        cache.set(f"zz-{number:04}", number, 900)
    client.post(url, {"login": address("investigator"), "password": PASSWORD})
    assert client.get(reverse("home")).status_code == 302


@pytest.mark.shows("ACC-04")
def test_an_attempt_on_a_closed_account_is_an_act_too(world: World) -> None:
    client, url = Client(), reverse("account_login")
    for _attempt in range(6):
        client.post(url, {"login": address("investigator"), "password": "not the password"})
    acts = list(Act.objects.filter(verb="account.sign_in_failed").order_by("-pk")[:6])
    assert [act.reason for act in acts] == ["too many failures", "", "", "", "", ""]
    assert {act.subject for act in acts} == {f"trial.person:{world.person('investigator').pk}"}
