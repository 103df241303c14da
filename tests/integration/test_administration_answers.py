"""Journeys of administration: an answer counts for the question that was asked, and what is offered can be done."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from tests.integration.test_participant_pages import text
from tests.world import PASSWORD, TRIAL, World
from trial import audit
from trial.actions import participants, people, sites
from trial.models import Act, Person, RoleGrant, Site, Trial
from trial.refusals import Refusal
from trial.states import SiteState

SignIn = Callable[..., Client]

HERE = f"/trials/{TRIAL}"


def sure(client: Client) -> Client:
    """The client after its person has proved again who she is."""
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def parts(day: date, field: str) -> dict[str, str]:
    return {f"{field}_0": str(day.day), f"{field}_1": str(day.month), f"{field}_2": str(day.year)}


def grant_of(world: World, role: str) -> RoleGrant:
    return RoleGrant.objects.get(person=world.person(role), trial=world.trial)


# Yes to a question that is no longer asked.


def test_an_answer_sent_twice_closes_a_site_once(world: World, sign_in: SignIn) -> None:
    client, page = sure(sign_in("administrator")), f"{HERE}/sites/02/state/"
    question = client.get(page)
    assert question.context["hidden"] == [("to", "closed")]
    assert "data-once" in question.content.decode()
    answer = {"to": "closed", "reason": "audit finding"}
    assert client.post(page, answer).status_code == 302
    again = text(client.post(page, answer))
    assert "is closed already" in again
    assert Site.objects.get(trial=world.trial, code="02").state == SiteState.CLOSED


def test_an_answer_sent_twice_closes_recruitment_once(world: World, sign_in: SignIn) -> None:
    client, page = sure(sign_in("administrator")), f"{HERE}/recruitment/"
    assert client.get(page).context["hidden"] == [("to", "closed")]
    answer = {"to": "closed", "reason": "enough participants"}
    assert client.post(page, answer).status_code == 302
    assert "Recruitment is closed already" in text(client.post(page, answer))
    assert not Trial.objects.get(key=TRIAL).recruiting


@pytest.mark.parametrize("page", ["/sites/02/state/", "/recruitment/"])
@pytest.mark.parametrize("to", [{}, {"to": ""}, {"to": "elsewhere"}])
def test_an_answer_without_its_question_changes_nothing(
    world: World, sign_in: SignIn, page: str, to: dict[str, str]
) -> None:
    answer = sure(sign_in("administrator")).post(f"{HERE}{page}", {"reason": "audit finding", **to})
    assert "came without its question" in text(answer)
    assert Site.objects.get(trial=world.trial, code="02").state == SiteState.OPEN
    assert Trial.objects.get(key=TRIAL).recruiting


# The end of a role, and of an account.


def test_ending_a_role_does_not_prolong_it(world: World, sign_in: SignIn) -> None:
    by, given, today = world.person("administrator"), grant_of(world, "data_manager"), timezone.now().date()
    last = today + timedelta(days=10)
    people.end_grant(given=given, on=last, reason="leaves", by=by)
    page = f"{HERE}/people/roles/{given.pk}/end/"
    later = {**parts(last + timedelta(days=1), "on"), "reason": "stays after all"}
    answer = sure(sign_in("administrator")).post(page, later)
    assert f"The role ends on {last.isoformat()} anyway" in str(answer.context["form"].errors["on"])
    assert "grant it again" in text(answer)
    given.refresh_from_db()
    assert given.ends_on == last
    people.end_grant(given=given, on=today, reason="leaves earlier", by=by)
    given.refresh_from_db()
    assert given.ends_on == today


def test_what_became_of_a_role_names_the_role_and_whose(world: World) -> None:
    by, given = world.person("administrator"), grant_of(world, "data_manager")
    whose = {"person": given.person.email, "role": "data_manager"}
    people.end_grant(given=given, on=None, reason="left", by=by)
    ended = Act.objects.latest("pk")
    assert ended.verb == "grant.ended"
    assert ended.changes.items() >= whose.items()
    today = timezone.now().date()
    people.grant(person=given.person, trial=world.trial, role="data_manager", starts_on=today, by=by)
    assert Act.objects.latest("pk").changes == whose
    assert audit.verify() == []


def _data_manager_there_too(world: World, person: Person) -> None:
    """Give somebody a role in the other trial as well."""
    by, today = people.service_identity(name="IMPORT"), timezone.now().date()
    people.grant(person=person, trial=world.other_trial, role="data_manager", starts_on=today, by=by)


def test_a_closed_account_stands_in_the_trail_of_each_of_its_trials(world: World, sign_in: SignIn) -> None:
    by, person = world.person("administrator"), world.person("data_manager")
    _data_manager_there_too(world, person)
    people.disable(person=person, reason="left the sponsor", by=by)
    acts = Act.objects.filter(verb="person.disabled")
    assert {act.chain for act in acts} == {"installation", world.trial.key, world.other_trial.key}
    assert {act.reason for act in acts} == {"left the sponsor"}
    page = text(sign_in("administrator").get(f"{HERE}/audit/"))
    assert "Account closed" in page
    assert person.email in page
    assert audit.verify() == []


def test_the_trail_says_yes_and_no(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    client.post(f"{HERE}/recruitment/", {"to": "closed", "reason": "enough participants"})
    page = text(client.get(f"{HERE}/audit/"))
    assert "Recruiting" in page
    assert "True" not in page
    assert "False" not in page


def test_an_account_of_other_trials_too_is_not_offered_to_be_closed(world: World, sign_in: SignIn) -> None:
    person, client = world.person("data_manager"), sure(sign_in("administrator"))
    page, closing = f"{HERE}/people/{person.pk}/", f"{HERE}/people/{person.pk}/close/"
    assert closing in client.get(page).content.decode()
    _data_manager_there_too(world, person)
    shown = client.get(page)
    assert closing not in shown.content.decode()
    assert "only the system administrator may close it" in text(shown)
    assert client.get(closing).status_code == 403


# Sentences.


@pytest.mark.parametrize(
    ("role", "trial", "site", "item", "says"),
    [
        ("coordinator", True, "", "site", "“Coordinator” is a role at one site."),
        ("data_manager", True, "01", "site", "“Data manager” is a role in the whole trial."),
        ("administrator", False, "", "trial", "“Administrator” is a role in a trial."),
        ("system_administrator", True, "", "trial", "“System administrator” is a role over the whole"),
    ],
)
def test_a_role_in_the_wrong_place_is_refused_in_words(
    world: World, role: str, trial: bool, site: str, item: str, says: str
) -> None:
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=world.person("dsmb_member"),
            trial=world.trial if trial else None,
            site=Site.objects.get(trial=world.trial, code=site) if site else None,
            role=role,
            starts_on=timezone.now().date(),
            by=world.person("administrator"),
        )
    assert (refused.value.code, refused.value.item) == ("grant.scope", item)
    assert refused.value.message.startswith(says)
    assert refused.value.remedy


def test_two_roles_that_may_not_meet_are_told_by_their_names(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        people.grant(
            person=world.person("dsmb_member"),
            trial=world.trial,
            role="data_manager",
            starts_on=timezone.now().date(),
            by=world.person("administrator"),
        )
    assert refused.value.message.startswith("Data manager and DSMB member may not meet")


def test_a_step_that_cannot_be_taken_is_told_by_the_words_of_the_states(world: World) -> None:
    randomized = world.participant(site="01")
    by = world.person("investigator", site="01")
    participants.withdraw(participant=randomized, reason="moved away", by=by)
    with pytest.raises(Refusal) as refused:
        participants.withdraw(participant=randomized, reason="moved away", by=by)
    assert "is Withdrawn and cannot become Withdrawn." in refused.value.message
    assert refused.value.remedy


# Names that are given once.


def test_a_name_that_is_taken_is_refused_and_the_rest_of_the_block_stands(world: World) -> None:
    """As in a race: the database, not a look beforehand, knows that the name is taken."""
    by, site = world.person("administrator"), Site.objects.get(trial=world.trial, code="01")
    taken = world.participant(site="01").label
    with audit.writing_block(by=by, reason="", verb="test", about={}):
        for act, code in (
            (lambda: participants.register(site=site, label=taken, by=by), "participant.label"),
            (lambda: sites.add(trial=world.trial, code="01", name="Again", by=by), "site.code"),
            (
                lambda: people.create(email=by.email, name="Again", password=PASSWORD, by=by),
                "person.email",
            ),
        ):
            with pytest.raises(Refusal) as refused:
                act()
            assert refused.value.code == code
        sites.add(trial=world.trial, code="77", name="Afterwards", by=by)
    assert Site.objects.filter(trial=world.trial, code="77").exists()
    assert audit.verify() == []


# Folders.


@pytest.mark.parametrize("name", ["colon-moertel.v2", "t1 copy"])
def test_a_protocol_folder_may_bear_any_name(
    world: World, sign_in: SignIn, settings: Any, tmp_path: Path, name: str
) -> None:
    copytree(django_settings.PROTOCOLS / "t1-salvage", tmp_path / name)
    settings.PROTOCOLS = tmp_path
    client = sure(sign_in("system_administrator"))
    listed = client.get("/installation/protocols/")
    assert listed.status_code == 200
    [row] = listed.context["rows"]
    [(_label, address)] = row["cells"][-1]["links"]
    assert client.get(address).status_code == 200
