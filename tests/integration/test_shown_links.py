"""Journeys: to whom a one-time link is shown, and for whose account never."""

from typing import Any

import pytest
from django.utils import timezone

from tests.integration.invitations import invitation, newcomer, sure, today
from tests.integration.pages import SignIn, text
from tests.world import OTHER_TRIAL, TRIAL, World
from trial.actions import people
from trial.models import Act, Notification, Person, RoleGrant, Site, Trial

HERE = f"/trials/{TRIAL}"
INSTALLATION = "/installation"


@pytest.mark.shows("STA-01")
def test_a_link_is_sent_again_but_for_an_account_in_use_never_shown(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    client = sure(sign_in("administrator"))
    client.post(f"{HERE}/people/invite/", invitation())
    page = f"{HERE}/people/{newcomer().pk}/link/"
    assert "shown to you, once" in text(client.get(page))
    assert "/welcome/" in text(client.post(page))
    # Else an administrator could sign in as somebody who knows the arms.
    unblinded = world.person("unblinded_statistician")
    answer = client.post(f"{HERE}/people/{unblinded.pk}/link/", follow=True)
    assert "/welcome/" not in answer.content.decode()
    assert "its owner&#x27;s address only" in answer.content.decode()
    settings.EMAIL_HOST = "mail.invalid"
    answer = client.post(f"{HERE}/people/{unblinded.pk}/link/", follow=True)
    assert f"Mail to {unblinded.email} is on its way" in text(answer)
    assert Notification.objects.filter(to=unblinded, kind="link").count() == 1
    people.disable(person=unblinded, reason="left", by=world.person("administrator"))
    answer = client.post(f"{HERE}/people/{unblinded.pk}/link/", follow=True)
    assert "is closed" in text(answer)


def pending(email: str, trial: Trial | None, role: str, site: str = "") -> Person:
    """Somebody who was given a role and has not chosen her password."""
    person = people.account(email=email, name="Pending", by=None)
    place = Site.objects.get(trial=trial, code=site) if site else None
    people.grant(person=person, trial=trial, role=role, site=place, starts_on=timezone.now().date(), by=None)
    return person


@pytest.mark.shows("STA-01")
@pytest.mark.parametrize(
    ("elsewhere", "role", "site"),
    [(False, "system_administrator", ""), (True, "coordinator", "01"), (True, "blinded_statistician", "")],
)
def test_an_invitation_does_not_hand_over_a_waiting_account_of_others(
    world: World, sign_in: SignIn, settings: Any, elsewhere: bool, role: str, site: str
) -> None:
    settings.EMAIL_HOST = ""
    her = pending("waits@example.org", world.other_trial if elsewhere else None, role, site)
    client = sure(sign_in("administrator"))
    answer = client.post(f"{HERE}/people/invite/", invitation(email=her.email), follow=True)
    assert RoleGrant.objects.filter(person=her, trial=world.trial).exists()
    again = client.post(f"{HERE}/people/{her.pk}/link/", follow=True)
    for page in (answer, again):
        assert "/welcome/" not in page.content.decode()
        assert f"manage.py one_time_link {her.email}" in page.content.decode()
    asked = client.get(f"{HERE}/people/{her.pk}/link/").content.decode()
    assert f"manage.py one_time_link {her.email}" in asked
    assert not Act.objects.filter(verb="person.link_shown").exists()


@pytest.mark.shows("STA-01")
@pytest.mark.parametrize("role", ["unblinded_statistician", "dsmb_member"])
def test_the_link_of_who_knows_the_arms_is_shown_at_her_invitation_only_and_in_the_trail(
    world: World, sign_in: SignIn, settings: Any, role: str
) -> None:
    settings.EMAIL_HOST = ""
    client = sure(sign_in("administrator"))
    assert "/welcome/" in text(client.post(f"{HERE}/people/invite/", invitation(role=role, site="")))
    act = Act.objects.latest("pk")
    assert (act.verb, act.chain, act.actor) == ("person.link_shown", TRIAL, world.person("administrator"))
    assert "One-time link shown" in text(client.get(f"{HERE}/audit/"))
    again = client.post(f"{HERE}/people/{newcomer().pk}/link/", follow=True)
    assert "/welcome/" not in again.content.decode()
    given = RoleGrant.objects.get(person=newcomer())
    people.end_grant(given=given, on=None, reason="mistaken", by=world.person("administrator"))
    again = client.post(f"{HERE}/people/{newcomer().pk}/link/", follow=True)
    assert "/welcome/" not in again.content.decode()


@pytest.mark.shows("STA-01")
def test_the_system_administrator_is_shown_no_link_of_who_works_in_a_trial(
    world: World, sign_in: SignIn, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    her = pending("waits@example.org", world.trial, "coordinator", "01")
    client = sure(sign_in("system_administrator"))
    filled = {"email": her.email, "name": "X", "role": "administrator", "trial": OTHER_TRIAL, **today()}
    for page, sent in (("invite", filled), (f"{her.pk}/link", {})):
        answer = client.post(f"{INSTALLATION}/accounts/{page}/", sent, follow=True)
        assert "/welcome/" not in answer.content.decode()
        assert f"manage.py one_time_link {her.email}" in answer.content.decode()
