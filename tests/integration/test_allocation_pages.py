"""Journey: the confirm page, the allocation, its confirmation; what a stale, repeated or late request gets."""

import secrets
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from randomization import selectors
from randomization.forms import LONGEST_MEMORY
from randomization.models import Allocation
from randomization.views import memory
from tests import salvage
from tests.integration.pages import BUDGET, SignIn, path, text
from tests.unit.trial.protocol_files import changed
from tests.world import PASSWORD
from trial.actions import participants, protocols, sites, trials
from trial.models import Act, Participant, Trial
from trial.protocol.loader import load_files
from trial.states import ParticipantState, SiteState
from trial.wording import words

ARMS = ("Radical total mesorectal excision", "Salvage adjuvant chemoradiotherapy")


def asked(client: Client, participant: Participant) -> dict[str, str]:
    """What the form of the confirm page would send."""
    form = client.get(path(participant, "randomize")).context["form"]
    return {"key": str(form["key"].value()), "seen": form["seen"].value()}


def taken() -> int:
    """How many of the main trial have been allocated."""
    return Allocation.objects.filter(participant__trial__key=salvage.TRIAL).count()


def refused(client: Client, participant: Participant, data: dict[str, str]) -> Any:
    """The confirm page again, with nothing done."""
    before = taken()
    response = client.post(path(participant, "randomize"), data)
    assert response.status_code == 200
    assert taken() == before
    return response


@pytest.mark.shows("RND-05")
def test_a_coordinator_randomizes_and_reads_the_confirmation(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    page = text(client.get(path(somebody, "randomize")))
    for said in ("01 Site 01", "30 to 50 mm", "version 1", "cannot be undone", *ARMS):
        assert said in page, said
    response = client.post(path(somebody, "randomize"), asked(client, somebody), follow=True)
    assert response.redirect_chain == [(path(somebody, "allocation"), 302)]
    made = Allocation.objects.get(participant=somebody)
    here = text(response)
    arms = {arm.id: words(arm.label) for arm in salvage.text().protocol.arms}
    assert arms[made.arm] in here
    assert not [
        label for key, label in arms.items() if key != made.arm and label in here.split("Trial</dt>")[0]
    ]
    for said in ("01-0001", "Coordinator 01", f"{made.allocated_at:%H:%M} UTC", "UTC+08:00", "30 to 50 mm"):
        assert said in here, said
    assert client.get(path(somebody, "allocation")).content.count(arms[made.arm].encode()) >= 1


@pytest.mark.shows("RND-05")
def test_the_confirmation_keeps_what_was_counted_as_not_present(proven: SignIn) -> None:
    changes = {"local_excision.size_mm": "22", "local_excision.lvi": "yes", "local_excision.pni": None}
    somebody = salvage.enrolled("01", "01-0001", **changes)
    client = proven("coordinator")
    note = "Unknown, counted as not present: Perineural invasion<"
    assert note in text(client.get(path(somebody, "randomize")))
    client.post(path(somebody, "randomize"), asked(client, somebody))
    # It is known later; the allocation was made without it.
    salvage.corrected(salvage.again(somebody), "local_excision.pni", "no")
    assert note in text(client.get(path(somebody, "allocation")))
    known = salvage.randomized("01", "01-0002")
    assert "counted as not present" not in text(client.get(path(known, "allocation")))


def test_who_is_not_eligible_is_not_asked_about(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001", **{"screening.distance_mm": "120"})
    page = text(proven("coordinator").get(path(somebody, "randomize")))
    assert "Inclusion criterion not met: Lower edge at most 100 mm" in page
    assert "Randomize participant 01-0001?" not in page
    assert "What will happen" not in page
    assert page.count(f'href="{path(somebody)}"') >= 1


@pytest.mark.shows("RND-03")
def test_the_casebook_leads_to_the_confirmation_where_it_names_the_arm(as_role: SignIn) -> None:
    link = ">Confirmation of randomization</a>"
    somebody, other = salvage.randomized("01", "01-0001"), salvage.screened("01", "01-0002")
    casebook = path(somebody).removesuffix("eligibility/")
    assert link in text(as_role("coordinator").get(casebook))
    assert link not in text(as_role("coordinator").get(path(other).removesuffix("eligibility/")))


@pytest.mark.shows("RND-03")
def test_the_arm_stands_in_no_address_and_no_title(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    response = client.post(path(somebody, "randomize"), asked(client, somebody), follow=True)
    title = response.content.decode().split("<title>")[1].split("</title>")[0].split(" – ")[0]
    assert title == "Allocation"
    assert response.redirect_chain[0][0] == path(somebody, "allocation")


@pytest.mark.shows("RND-02")
def test_the_same_request_again_leads_to_the_same_page(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    data = asked(client, somebody)
    answers = [client.post(path(somebody, "randomize"), data) for _time in range(3)]
    assert {answer.headers["Location"] for answer in answers} == {path(somebody, "allocation")}
    assert taken() == 1


@pytest.mark.shows("RND-02")
def test_each_view_of_the_page_has_a_key_of_its_own(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    first, second = asked(client, somebody), asked(client, somebody)
    assert first["key"] != second["key"]
    client.post(path(somebody, "randomize"), first)
    response = refused(client, somebody, second)
    assert path(somebody, "allocation") in text(response)
    assert client.get(path(somebody, "randomize")).headers["Location"] == path(somebody, "allocation")


@pytest.mark.shows("RND-05")
def test_a_stale_page_says_what_has_changed_and_does_nothing(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    data = asked(client, somebody)
    salvage.corrected(somebody, "local_excision.size_mm", "40")
    response = refused(client, somebody, data)
    assert response.context["refused"].code == "randomize.stale"
    page = text(response)
    assert "35 mm became 40 mm" in page
    again = {"key": response.context["form"]["key"].value(), "seen": response.context["form"]["seen"].value()}
    assert client.post(path(somebody, "randomize"), again).headers["Location"] == path(somebody, "allocation")


@pytest.mark.shows("RND-05")
def test_a_value_that_makes_ineligible_meanwhile_refuses_with_reason_and_remedy(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    data = asked(client, somebody)
    salvage.corrected(somebody, "screening.ecog", "3")
    response = refused(client, somebody, data)
    page = text(response)
    assert "ECOG above 2" in page
    assert "record the screen failure" in page
    assert path(somebody) in page
    assert not response.context["ready"]
    assert 'name="key"' not in page


def test_a_request_that_is_not_whole_does_nothing(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    for data in ({}, {"key": "x", "seen": "y"}, {"key": str(uuid4())}):
        assert "Nothing was done" in text(refused(client, somebody, data))


def test_a_forged_memory_counts_as_a_stale_page(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    response = refused(client, somebody, {"key": str(uuid4()), "seen": "forged"})
    assert response.context["refused"].code == "randomize.stale"
    assert response.context["changed"] == []


def test_a_memory_comes_back_as_it_was_sent() -> None:
    page = memory.Shown("token", {"Size": "35 mm", "Grade": ""})
    assert memory.recalled(memory.kept(page)) == page
    now = memory.Shown("other", {"Size": "35 mm", "Grade": "poor"})
    assert memory.changes(page, now) == ["Grade: no value became poor."]
    assert memory.changes(memory.Shown(), now) == []


def test_the_memory_of_the_main_trial_has_room_to_grow_eightfold(main_trial: Trial) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    page = memory.shown(somebody, selectors.readiness(somebody))
    assert memory.recalled(memory.kept(page)) == page
    assert len(memory.kept(page)) * 8 < LONGEST_MEMORY


@pytest.mark.shows("RND-05")
def test_what_a_page_of_a_long_protocol_showed_never_stops_a_randomization(proven: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    token = selectors.readiness(somebody).token
    long = memory.kept(memory.Shown(token, {f"item {n}": secrets.token_hex(40) for n in range(3_000)}))
    assert memory.recalled(long) == memory.Shown(token, {})
    wide = memory.kept(memory.Shown(token, {f"item {n}": secrets.token_hex(40) for n in range(500)}))
    assert 20_000 < len(wide) <= LONGEST_MEMORY
    client.post(path(somebody, "randomize"), {**asked(client, somebody), "seen": wide})
    assert taken() == 1


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_before_the_consent(proven: SignIn) -> None:
    somebody = salvage.registered("01", "01-0001")
    client = proven("coordinator")
    response = client.get(path(somebody, "randomize"))
    assert 'name="key"' not in text(response)
    assert "Consent to the current version is not recorded" in text(
        refused(client, somebody, {"key": str(uuid4()), "seen": "x"})
    )


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize(
    ("obstacle", "says"),
    [
        ("closed", "Site 01 is closed"),
        ("full", "as many as it may"),
        ("recruitment", "Recruitment of this trial is closed"),
        ("withdrawn", "Withdrawn"),
    ],
)
def test_what_stands_in_the_way_is_said_with_the_remedy(proven: SignIn, obstacle: str, says: str) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = proven("coordinator")
    data = asked(client, somebody)
    administrator, site = salvage.person("administrator"), salvage.at_site("01")
    if obstacle == "closed":
        sites.change_state(site=site, to=SiteState.CLOSED, reason="paused", by=administrator)
    elif obstacle == "full":
        salvage.randomized("01", "01-0002")
        sites.change_cap(site=site, cap=1, reason="contract", by=administrator)
    elif obstacle == "recruitment":
        trials.change_recruiting(trial=site.trial, recruiting=False, reason="full", by=administrator)
    else:
        investigator = salvage.person("investigator")
        participants.withdraw(participant=somebody, reason="own wish", by=investigator)
    response = refused(client, somebody, data)
    assert says in text(response)
    assert response.context["refused"].remedy
    assert Act.objects.order_by("pk").last().refused  # type: ignore[union-attr]


@pytest.mark.shows("RND-02")
def test_without_a_fresh_password_nothing_is_done_and_the_page_comes_back(with_password: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    client = with_password("coordinator")
    asked_for = client.post(path(somebody, "randomize"), {"key": str(uuid4()), "seen": "x"})
    assert asked_for.headers["Location"].startswith("/account/confirm/")
    assert taken() == 0
    assert "Nothing was done yet" in text(client.get(asked_for.headers["Location"]))
    answer = client.post(asked_for.headers["Location"], {"password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == path(somebody, "randomize")
    assert "Randomize now" in text(answer)


def test_before_the_allocation_there_is_no_confirmation(as_role: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    assert as_role("coordinator").get(path(somebody, "allocation")).status_code == 404


@pytest.mark.shows("RND-03")
def test_the_confirmation_is_for_those_who_may_know_the_arm(as_role: SignIn) -> None:
    somebody = salvage.randomized("01", "01-0001")
    answers = {"coordinator": 200, "investigator": 200, "data_manager": 200, "administrator": 403}
    answers |= dict.fromkeys(("blinded_statistician", "unblinded_statistician", "dsmb_member"), 403)
    for role, status in answers.items():
        response = as_role(role).get(path(somebody, "allocation"))
        assert response.status_code == status, role
        shown = [arm for arm in ARMS if f'eq-word fs-3 mb-3">{arm}' in response.content.decode()]
        assert len(shown) == (status == 200), role
    assert as_role("coordinator", site="02").get(path(somebody, "allocation")).status_code == 404


def test_after_the_allocation_the_checklist_leads_to_the_confirmation(as_role: SignIn) -> None:
    somebody = salvage.randomized("01", "01-0001")
    response = as_role("coordinator").get(path(somebody))
    assert response.context["next"]["title"].startswith("Randomized on")
    assert path(somebody, "allocation") in text(response)
    assert somebody.state == ParticipantState.RANDOMIZED


def test_the_confirmation_names_the_text_that_was_in_force(as_role: SignIn, main_trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001")
    assert main_trial.protocol is not None
    files = changed("protocol.yaml", "version: 1", "version: 2", among=main_trial.protocol.files)
    by = salvage.person("administrator")
    newer = protocols.activate(loaded=load_files(files), demo=True, by=by)
    page = text(as_role("coordinator").get(path(somebody, "allocation")))
    assert main_trial.protocol.sha256 in page
    assert newer.sha256 not in page


@pytest.mark.shows("SPD-01")
def test_the_pages_of_an_allocation_keep_their_budget(
    proven: SignIn, django_assert_max_num_queries: Any
) -> None:
    ready, done = salvage.enrolled("01", "01-0001"), salvage.randomized("01", "01-0002")
    client = proven("coordinator")
    for somebody, page in ((ready, "randomize"), (done, "allocation"), (done, "eligibility")):
        with django_assert_max_num_queries(BUDGET):
            assert client.get(path(somebody, page)).status_code == 200
