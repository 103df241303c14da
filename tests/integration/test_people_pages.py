"""Journeys: people are invited, their roles end, their accounts are closed; what is refused and makes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.integration.invitations import invitation, newcomer, sure, today
from tests.integration.pages import SignIn, text
from tests.world import OTHER_TRIAL, TRIAL, World
from trial import access, audit
from trial.actions import people
from trial.models import Act, Notification, Person, RoleGrant
from trial.permissions import Permission

HERE = f"/trials/{TRIAL}"
INSTALLATION = "/installation"


def test_an_invitation_without_a_mail_server_shows_the_link_once(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    client = sure(sign_in("administrator"))
    assert "Coordinator" in text(client.get(f"{HERE}/people/invite/"))
    page = text(client.post(f"{HERE}/people/invite/", invitation()))
    link = page.split("http://127.0.0.1:8000", 1)[1].split("<", 1)[0]
    assert Client().get(link).status_code == 200
    given = RoleGrant.objects.get(person=newcomer())
    assert (given.role, given.site.code, given.trial) == ("coordinator", "01", world.trial)
    assert Notification.objects.get(to=newcomer()).kind == "invited"
    assert Act.objects.latest("pk").verb == "person.link_shown"
    log = text(client.get(f"{HERE}/people/"))
    assert "New Person" in log
    assert "/welcome/" not in log
    assert "not chosen yet" in text(client.get(f"{HERE}/people/{newcomer().pk}/"))
    # The same again makes nothing: she holds the role.
    assert "holds this role" in text(client.post(f"{HERE}/people/invite/", invitation()))
    assert RoleGrant.objects.filter(person=newcomer()).count() == 1


def test_an_invitation_with_a_mail_server_shows_no_link(world: World, sign_in: SignIn, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.invalid"
    answer = sure(sign_in("administrator")).post(f"{HERE}/people/invite/", invitation(), follow=True)
    assert "Mail to new@example.org is on its way" in text(answer)
    assert "/welcome/" not in text(answer)


def test_somebody_with_an_account_gets_the_role_and_no_link(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    person = world.person("coordinator", trial=OTHER_TRIAL)
    filled = invitation(email=person.email.upper(), name="Typed Otherwise")
    answer = sure(sign_in("administrator")).post(f"{HERE}/people/invite/", filled, follow=True)
    assert "has an account" in text(answer)
    person.refresh_from_db()
    assert person.name != "Typed Otherwise"
    assert access.can(person, Permission.FORM_ENTER, trial=world.trial, site=world.participant().site)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "not an address"}, "valid email address"),
        ({"name": ""}, "Enter her name"),
        ({"site": ""}, "a role at one site"),
        ({"role": "administrator"}, "a role in the whole trial"),
        ({"role": ""}, "Choose the role"),
        ({"role": "system_administrator"}, "Select a valid choice"),
        (today(days=-1), "that day is past"),
        ({"starts_on_0": "31", "starts_on_1": "2"}, "no such day"),
        ({**today(days=5), **today("ends_on", days=4)}, "before the first"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_and_makes_nothing(
    world: World, sign_in: SignIn, changes: dict[str, str], says: str
) -> None:
    answer = sure(sign_in("administrator")).post(f"{HERE}/people/invite/", invitation(**changes))
    assert says in text(answer)
    assert not Person.objects.filter(email="new@example.org").exists()
    assert not Notification.objects.exists()


@pytest.mark.shows("ACC-03")
def test_a_blinded_and_an_unblinded_role_do_not_meet(world: World, sign_in: SignIn) -> None:
    person = world.person("coordinator")
    filled = invitation(email=person.email, role="unblinded_statistician", site="")
    assert "may not meet" in text(sure(sign_in("administrator")).post(f"{HERE}/people/invite/", filled))


@pytest.mark.shows("ACC-03")
def test_a_role_ends_at_once_or_after_a_day_and_stays_in_the_log(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    given = RoleGrant.objects.get(person=world.person("coordinator"))
    page = f"{HERE}/people/roles/{given.pk}/end/"
    assert "End the role of" in text(client.get(page))
    before = {"on_0": "1", "on_1": "1", "on_2": "2019", "reason": "left"}
    assert "before the first" in text(client.post(page, before))
    tomorrow = today("on", days=1)
    client.post(page, {**tomorrow, "reason": "left"})
    coordinator = sign_in("coordinator")
    assert coordinator.get(f"{HERE}/participants/").status_code == 200
    client.post(page, {"reason": "left today"})
    assert coordinator.get(f"{HERE}/participants/").status_code == 404
    given.refresh_from_db()
    assert given.revoked_at is not None
    assert "Ended" in text(client.get(f"{HERE}/people/{given.person_id}/"))
    assert "has ended already" in text(client.post(page, {"reason": "again"}))
    # It may be given again from the same day on.
    again = invitation(email=given.person.email)
    assert client.post(f"{HERE}/people/invite/", again).status_code == 302
    assert audit.verify() == []


@pytest.mark.shows("ACC-03")
def test_an_account_is_closed_at_once_by_whoever_may(world: World, sign_in: SignIn) -> None:
    client, person = sure(sign_in("administrator")), world.person("coordinator")
    working, page = sign_in("coordinator"), f"{HERE}/people/{person.pk}/close/"
    assert "never deleted" in text(client.get(page))
    client.post(page, {"reason": "left"})
    assert working.get("/").status_code == 302
    assert "Closed" in text(client.get(f"{HERE}/people/{person.pk}/"))
    assert "is closed" in text(client.post(page, {"reason": "left"}))
    filled = invitation(email=person.email)
    assert "is not used again" in text(client.post(f"{HERE}/people/invite/", filled))


def test_nobody_closes_her_own_account_or_that_of_somebody_who_works_elsewhere(
    world: World, sign_in: SignIn
) -> None:
    client, me = sure(sign_in("administrator")), world.person("administrator")
    assert "her own account" in text(client.post(f"{HERE}/people/{me.pk}/close/", {"reason": "x"}))
    busy = world.person("coordinator")
    people.grant(
        person=busy, trial=world.other_trial, role="administrator", starts_on=date(2026, 1, 1), by=me
    )
    assert "outside this trial" in text(client.get(f"{HERE}/people/{busy.pk}/"))
    assert client.post(f"{HERE}/people/{busy.pk}/close/", {"reason": "x"}).status_code == 403
    system = sure(sign_in("system_administrator"))
    system.post(f"{INSTALLATION}/accounts/{busy.pk}/close/", {"reason": "left"})
    assert not Person.objects.get(pk=busy.pk).is_active


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize(("role", "site"), [("coordinator", "01"), ("data_manager", ""), ("dsmb_member", "")])
def test_an_administrator_gives_herself_no_role(world: World, sign_in: SignIn, role: str, site: str) -> None:
    me = world.person("administrator")
    filled = invitation(email=me.email, role=role, site=site)
    answer = text(sure(sign_in("administrator")).post(f"{HERE}/people/invite/", filled))
    assert "Nobody gives herself a role" in answer
    assert "another administrator" in answer
    assert RoleGrant.objects.filter(person=me).count() == 1
