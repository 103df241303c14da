"""Journeys of the first day: a protocol, its administrator, sites, people; what is asked first and what is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.test_participant_pages import text
from tests.world import OTHER_TRIAL, PASSWORD, TRIAL, World
from trial import access, audit
from trial.actions import participants, people, protocols, sites, trials
from trial.models import Act, Notification, Person, RoleGrant, Site, Trial
from trial.permissions import Permission
from trial.protocol.loader import load, load_files
from trial.refusals import Refusal

SignIn = Callable[..., Client]

HERE = f"/trials/{TRIAL}"
INSTALLATION = "/installation"


def sure(client: Client) -> Client:
    """The client after its person has proved again who she is."""
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def today(field: str = "starts_on", *, days: int = 0) -> dict[str, str]:
    """Today, or another day, in the three parts of a day field."""
    day = timezone.now().date() + timedelta(days=days)
    return {f"{field}_0": str(day.day), f"{field}_1": str(day.month), f"{field}_2": str(day.year)}


def invitation(**changes: str) -> dict[str, str]:
    """A filled-in invitation of a coordinator."""
    filled = {"email": "new@example.org", "name": "New Person", "role": "coordinator", "site": "01"}
    return {**filled, **today(), **changes}


def newcomer() -> Person:
    return Person.objects.get(email="new@example.org")


# Sites.


def test_a_site_is_added_shown_and_changed_with_reasons(world: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    filled = {"code": "09", "name": "Harbour hospital", "time_zone": "Asia/Shanghai", "cap": "12"}
    assert client.post(f"{HERE}/sites/add/", filled).status_code == 302
    site = Site.objects.get(trial=world.trial, code="09")
    assert (site.name, site.cap, site.time_zone, site.state) == (
        "Harbour hospital",
        12,
        "Asia/Shanghai",
        "open",
    )
    page = text(client.get(f"{HERE}/sites/"))
    assert "09 Harbour hospital" in page
    assert "Asia/Shanghai" in page
    client.post(f"{HERE}/sites/09/cap/", {"cap": "", "reason": "the sponsor agreed"})
    site.refresh_from_db()
    assert site.cap is None
    assert Act.objects.latest("pk").changes == {"cap": [12, None]}
    changed = {"name": "Harbour", "time_zone": "Europe/Berlin", "reason": "renamed"}
    client.post(f"{HERE}/sites/09/", changed)
    site.refresh_from_db()
    assert (site.name, site.time_zone) == ("Harbour", "Europe/Berlin")
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": "01"}, "exists already"),
        ({"code": "a b"}, "cannot be the code"),
        ({"code": "add"}, "cannot be the code"),
        ({"name": ""}, "Enter the name"),
        ({"time_zone": ""}, "Choose the time zone"),
        ({"cap": "0"}, "Enter a number from 1"),
        ({"cap": "many"}, "Enter a number from 1"),
    ],
)
def test_a_site_that_cannot_be_is_refused_at_its_field(
    world: World, sign_in: SignIn, changes: dict[str, str], says: str
) -> None:
    filled = {"code": "09", "name": "Harbour", "time_zone": "UTC", "cap": "", **changes}
    answer = sign_in("administrator").post(f"{HERE}/sites/add/", filled)
    assert says in text(answer)
    assert "error-summary-title" in text(answer)
    assert Site.objects.filter(trial=world.trial).count() == 5


def test_the_clock_of_a_site_with_participants_stays(world: World, sign_in: SignIn) -> None:
    filled = {"name": "Other", "time_zone": "Asia/Tokyo", "reason": "moved"}
    answer = sign_in("administrator").post(f"{HERE}/sites/01/", filled)
    assert "days were told by the clock" in text(answer)
    assert Site.objects.get(trial=world.trial, code="01").time_zone != "Asia/Tokyo"


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


def test_a_site_is_closed_after_a_question_and_a_proof_and_opened_again(
    world: World, sign_in: SignIn
) -> None:
    client, page = sign_in("administrator"), f"{HERE}/sites/02/state/"
    assert client.post(page, {"reason": "audit finding"}).headers["Location"].startswith("/account/confirm/")
    sure(client)
    question = text(client.get(page))
    assert "Close site 02" in question
    assert "the data stay" in question
    assert "Say why" in text(client.post(page, {"reason": ""}))
    client.post(page, {"to": "closed", "reason": "audit finding"})
    site = Site.objects.get(trial=world.trial, code="02")
    assert site.state == "closed"
    assert Act.objects.latest("pk").reason == "audit finding"
    with pytest.raises(Refusal):
        participants.register(site=site, label="02-9999", by=world.person("coordinator", site="02"))
    assert "Open site 02" in text(client.get(page))
    client.post(page, {"to": "open", "reason": "solved"})
    site.refresh_from_db()
    assert site.state == "open"


def test_recruitment_is_closed_and_opened_with_a_reason(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    assert "Recruitment is open" in text(client.get(f"{HERE}/sites/"))
    assert "Close the recruitment" in text(client.get(f"{HERE}/recruitment/"))
    client.post(f"{HERE}/recruitment/", {"to": "closed", "reason": "enough participants"})
    assert not Trial.objects.get(key=TRIAL).recruiting
    assert "Recruitment is closed" in text(client.get(f"{HERE}/sites/"))
    assert Act.objects.latest("pk").changes == {"recruiting": [True, False]}
    assert "Open the recruitment" in text(client.get(f"{HERE}/recruitment/"))
    client.post(f"{HERE}/recruitment/", {"to": "open", "reason": "sample size raised"})
    assert Trial.objects.get(key=TRIAL).recruiting


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


def test_a_site_that_is_not_there_is_not_found(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    assert client.get(f"{HERE}/sites/no-such-site/state/").status_code == 404
    assert client.get(f"{HERE}/sites/no-such-site/cap/").status_code == 404


# People.


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


@pytest.mark.shows("ACC-03")
@pytest.mark.parametrize(("role", "site"), [("coordinator", "01"), ("data_manager", ""), ("dsmb_member", "")])
def test_an_administrator_gives_herself_no_role(world: World, sign_in: SignIn, role: str, site: str) -> None:
    me = world.person("administrator")
    filled = invitation(email=me.email, role=role, site=site)
    answer = text(sure(sign_in("administrator")).post(f"{HERE}/people/invite/", filled))
    assert "Nobody gives herself a role" in answer
    assert "another administrator" in answer
    assert RoleGrant.objects.filter(person=me).count() == 1


# The installation.


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


# Protocols.


@pytest.fixture
def beside(world: World, settings: Any, tmp_path: Path) -> Path:
    """A folder of protocols: one in force, one not, one that does not load."""
    for name, key, broken in (
        ("in-force", TRIAL, False),
        ("to-come", "to-come", False),
        ("broken", "broken", True),
    ):
        for file, written in world.trial.protocol.files.items():
            target = tmp_path / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            wrong = written.replace("arms:", "armz:", 1) if broken and file == "protocol.yaml" else written
            target.write_text(wrong.replace(f"trial: {TRIAL}", f"trial: {key}", 1))
    (tmp_path / "README.md").write_text("not a protocol")
    settings.PROTOCOLS = tmp_path
    return tmp_path


def test_protocols_are_listed_with_their_states_and_problems(
    world: World, beside: Path, sign_in: SignIn
) -> None:
    client = sign_in("system_administrator")
    page = text(client.get(f"{INSTALLATION}/protocols/"))
    for words in ("In force", "Not activated", "Does not load", "protocol.yaml", "armz"):
        assert words in page
    assert load(beside / "to-come").sha256[:12] in page
    _edit(beside / "in-force", "stage III", "stage 3")
    assert "Changed under the same number" in text(client.get(f"{INSTALLATION}/protocols/"))
    _edit(beside / "in-force", "version: 1", "version: 2")
    assert "Newer text" in text(client.get(f"{INSTALLATION}/protocols/"))
    assert sure(client).get(f"{INSTALLATION}/protocols/broken/").status_code == 404
    assert client.get(f"{INSTALLATION}/protocols/elsewhere/").status_code == 404


def test_no_protocol_is_said(world: World, sign_in: SignIn, settings: Any, tmp_path: Path) -> None:
    settings.PROTOCOLS = tmp_path
    assert "No protocol here" in text(sign_in("system_administrator").get(f"{INSTALLATION}/protocols/"))


@pytest.mark.shows("PRO-01")
def test_a_protocol_is_put_in_force_by_its_hash_and_asks_for_its_administrator(
    world: World, beside: Path, sign_in: SignIn
) -> None:
    client, page = sign_in("system_administrator"), f"{INSTALLATION}/protocols/to-come/"
    assert client.post(page).headers["Location"].startswith("/account/confirm/")
    sure(client)
    seen = load(beside / "to-come").sha256
    question = text(client.get(page))
    assert seen in question
    assert "cannot be edited" in question
    assert "Say why" in text(client.post(page, {"sha256": seen, "reason": ""}))
    _edit(beside / "to-come", "stage III", "stage 3")
    late = client.post(page, {"sha256": seen, "reason": "ethics approval"})
    assert "changed since you looked" in text(late)
    assert not Trial.objects.filter(key="to-come").exists()
    answer = client.post(
        page, {"sha256": load(beside / "to-come").sha256, "reason": "ethics approval"}, follow=True
    )
    assert answer.redirect_chain[0][0] == f"{INSTALLATION}/accounts/invite/?trial=to-come"
    assert "to-come, version 1, is in force" in answer.content.decode()
    assert Act.objects.filter(verb="protocol.activated").latest("pk").reason == "ethics approval"


@pytest.mark.shows("PRO-01")
def test_a_newer_text_names_its_changed_files_and_leads_to_the_first_steps(
    world: World, beside: Path, sign_in: SignIn
) -> None:
    me = world.person("system_administrator")
    people.grant(person=me, trial=world.trial, role="administrator", starts_on=date(2026, 1, 1), by=me)
    _edit(beside / "in-force", "version: 1", "version: 2")
    client, page = sure(sign_in("system_administrator")), f"{INSTALLATION}/protocols/in-force/"
    assert "Changed files: protocol.yaml" in text(client.get(page))
    filled = {"sha256": load(beside / "in-force").sha256, "reason": "amendment 1"}
    assert client.post(page, filled).headers["Location"] == f"{HERE}/first-steps/"
    assert Trial.objects.get(key=TRIAL).protocol.number == 2


def test_an_amendment_of_a_trial_of_others_leads_back_to_the_protocols(
    world: World, beside: Path, sign_in: SignIn
) -> None:
    _edit(beside / "in-force", "version: 1", "version: 2")
    client, page = sure(sign_in("system_administrator")), f"{INSTALLATION}/protocols/in-force/"
    filled = {"sha256": load(beside / "in-force").sha256, "reason": "amendment 1"}
    assert client.post(page, filled).headers["Location"] == f"{INSTALLATION}/protocols/"
    again = client.post(page, filled)
    assert again.status_code == 302


def _edit(folder: Path, old: str, new: str) -> None:
    file = folder / "protocol.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))


# First steps.


def test_the_first_steps_tell_what_is_done_and_what_is_not(world: World, sign_in: SignIn) -> None:
    by = world.person("administrator")
    files = {**world.trial.protocol.files}
    files["protocol.yaml"] = files["protocol.yaml"].replace(f"trial: {TRIAL}", "trial: new-trial", 1)
    trial = protocols.activate(loaded=load_files(files), by=by).trial
    people.grant(person=by, trial=trial, role="administrator", starts_on=date(2026, 1, 1), by=None)
    client = sign_in("administrator")

    def states() -> dict[str, str]:
        response = client.get("/trials/new-trial/first-steps/")
        return {task["label"]: task["state"] for task in response.context["groups"][0]["tasks"]}

    assert list(states().values()) == ["done", "due", "due", "due", "due", "done", "due"]
    site = sites.add(trial=trial, code="01", name="First", by=by)
    assert states()["A site is open"] == "done"
    assert "Nobody yet at: 01 First" in text(client.get("/trials/new-trial/first-steps/"))
    investigator = people.account(email="inv@example.org", name="Inv", by=by)
    people.grant(
        person=investigator,
        trial=trial,
        role="investigator",
        site=site,
        starts_on=date(2026, 1, 1),
        by=by,
    )
    assert states()["Every open site has its staff"] == "done"
    everything = sign_in("administrator").get(f"{HERE}/first-steps/").context["groups"][0]["tasks"]
    assert [task["state"] for task in everything[:2]] == ["done", "done"]
    assert everything[4]["state"] == "done"


def test_home_shows_a_system_administrator_where_to_begin(world: World, sign_in: SignIn) -> None:
    page = sign_in("system_administrator").get("/").content.decode()
    assert "Activate the protocol of a trial" in page
    assert f"{INSTALLATION}/protocols/" in page
    assert "no role in any trial yet" not in page
    assert f"{INSTALLATION}/protocols/" not in sign_in("administrator").get("/").content.decode()
