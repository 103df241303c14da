"""Journey: a person is registered for screening under a label that names nobody."""

from datetime import date

import pytest

from tests.integration.pages import SignIn, text
from tests.world import TRIAL, World
from trial.actions import participants, people, sites, trials
from trial.models import Act, Participant, Site
from trial.refusals import Refusal
from trial.selectors import next_labels
from trial.states import ParticipantState, SiteState

LIST = f"/trials/{TRIAL}/participants/"
REGISTER = f"{LIST}register/"


def _site(world: World, code: str) -> Site:
    return Site.objects.get(trial=world.trial, code=code)


def _new_site(world: World) -> Site:
    """A site at which nobody is registered yet."""
    by = world.person("administrator")
    return sites.add(trial=world.trial, code="77", name="New", time_zone="Asia/Shanghai", by=by)


def test_the_next_label_of_her_site_is_proposed(world: World, sign_in: SignIn) -> None:
    labels = Participant.objects.filter(trial=world.trial, label__startswith="01-").values_list(
        "label", flat=True
    )
    highest = max(int(label.rpartition("-")[2]) for label in labels)
    response = sign_in("coordinator").get(REGISTER)
    assert response.context["form"]["label"].value() == f"01-{highest + 1:04}"
    assert response.context["form"]["site"].value() == "01"
    assert [code for code, _name in response.context["form"].fields["site"].choices] == ["01"]
    assert "no national id" in text(response)


@pytest.mark.parametrize(
    ("there", "free"),
    [
        ((), "77-0001"),
        (("77-001", "77-086"), "77-087"),
        (("77-99", "77-098", "77-x12"), "77-100"),
        (("77-999",), "77-1000"),
        (("77-20260401", "77-0007"), "77-0008"),
    ],
)
def test_the_next_label_has_the_shape_of_those_of_its_site(
    world: World, there: tuple[str, ...], free: str
) -> None:
    site = _new_site(world)
    for label in there:
        participants.register(site=site, label=label, by=world.person("administrator"))
    assert next_labels(world.trial, ["77"]) == {"77": free}


@pytest.mark.parametrize("label", ["77-0086", "77-86", "77-00086"])
def test_a_label_that_only_zeros_tell_from_another_is_refused_and_the_next_one_named(
    world: World, label: str
) -> None:
    site, by = _new_site(world), world.person("administrator")
    participants.register(site=site, label="77-086", by=by)
    with pytest.raises(Refusal) as caught:
        participants.register(site=site, label=label, by=by)
    assert (caught.value.code, caught.value.item) == ("participant.label", "label")
    assert "77-086" in caught.value.message
    assert "77-087" in caught.value.remedy
    for other in ("77-860", "77-1086", "77-086a", "7-086"):
        participants.register(site=site, label=other, by=by)


def test_somebody_is_registered_and_the_casebook_opens(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    response = client.post(REGISTER, {"site": "01", "label": "01-7001"}, follow=True)
    assert response.redirect_chain == [(f"{LIST}01-7001/", 302)]
    assert "01-7001 is registered" in text(response)
    made = Participant.objects.get(trial=world.trial, label="01-7001")
    assert (made.site.code, made.state) == ("01", ParticipantState.SCREENING)
    assert made.registered_by == world.person("coordinator")
    assert Act.objects.filter(verb="participant.registered", participant="01-7001").exists()


def test_an_empty_label_takes_the_next_one(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    proposed = client.get(REGISTER).context["form"]["label"].value()
    client.post(REGISTER, {"site": "01", "label": ""})
    assert Participant.objects.filter(trial=world.trial, label=proposed).exists()


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("Li Wei", "cannot be a label"),
        ("../x", "cannot be a label"),
        ("register", "cannot be a label"),
        ("x" * 41, "at most 40"),
    ],
)
def test_a_label_that_cannot_be_used_is_refused_at_its_field(
    world: World, sign_in: SignIn, label: str, says: str
) -> None:
    before = Participant.objects.count()
    response = sign_in("coordinator").post(REGISTER, {"site": "01", "label": label})
    assert says in str(response.context["form"].errors["label"])
    assert "There is a problem" in text(response)
    assert Participant.objects.count() == before


def test_a_label_that_is_taken_is_refused_at_its_field(world: World, sign_in: SignIn) -> None:
    taken = world.participant(site="01").label
    response = sign_in("coordinator").post(REGISTER, {"site": "01", "label": taken})
    assert "exists already" in str(response.context["form"].errors["label"])


def test_a_closed_site_registers_nobody(world: World, sign_in: SignIn) -> None:
    sites.change_state(
        site=_site(world, "01"), to=SiteState.CLOSED, reason="paused", by=world.person("administrator")
    )
    response = sign_in("coordinator").post(REGISTER, {"site": "01", "label": "01-7002"})
    assert "every site at which you work is closed" in text(response)
    assert "administrator" in text(response)
    assert not Participant.objects.filter(label="01-7002").exists()


def test_a_site_that_was_closed_a_moment_ago_registers_nobody(world: World) -> None:
    seen = _site(world, "01")
    sites.change_state(
        site=_site(world, "01"), to=SiteState.CLOSED, reason="paused", by=world.person("administrator")
    )
    with pytest.raises(Refusal) as refused:
        participants.register(site=seen, label="01-7004", by=world.person("coordinator"))
    assert (refused.value.code, refused.value.item) == ("site.closed", "site")
    assert refused.value.remedy


@pytest.mark.shows("ACC-01")
def test_nobody_is_registered_at_another_site(world: World, sign_in: SignIn) -> None:
    response = sign_in("coordinator").post(REGISTER, {"site": "02", "label": "02-7003"})
    assert "site" in response.context["form"].errors
    assert not Participant.objects.filter(label="02-7003").exists()


def test_who_works_at_two_sites_chooses_one(world: World, sign_in: SignIn) -> None:
    coordinator = world.person("coordinator")
    people.grant(
        person=coordinator,
        trial=world.trial,
        role="coordinator",
        site=_site(world, "02"),
        starts_on=date(2020, 1, 1),
        by=people.service_identity(name="IMPORT"),
    )
    client = sign_in("coordinator")
    form = client.get(REGISTER, {"site": "02"}).context["form"]
    assert [code for code, _name in form.fields["site"].choices] == ["01", "02"]
    assert (form["site"].value(), form["label"].value()) == ("02", None)
    assert client.get(REGISTER, {"site": "99"}).context["form"]["site"].value() == "01"
    by = world.person("administrator")
    sites.change_state(site=_site(world, "01"), to=SiteState.CLOSED, reason="paused", by=by)
    form = client.get(REGISTER, {"site": "01"}).context["form"]
    assert [code for code, _name in form.fields["site"].choices] == ["02"]
    refused = client.post(REGISTER, {"site": "01", "label": "01-7005"})
    assert "Choose one of the open sites" in str(refused.context["form"].errors["site"])
    client.post(REGISTER, {"site": "02", "label": ""})
    newest = Participant.objects.latest("pk")
    assert newest.site.code == "02"
    assert newest.label.startswith("02-")


def test_where_recruitment_is_closed_the_page_says_so(world: World, sign_in: SignIn) -> None:
    assert "Recruitment of this trial is closed" not in text(sign_in("coordinator").get(REGISTER))
    by = world.person("administrator")
    trials.change_recruiting(trial=world.trial, recruiting=False, reason="all found", by=by)
    assert "Recruitment of this trial is closed" in text(sign_in("coordinator").get(REGISTER))


def test_the_button_is_there_for_those_who_may_register(sign_in: SignIn) -> None:
    assert REGISTER in text(sign_in("coordinator").get(LIST))
    assert REGISTER not in text(sign_in("data_manager").get(LIST))
