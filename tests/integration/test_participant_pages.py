"""Journeys: home, the list of participants and the casebook, for those who may see them and those who may not."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.integration.pages import BUDGET, SignIn, main, text
from tests.world import OTHER_TRIAL, TRIAL, World
from trial.actions import participants, people, sites
from trial.models import Participant
from trial.wording import day

LIST = f"/trials/{TRIAL}/participants/"
ARMS = ("Levamisole and fluorouracil", "Lev+5FU", "Observation")
WORK = ("To do next", "Overdue", "Due this week", "Drafts to finish", "Submitted last")


def tasks(response: Any) -> dict[tuple[str, str], str]:
    """The forms outside the planned visits: (visit, form) → state."""
    return {
        (group["title"], task["label"]): task["state"]
        for group in (*response.context["groups"], *response.context["as_needed"])
        for task in group["tasks"]
    }


def other_site(world: World) -> Participant:
    return world.participant(site="02")


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("coordinator", [*WORK, "Participants"]),
        ("investigator", [*WORK, "Participants", "Audit trail"]),
        ("data_manager", ["Participants", "Sites", "Snapshots", "Audit trail"]),
        ("blinded_statistician", ["Snapshots", "API tokens"]),
        ("unblinded_statistician", ["Outcomes by arm", "Snapshots", "API tokens"]),
        ("dsmb_member", ["Outcomes by arm", "Snapshots"]),
        ("administrator", ["First steps", "Audit trail"]),
    ],
)
def test_home_offers_each_role_its_own_work(sign_in: SignIn, role: str, sees: list[str]) -> None:
    response = sign_in(role).get("/")
    assert [card["title"] for card in response.context["trials"][0]["cards"]] == sees
    assert all(title in text(response) for title in sees)


def test_home_says_what_to_do_without_any_role(world: World, client: Client) -> None:
    importer = people.service_identity(name="IMPORT")
    nobody = people.create(email="new@x.invalid", name="New", password="a long test password", by=importer)
    client.force_login(nobody)
    assert "no role in any trial yet" in text(client.get("/"))


def test_home_in_many_trials_says_where_to_go_and_costs_no_more(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    importer = people.service_identity(name="IMPORT")
    coordinator = world.person("coordinator")
    site = world.participant(trial=OTHER_TRIAL).site
    people.grant(
        person=coordinator,
        trial=world.other_trial,
        role="coordinator",
        site=site,
        starts_on=date(2020, 1, 1),
        by=importer,
    )
    client = sign_in("coordinator")
    with django_assert_max_num_queries(BUDGET):
        response = client.get("/")
    assert [trial["key"] for trial in response.context["trials"]] == sorted([OTHER_TRIAL, TRIAL])


def test_a_coordinator_lists_the_participants_of_her_site_only(world: World, sign_in: SignIn) -> None:
    page = text(sign_in("coordinator").get(LIST))
    assert world.participant(site="01").label in page
    assert other_site(world).label not in page


def test_a_data_manager_lists_every_site_and_filters_by_it(world: World, sign_in: SignIn) -> None:
    client = sign_in("data_manager")
    page = text(client.get(LIST))
    assert world.participant(site="01").label in page
    assert other_site(world).label in page
    filtered = text(client.get(LIST, {"site": "02"}))
    assert world.participant(site="01").label not in filtered
    assert other_site(world).label in filtered


def test_nobody_reads_arms_off_the_list(sign_in: SignIn) -> None:
    for role in ("coordinator", "investigator", "data_manager"):
        page = text(sign_in(role).get(LIST))
        assert not [arm for arm in ARMS if arm in page]


def test_search_and_state_narrow_the_list(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    first, second = world.participant(place=0).label, world.participant(place=1).label
    found = text(client.get(LIST, {"search": first}))
    assert first in found
    assert second not in found
    assert first in text(client.get(LIST, {"state": "randomized"}))
    assert "No participant fits these filters" in text(client.get(LIST, {"state": "screening"}))
    assert "No participant fits these filters" in text(client.get(LIST, {"search": "%"}))


@pytest.mark.parametrize(
    "query", [{"state": "bogus"}, {"site": "02"}, {"page": "x"}, {"page": "999"}, {"search": "\x00"}]
)
def test_a_filter_that_does_not_exist_breaks_nothing(
    world: World, sign_in: SignIn, query: dict[str, str]
) -> None:
    page = text(sign_in("coordinator").get(LIST, query))
    assert world.participant(site="01").label in page
    assert other_site(world).label not in page


def test_a_trial_without_participants_says_so(world: World, sign_in: SignIn) -> None:
    importer = people.service_identity(name="IMPORT")
    empty = sites.add(trial=world.trial, code="99", name="Empty", by=importer)
    person = people.create(email="e@x.invalid", name="E", password="a long test password", by=importer)
    people.grant(
        person=person,
        trial=world.trial,
        role="coordinator",
        site=empty,
        starts_on=date(2020, 1, 1),
        by=importer,
    )
    client = Client()
    client.force_login(person)
    assert "No participants yet" in text(client.get(LIST))


@pytest.mark.parametrize(
    ("role", "knows"), [("coordinator", True), ("investigator", True), ("data_manager", True)]
)
def test_the_casebook_shows_the_arm_to_those_who_may_know_it(
    world: World, sign_in: SignIn, role: str, knows: bool
) -> None:
    participant = world.participant(site="01")
    page = text(sign_in(role).get(f"{LIST}{participant.label}/"))
    assert any(arm in page for arm in (*ARMS, "Levamisole")) is knows


def test_the_casebook_has_every_form_with_its_state(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    response = sign_in("coordinator").get(f"{LIST}{participant.label}/")
    assert set(tasks(response)) == {
        ("Start of treatment", "Start of treatment"),
        ("Follow-up contact 1", "Follow-up contact"),
        ("Events", "Recurrence"),
        ("Events", "Death"),
    }
    assert tasks(response)[("Start of treatment", "Start of treatment")] == "submitted"


@pytest.mark.shows("SCH-01")
def test_a_planned_visit_stands_with_target_window_and_state(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    response = sign_in("coordinator").get(f"{LIST}{participant.label}/")
    (row,) = response.context["rows"]
    visit, target, window, forms, state = row["cells"]
    assert visit == {"text": "Baseline"}
    assert target == {"date": participant.randomized_on}
    assert window == {"text": f"{day(participant.randomized_on)} to {day(participant.randomized_on)}"}
    assert forms["links"][0][0] == "Baseline"
    assert (state["status"], state["note"]) == ("done", "")
    assert "Done" in text(response)
    by = world.person("coordinator")
    new = participants.register(site=participant.site, label="01-9005", by=by)
    participants.consent(participant=new, version="1", given_on=date(1984, 3, 1), by=by)
    (row,) = sign_in("coordinator").get(f"{LIST}01-9005/").context["rows"]
    assert row["cells"][1:3] == [{"text": "day 0"}, {"missing": "not yet"}]
    assert row["cells"][-1]["status"] == "not_due"


def test_a_visit_that_may_be_repeated_is_offered_once_more(world: World, sign_in: SignIn) -> None:
    for place in range(6):
        participant = world.participant(site="01", place=place)
        response = sign_in("coordinator").get(f"{LIST}{participant.label}/")
        filled = {form for (_visit, form), state in tasks(response).items() if state != "empty"}
        offered = {button["label"] for button in response.context["more"]}
        assert ("Follow-up contact 2" in offered) is ("Follow-up contact" in filled)
        assert not {"Recurrence 2", "Death 2"} & offered
        assert "Baseline 2" not in offered


def test_readers_are_offered_no_entry(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    response = sign_in("data_manager").get(f"{LIST}{participant.label}/")
    assert response.context["more"] == []


@pytest.mark.shows("CON-01")
def test_after_withdrawal_the_casebook_offers_nothing_new_and_keeps_what_there_is(
    world: World, sign_in: SignIn
) -> None:
    participant = world.participant(site="01")
    participants.withdraw(participant=participant, reason="own wish", by=world.person("investigator"))
    response = sign_in("coordinator").get(f"{LIST}{participant.label}/")
    assert "no new form may be begun" in text(response)
    assert response.context["more"] == []
    assert set(tasks(response).values()) == {"submitted"}
    assert [row["cells"][-1]["status"] for row in response.context["rows"]] == ["done"]


def test_the_way_to_the_trail_is_shown_to_those_who_may_read_it(world: World, sign_in: SignIn) -> None:
    url = f"{LIST}{world.participant(site='01').label}/"
    assert "/audit/?participant=" in text(sign_in("investigator").get(url))
    assert "/audit/?participant=" not in text(sign_in("coordinator").get(url))


@pytest.mark.shows("ACC-01")
def test_a_casebook_of_another_site_or_trial_does_not_exist(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    foreign = world.participant(trial=OTHER_TRIAL).label
    for path in (
        f"{LIST}{other_site(world).label}/",
        f"{LIST}no-such-label/",
        f"/trials/{OTHER_TRIAL}/participants/{foreign}/",
        f"/trials/{OTHER_TRIAL}/participants/",
    ):
        response = client.get(path)
        assert response.status_code == 404
        assert other_site(world).label not in main(response)


def test_without_the_right_to_see_participants_there_is_a_refusal(world: World, sign_in: SignIn) -> None:
    for role in ("blinded_statistician", "unblinded_statistician", "dsmb_member", "administrator"):
        client = sign_in(role)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}{world.participant().label}/").status_code == 403


def test_pages_stay_within_their_budget_of_queries(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    label = world.participant(site="01").label
    for role in ("coordinator", "data_manager"):
        client = sign_in(role)
        for path in ("/", LIST, f"{LIST}{label}/"):
            with django_assert_max_num_queries(BUDGET):
                assert client.get(path).status_code == 200


def test_pages_speak_chinese_where_the_protocol_does(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    # A request leaves its language behind in the thread; the tests after this one read English.
    with translation.override("en"):
        client.post("/language/", {"language": "zh-hans"})
        page = text(client.get(f"{LIST}{world.participant(site='01').label}/"))
    assert "基线" in page
    assert "随访联系" in page
