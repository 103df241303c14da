"""Journeys: the accounts of the installation: who administers what, and the system administrator who remains."""

from datetime import date
from typing import Any

import pytest

from tests.integration.invitations import newcomer, sure, today
from tests.integration.pages import SignIn, text
from tests.world import OTHER_TRIAL, PASSWORD, TRIAL, World
from trial.actions import people
from trial.models import RoleGrant
from trial.refusals import Refusal

INSTALLATION = "/installation"


def test_the_accounts_show_who_administers_what(world: World, sign_in: SignIn) -> None:
    page = text(sign_in("system_administrator").get(f"{INSTALLATION}/accounts/"))
    assert f"Administrator, {TRIAL}" in page
    assert "System administrator" in page
    assert "IMPORT" not in page


def test_the_system_administrator_names_administrators_and_ends_their_roles(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    client = sure(sign_in("system_administrator"))
    form = client.get(f"{INSTALLATION}/accounts/invite/?trial={OTHER_TRIAL}").context["form"]
    assert (form["role"].initial, form["trial"].initial) == ("administrator", OTHER_TRIAL)
    filled = {"email": "new@example.org", "name": "New Person", "role": "administrator", **today()}
    assert "Choose the trial" in text(
        client.post(f"{INSTALLATION}/accounts/invite/", {**filled, "trial": ""})
    )
    page = text(client.post(f"{INSTALLATION}/accounts/invite/", {**filled, "trial": OTHER_TRIAL}))
    assert "/welcome/" in page
    given = RoleGrant.objects.get(person=newcomer())
    assert (given.role, given.trial.key) == ("administrator", OTHER_TRIAL)
    assert "/welcome/" in text(client.post(f"{INSTALLATION}/accounts/{newcomer().pk}/link/"))
    assert "for New Person" in text(client.get(f"{INSTALLATION}/accounts/{newcomer().pk}/link/"))
    end = f"{INSTALLATION}/accounts/roles/{given.pk}/end/"
    assert "End the role" in text(client.get(end))
    client.post(end, {"reason": "mistaken"})
    given.refresh_from_db()
    assert given.revoked_at is not None
    assert "Close the account" in text(client.get(f"{INSTALLATION}/accounts/{newcomer().pk}/close/"))
    # Every other role is the trial's to end.
    others = RoleGrant.objects.get(person=world.person("coordinator"))
    assert client.get(f"{INSTALLATION}/accounts/roles/{others.pk}/end/").status_code == 404


def test_whoever_names_herself_goes_on_to_the_first_steps(world: World, sign_in: SignIn) -> None:
    client, me = sure(sign_in("system_administrator")), world.person("system_administrator")
    page = f"{INSTALLATION}/accounts/invite/"
    filled = {"email": me.email, "name": me.name, "role": "administrator", "trial": TRIAL}
    later = client.post(page, {**filled, **today(days=3)})
    assert later.headers["Location"] == f"{INSTALLATION}/accounts/"
    assert "Begins later" in text(client.get(f"{INSTALLATION}/accounts/{me.pk}/"))
    now = client.post(page, {**filled, "trial": OTHER_TRIAL, **today()}, follow=True)
    assert now.redirect_chain[0][0] == f"/trials/{OTHER_TRIAL}/first-steps/"
    assert "First steps" in text(now)


def test_the_last_system_administrator_stays(world: World, sign_in: SignIn) -> None:
    client, me = sure(sign_in("system_administrator")), world.person("system_administrator")
    given = RoleGrant.objects.get(person=me)
    page = f"{INSTALLATION}/accounts/roles/{given.pk}/end/"
    assert "last system administrator" in text(client.post(page, {"reason": "tired"}))
    with pytest.raises(Refusal) as refused:
        people.disable(person=me, reason="tired", by=world.person("administrator"))
    assert refused.value.code == "grant.last"
    second = people.account(email="second@example.org", name="Second", by=me)
    people.grant(person=second, trial=None, role="system_administrator", starts_on=date(2020, 1, 1), by=me)
    # She has not come yet, and may never.
    assert "last system administrator" in text(client.post(page, {"reason": "tired"}))
    people.set_password(person=second, password=PASSWORD, by=None)
    client.post(page, {"reason": "tired"})
    assert client.get(f"{INSTALLATION}/accounts/").status_code == 403


def test_home_shows_a_system_administrator_where_to_begin(world: World, sign_in: SignIn) -> None:
    page = sign_in("system_administrator").get("/").content.decode()
    assert "Activate the protocol of a trial" in page
    assert f"{INSTALLATION}/protocols/" in page
    assert "no role in any trial yet" not in page
    assert f"{INSTALLATION}/protocols/" not in sign_in("administrator").get("/").content.decode()
