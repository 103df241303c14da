"""Accounts, grants and sites: what is recorded, what is refused, and what a person may do on which day."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.unit.trial.protocol_files import changed
from tests.world import PASSWORD, World, address
from trial import access
from trial.actions import people, protocols, sites, trials
from trial.models import Act, Person, RoleGrant, Site
from trial.permissions import Permission
from trial.protocol.loader import LoadedProtocol, load_files
from trial.refusals import Refusal
from trial.states import SiteState


def code_of(refused: "pytest.ExceptionInfo[Refusal]") -> str:
    return refused.value.code


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_weak_password_is_refused_and_no_account_is_made(world: World, password: str) -> None:
    by = world.person("administrator")
    with pytest.raises(Refusal) as refused:
        people.create(email="new@example.org", name="New", password=password, by=by)
    assert code_of(refused) == "person.password"
    assert not Person.objects.filter(email="new@example.org").exists()


@pytest.mark.shows("ACC-03")
def test_an_address_is_used_once(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        people.create(
            email=address("coordinator").upper(),
            name="Again",
            password=PASSWORD,
            by=world.person("administrator"),
        )
    assert code_of(refused) == "person.email"


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize(
    ("email", "name", "item"),
    [
        ("new@example.org", "New\nBcc: x@example.org", "name"),
        ("new@example.org", "N\x00w", "name"),
        ("new@example.org", "N\u2028w", "name"),
        ('"a\x01b"@example.org', "New", "email"),
        ("new@example.org\r\nBcc: x@example.org", "New", "email"),
    ],
)
def test_a_name_and_an_address_stand_on_one_line(world: World, email: str, name: str, item: str) -> None:
    makers = (partial(people.create, password=PASSWORD), people.account)
    for make in makers:
        with pytest.raises(Refusal) as refused:
            make(email=email, name=name, by=world.person("administrator"))
        assert (code_of(refused), refused.value.item) == (f"person.{item}", item)


@pytest.mark.shows("STA-01")
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database")
def test_of_two_system_administrators_who_end_each_other_the_second_waits(world: World) -> None:
    by, first = world.person("administrator"), world.person("system_administrator")
    second = people.create(email="second@example.org", name="Second", password=PASSWORD, by=by)
    role = "system_administrator"
    given = people.grant(person=second, trial=None, role=role, starts_on=date(2026, 1, 1), by=by)
    for act in (
        partial(people.end_grant, given=given, on=None, reason="left", by=first),
        partial(people.disable, person=second, reason="left", by=first),
    ):
        with CaptureQueriesContext(connection) as asked:
            act()
        locks = [query["sql"] for query in asked if "FOR NO KEY UPDATE" in query["sql"]]
        assert [lock for lock in locks if '"trial_id" IS NULL' in lock]


@pytest.mark.shows("ACC-03")
def test_a_closed_account_is_given_no_role(world: World) -> None:
    by, stale = world.person("administrator"), world.person("coordinator")
    people.disable(person=Person.objects.get(pk=stale.pk), reason="left", by=by)
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=stale, trial=world.other_trial, role="data_manager", starts_on=date(2026, 1, 1), by=by
        )
    assert code_of(refused) == "person.closed"


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize(
    ("role", "site", "code"),
    [
        ("no_such_role", None, "grant.role"),
        ("coordinator", None, "grant.scope"),
        ("administrator", "01", "grant.scope"),
    ],
)
def test_a_grant_that_does_not_fit_the_role_is_refused(
    world: World, role: str, site: str | None, code: str
) -> None:
    place = Site.objects.get(trial=world.trial, code=site) if site else None
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=world.person("administrator"),
            trial=world.trial,
            role=role,
            site=place,
            starts_on=date(2026, 1, 1),
            by=world.person("administrator"),
        )
    assert code_of(refused) == code


@pytest.mark.shows("ACC-03")
def test_a_role_is_not_granted_at_a_site_of_another_trial(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=world.person("coordinator"),
            trial=world.trial,
            role="coordinator",
            site=Site.objects.get(trial=world.other_trial, code="01"),
            starts_on=date(2026, 1, 1),
            by=world.person("administrator"),
        )
    assert code_of(refused) == "grant.site"


@pytest.mark.shows("ACC-03")
def test_an_ended_grant_opens_nothing_any_more(world: World, sign_in: object) -> None:
    person = world.person("coordinator")
    assert access.can(person, Permission.PARTICIPANT_VIEW, trial=world.trial, site=world.participant().site)
    given = RoleGrant.objects.get(person=person)
    yesterday = timezone.now().date() - timedelta(days=1)
    people.end_grant(given=given, on=yesterday, reason="left", by=world.person("administrator"))
    client = sign_in("coordinator")  # type: ignore[operator]
    assert client.get(reverse("participants", args=[world.trial.key])).status_code == 404
    assert Act.objects.latest("pk").verb == "grant.ended"


@pytest.mark.shows("ACC-03")
def test_a_disabled_person_is_out_at_once(world: World, sign_in: object) -> None:
    client = sign_in("coordinator")  # type: ignore[operator]
    assert client.get(reverse("home")).status_code == 200
    people.disable(person=world.person("coordinator"), reason="left", by=world.person("administrator"))
    assert client.get(reverse("home")).status_code == 302


@pytest.mark.shows("ACC-04")
def test_signing_in_failing_and_out_are_acts_without_what_was_typed(world: World) -> None:
    client, url = Client(), reverse("account_login")
    client.post(url, {"login": address("coordinator"), "password": "not the password"})
    client.post(url, {"login": "nobody@example.org", "password": "not the password"})
    client.post(url, {"login": address("coordinator"), "password": PASSWORD})
    client.post(reverse("account_logout"))
    acts = list(Act.objects.order_by("-pk")[:4])
    assert [act.verb for act in reversed(acts)] == [
        "account.sign_in_failed",
        "account.sign_in_failed",
        "account.signed_in",
        "account.signed_out",
    ]
    assert not any("not the password" in str(vars(act)) or "nobody@" in str(vars(act)) for act in acts)


@pytest.mark.shows("ACC-04")
def test_five_failures_close_the_account_for_a_while(world: World) -> None:
    client, url = Client(), reverse("account_login")
    for _attempt in range(5):
        client.post(url, {"login": address("investigator"), "password": "not the password"})
    answer = client.post(url, {"login": address("investigator"), "password": PASSWORD})
    assert answer.status_code == 200
    assert client.get(reverse("home")).status_code == 302


@pytest.mark.shows("ACC-04")
def test_a_changed_password_is_an_act_and_the_old_one_is_gone(world: World) -> None:
    person = world.person("coordinator")
    people.set_password(person=person, password="another long password", by=person)
    assert Act.objects.latest("pk").verb == "person.password_set"
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.get(reverse("home")).status_code == 302


def test_a_service_identity_is_made_once_and_cannot_sign_in(world: World) -> None:
    robot = people.service_identity(name="IMPORT")
    assert robot == people.service_identity(name="IMPORT")
    assert not robot.has_usable_password()
    assert not robot.is_active


def test_a_site_needs_a_real_time_zone_and_its_own_code(world: World) -> None:
    by = world.person("administrator")
    for code, zone, expected in (("07", "Mars/Base", "site.time_zone"), ("01", "UTC", "site.code")):
        with pytest.raises(Refusal) as refused:
            sites.add(trial=world.trial, code=code, name="x", time_zone=zone, by=by)
        assert code_of(refused) == expected
    site = sites.add(trial=world.trial, code="07", name="Guangzhou", time_zone="Asia/Shanghai", by=by)
    with pytest.raises(Refusal) as refused:
        sites.change_state(site=site, to=SiteState.OPEN, reason="again", by=by)
    assert code_of(refused) == "site.state"


def _changed(world: World, old: str, new: str) -> LoadedProtocol:
    return load_files(changed("protocol.yaml", old, new, among=world.trial.protocol.files))


@pytest.mark.shows("PRO-01")
def test_activating_the_text_in_force_changes_nothing(world: World) -> None:
    version = protocols.activate(
        loaded=load_files(world.trial.protocol.files), by=world.person("administrator")
    )
    assert version == world.trial.protocol


@pytest.mark.shows("PRO-01")
def test_another_text_needs_the_next_version_number(world: World) -> None:
    by = world.person("administrator")
    with pytest.raises(Refusal) as refused:
        protocols.activate(loaded=_changed(world, "stage III", "stage 3"), by=by)
    assert code_of(refused) == "protocol.version"
    version = protocols.activate(loaded=_changed(world, "version: 1", "version: 2"), by=by)
    assert (version.number, version.sha256 != world.snapshot.protocol.sha256) == (2, True)
    # What was entered and frozen before stays under the text it was made under.
    assert world.snapshot.protocol.number == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda site, by: sites.change_cap(site=site, cap=0, reason="x", by=by), "site.cap"),
        (lambda site, by: sites.change_cap(site=site, cap=5, reason=" ", by=by), "reason.missing"),
        (
            lambda site, by: sites.describe(site=site, name=" ", time_zone="UTC", reason="x", by=by),
            "site.name",
        ),
    ],
)
def test_an_action_on_a_site_refuses_by_itself(world: World, call: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        call(Site.objects.get(trial=world.trial, code="02"), world.person("administrator"))
    assert refused.value.code == code


@pytest.mark.parametrize("recruiting", [True, False])
def test_recruitment_that_is_so_already_is_said(world: World, recruiting: bool) -> None:
    by = world.person("administrator")
    if not recruiting:
        trials.change_recruiting(trial=world.trial, recruiting=False, reason="pause", by=by)
    with pytest.raises(Refusal) as refused:
        trials.change_recruiting(trial=world.trial, recruiting=recruiting, reason="again", by=by)
    assert refused.value.code == "trial.recruiting"
    with pytest.raises(Refusal) as refused:
        trials.change_recruiting(trial=world.trial, recruiting=not recruiting, reason=" ", by=by)
    assert refused.value.code == "reason.missing"


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize("first", ["system_administrator", "unblinded_statistician"])
def test_a_system_administrator_is_blinded_in_every_trial(world: World, first: str) -> None:
    person, by = world.person(first), world.person("administrator")
    second = "unblinded_statistician" if first == "system_administrator" else "system_administrator"
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=person,
            trial=world.other_trial if second == "unblinded_statistician" else None,
            role=second,
            starts_on=date(2026, 1, 1),
            by=by,
        )
    assert refused.value.code == "grant.incompatible"


@pytest.mark.shows("ACC-03")
def test_a_grant_works_from_its_first_day_in_utc_to_its_last(world: World, monkeypatch: Any) -> None:
    by, person = world.person("administrator"), people.account(email="x@x.org", name="X", by=None)
    people.grant(
        person=person,
        trial=world.trial,
        role="data_manager",
        starts_on=date(2030, 3, 2),
        ends_on=date(2030, 3, 4),
        by=by,
    )
    answers = {}
    for day, hour in ((1, 23), (2, 0), (4, 23), (5, 0)):
        at = datetime(2030, 3, day, hour, 59 if hour else 0, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        fresh = Person.objects.get(pk=person.pk)
        answers[day] = access.can(fresh, Permission.PARTICIPANT_VIEW, trial=world.trial)
    assert answers == {1: False, 2: True, 4: True, 5: False}


@pytest.mark.shows("STA-01")
@pytest.mark.parametrize("days", [{"ends_on": 3}, {"starts_on": 3}])
def test_a_system_administrator_for_a_while_is_not_the_one_who_remains(
    world: World, days: dict[str, int]
) -> None:
    me, now = world.person("system_administrator"), timezone.now().date()
    second = people.create(email="second@example.org", name="Second", password=PASSWORD, by=me)
    held = {"starts_on": now, **{name: now + timedelta(days=each) for name, each in days.items()}}
    people.grant(person=second, trial=None, role="system_administrator", by=me, **held)
    with pytest.raises(Refusal) as refused:
        people.disable(person=me, reason="tired", by=second)
    assert refused.value.code == "grant.last"
