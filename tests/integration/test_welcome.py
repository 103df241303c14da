"""A one-time link: works once, for two days, for an open account, and is written down nowhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.world import PASSWORD, World
from trial import links
from trial.actions import people, welcome
from trial.models import Act, Person
from trial.refusals import Refusal

NEW = "quite another long password"
BASE = "http://127.0.0.1:8000"


def path(person: Person) -> str:
    return links.make(person).removeprefix(BASE)


@pytest.fixture
def newcomer(world: World) -> Person:
    """Somebody with an account and no password yet."""
    return people.account(email="new@example.org", name="New Person", by=world.person("administrator"))


def chosen(client: Client, link: str, password: str = NEW, again: str | None = None) -> Any:
    return client.post(link, {"password": password, "again": password if again is None else again})


@pytest.mark.shows("STA-01")
def test_a_link_works_once(newcomer: Person) -> None:
    link, client = path(newcomer), Client()
    page = client.get(link).content.decode()
    assert "At least 12 characters" in page
    assert newcomer.email in page
    answer = chosen(client, link)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    for again in (Client().get(link), chosen(Client(), link, "a third long password")):
        assert again.status_code == 410
        assert "does not work any more" in again.content.decode()
        assert "ask the trial's administrator" in again.content.decode().replace("&#x27;", "'")
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)
    verbs = [act.verb for act in Act.objects.order_by("-pk")[:2]]
    assert verbs == ["account.signed_in", "person.password_set"]
    assert Act.objects.latest("pk").actor == newcomer


@pytest.mark.shows("STA-01")
def test_of_two_who_use_a_link_at_once_the_second_finds_it_used(newcomer: Person) -> None:
    proof = path(newcomer).split("/")[3]
    stale = Person.objects.get(pk=newcomer.pk)
    welcome.choose_password(person=newcomer, proof=proof, password=NEW, by=newcomer)
    with pytest.raises(Refusal) as refused:
        welcome.choose_password(person=stale, proof=proof, password="the second one's password", by=stale)
    assert refused.value.code == "link.used"
    assert Person.objects.get(pk=newcomer.pk).check_password(NEW)
    assert proof not in str([vars(act) for act in Act.objects.all()])


def test_looking_at_a_link_does_not_use_it_up(newcomer: Person) -> None:
    link = path(newcomer)
    for _look in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200


@pytest.mark.shows("STA-01")
@pytest.mark.parametrize(("hours", "works"), [(47, True), (49, False)])
def test_a_link_works_for_two_days(newcomer: Person, monkeypatch: Any, hours: int, works: bool) -> None:
    link = path(newcomer)
    later = datetime.now() + timedelta(hours=hours)
    monkeypatch.setattr(links.OneTime, "_now", lambda _self: later)
    assert Client().get(link).status_code == (200 if works else 410)


@pytest.mark.shows("STA-01")
@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", None, "at least 12 characters"),
        ("password1234", None, "too common"),
        (NEW, "something else entirely", "not the same"),
        ("", None, "Choose a password"),
    ],
)
def test_a_password_that_cannot_be_is_said_and_the_link_still_works(
    newcomer: Person, password: str, again: str | None, says: str
) -> None:
    link = path(newcomer)
    answer = chosen(Client(), link, password, again)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert "error-summary-title" in answer.content.decode()
    assert chosen(Client(), link).status_code == 302


@pytest.mark.shows("STA-01")
def test_a_link_for_a_closed_account_a_program_or_nobody_does_not_work(
    world: World, newcomer: Person
) -> None:
    robot = people.service_identity(name="IMPORT")
    link = path(newcomer)
    people.disable(person=newcomer, reason="left", by=world.person("administrator"))
    uid, token = link.split("/")[2:4]
    others = (
        path(robot),
        f"/welcome/OTk5OTk5OTk5OTk/{token}/",
        f"/welcome/{uid}/{token[:-1]}/",
        f"/welcome/{uid}/x/",
        "/welcome/____/abc/",
        f"/welcome/{'MTEx' * 30}/{token}/",
    )
    for each in (link, *others):
        assert Client().get(each).status_code == 410, each
    # Not the form of an address of ours.
    assert Client().get(f"/welcome/!/{token}/").status_code == 404


@pytest.mark.shows("STA-01")
def test_the_token_is_written_down_nowhere(newcomer: Person, caplog: pytest.LogCaptureFixture) -> None:
    link = path(newcomer)
    token = link.split("/")[3]
    client = Client()
    page = client.get(link)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    chosen(client, link)
    Client().get(link)
    assert "welcome/<slug:uid>/<slug:token>/" in caplog.text
    assert token not in caplog.text
    assert token not in str([vars(act) for act in Act.objects.all()])


@pytest.mark.shows("ACC-04")
def test_a_link_for_an_account_in_use_leaves_its_password_until_it_is_used(world: World) -> None:
    person = world.person("coordinator")
    link = path(person)
    Client().get(link)
    client = Client()
    client.post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    chosen(Client(), link)
    # Whoever was signed in by the old password is out.
    assert client.get("/").status_code == 302


@pytest.mark.shows("ACC-04")
def test_who_was_signed_in_here_is_told_and_signed_out_as_an_act(
    world: World, newcomer: Person, sign_in: Any
) -> None:
    link, client, before = path(newcomer), sign_in("coordinator"), world.person("coordinator")
    assert f"{before.name} ({before.email}) is signed in here" in client.get(link).content.decode()
    assert "is signed in here" not in Client().get(link).content.decode()
    assert chosen(client, link).status_code == 302
    acts = list(Act.objects.order_by("-pk")[:3])
    assert [(act.verb, act.actor) for act in reversed(acts)] == [
        ("person.password_set", newcomer),
        ("account.signed_out", before),
        ("account.signed_in", newcomer),
    ]
    assert newcomer.name in client.get("/").content.decode()
