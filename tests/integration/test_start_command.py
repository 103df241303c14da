"""`start` and `one_time_link`: the first administrator, and whoever cannot be written to."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.world import TRIAL, World
from trial import links
from trial.actions import installations, people, welcome
from trial.models import Act, Notification, Person, Purpose, RoleGrant
from trial.refusals import Refusal

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def only_actions_write(db: None) -> None:
    """The world's system administrator is taken out by hand: no action lets the last one go."""


@pytest.fixture
def empty(world: World) -> World:
    """As if nobody were system administrator."""
    Person.objects.filter(pk=world.person("system_administrator").pk).update(is_active=False)
    return world


def started(email: str = "ann@example.org", name: str = "Ann") -> str:
    """What `start` prints."""
    out = io.StringIO()
    call_command("start", email=email, name=name, no_input=True, stdout=out)
    return out.getvalue()


def path(printed: str) -> str:
    """The path of the link that was printed last."""
    link = next(line for line in reversed(printed.splitlines()) if "/welcome/" in line)
    assert link.startswith(f"{BASE}/welcome/")
    return link.removeprefix(BASE)


@pytest.mark.shows("STA-01")
def test_start_makes_the_first_administrator_without_a_password(empty: World) -> None:
    printed = started(" Ann@Example.org", "Ann")
    ann = Person.objects.get(email="ann@example.org")
    assert not ann.has_usable_password()
    given = RoleGrant.objects.get(person=ann)
    assert (given.role, given.trial, given.site) == ("system_administrator", None, None)
    assert "48 hours" in printed
    assert Client().get(path(printed)).status_code == 200
    verbs = [act.verb for act in Act.objects.filter(chain="installation").order_by("-pk")[:3]]
    assert verbs == ["person.link_shown", "grant.given", "person.created"]
    assert path(printed).split("/")[3] not in str([vars(act) for act in Act.objects.all()])
    assert not Notification.objects.exists()


@pytest.mark.shows("STA-01")
def test_asked_again_before_she_came_it_prints_another_link_for_her(empty: World) -> None:
    started()
    again = started("ANN@example.org", "Ann")
    assert RoleGrant.objects.filter(role="system_administrator").count() == 2
    assert Client().get(path(again)).status_code == 200


@pytest.mark.shows("STA-01")
def test_a_second_administrator_is_refused_and_told_what_to_do(empty: World) -> None:
    started()
    with pytest.raises(
        CommandError, match=r"already: Ann <ann@example\.org>.*one_time_link ann@example\.org"
    ):
        started("eve@example.org", "Eve")
    assert not Person.objects.filter(email="eve@example.org").exists()
    person = Person.objects.get(email="ann@example.org")
    person.set_password("a long test password")
    Person.objects.filter(pk=person.pk).update(password=person.password)
    with pytest.raises(Refusal) as refused:
        installations.start(purpose="", email="ann@example.org", name="Ann")
    assert refused.value.code == "start.administrator"


@pytest.mark.parametrize(
    ("email", "name", "item"), [("not an address", "Ann", "email"), ("a@x.org", " ", "name")]
)
def test_an_address_and_a_name_that_cannot_be_are_refused(
    empty: World, email: str, name: str, item: str
) -> None:
    with pytest.raises(Refusal) as refused:
        installations.start(purpose="", email=email, name=name)
    assert refused.value.item == item


def test_what_is_missing_is_asked_for_or_named(empty: World, monkeypatch: Any) -> None:
    with pytest.raises(CommandError, match="--name is missing"):
        call_command("start", email="ann@example.org", no_input=True)
    answers = iter(["ann@example.org", "Ann"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    out = io.StringIO()
    call_command("start", stdout=out)
    assert "System administrator: Ann <ann@example.org>" in out.getvalue()


def test_a_strict_installation_is_told_what_its_database_is_for(empty: World, settings: Any) -> None:
    settings.STRICT, settings.PURPOSE, settings.MODE = True, "training", "training"
    assert "This database is for training" in started()


@pytest.mark.shows("STA-01")
def test_who_is_administrator_no_more_does_not_stand_in_the_way(empty: World) -> None:
    started()
    today = timezone.now().date()
    RoleGrant.objects.filter(person__email="ann@example.org").update(
        starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1)
    )
    printed = started("eve@example.org", "Eve")
    assert "Eve <eve@example.org>" in printed
    assert Client().get(path(printed)).status_code == 200


@pytest.mark.shows("STA-01")
def test_a_link_can_be_printed_for_an_open_account_only(world: World) -> None:
    person, out = world.person("coordinator"), io.StringIO()
    call_command("one_time_link", person.email.upper(), stdout=out)
    assert Client().get(path(out.getvalue())).status_code == 200
    # The auditors of the trial that the link opens see it.
    act = Act.objects.latest("pk")
    assert (act.verb, act.chain) == ("person.link_shown", TRIAL)
    with pytest.raises(CommandError, match="no open account nobody@example"):
        call_command("one_time_link", "nobody@example.org")


@pytest.mark.shows("STA-02")
def test_what_it_is_for_cannot_be_changed_behind_the_back(world: World) -> None:
    installations.settle(purpose=Purpose.TRAINING, by=None)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE trial_installation SET purpose = 'production'")


@pytest.mark.shows("STA-01")
def test_a_program_chooses_no_password(world: World) -> None:
    robot = people.service_identity(name="IMPORT")
    Person.objects.filter(pk=robot.pk).update(is_active=True)
    robot.refresh_from_db()
    proof = links.make(robot).split("/")[-2]
    with pytest.raises(Refusal) as refused:
        welcome.choose_password(person=robot, proof=proof, password="quite another long password", by=robot)
    assert refused.value.code == "link.used"
