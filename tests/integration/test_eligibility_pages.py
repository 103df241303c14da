"""Journey: the checklist before a randomization, the confirmation of eligibility, the record of a screen failure."""

from typing import Any

import pytest

from randomization.views.checklist import STATUS
from randomization.views.evidence import Evidence
from tests import salvage
from tests.integration.pages import BUDGET, SignIn, path, text
from tests.world import PASSWORD
from trial.actions import participants, sites
from trial.models import Trial
from trial.states import ParticipantState, SiteState


def standing(response: Any) -> dict[str, str]:
    """Criterion → its standing on the page."""
    return {row["label"]: row["state"] for group in response.context["groups"] for row in group["rows"]}


def labels(response: Any) -> list[str]:
    """What the buttons of the callout say."""
    return [button["label"] for button in response.context["next"].get("actions", [])]


@pytest.mark.shows("ELI-01")
def test_an_eligible_participant_is_confirmed_on_the_page(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001")
    client = proven("coordinator")
    response = client.get(path(somebody))
    assert set(standing(response).values()) == {"met"}
    assert labels(response) == ["Confirm eligibility", "Record a screen failure"]
    done = client.post(path(somebody), {"seen": response.context["seen"]}, follow=True)
    assert "is confirmed" in text(done)
    assert labels(done) == ["Randomize", "Record a screen failure"]
    enrolled = salvage.again(somebody)
    assert enrolled.state == ParticipantState.ENROLLED
    assert enrolled.enrolled_by == salvage.person("coordinator")


@pytest.mark.shows("ACC-05")
@pytest.mark.parametrize("page", ["eligibility", "screen-failure"])
def test_an_old_proof_of_the_password_does_nothing_and_comes_back(with_password: SignIn, page: str) -> None:
    somebody = salvage.screened("01", "01-0001")
    client = with_password("coordinator")
    seen = client.get(path(somebody)).context["seen"]
    asked = client.post(path(somebody, page), {"seen": seen, "reason": "declined"})
    assert asked.headers["Location"].startswith("/account/confirm/")
    assert salvage.again(somebody).state == ParticipantState.CONSENTED
    back = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == path(somebody, page)
    assert "Nothing was done yet" in text(back)


@pytest.mark.shows("RND-05")
def test_eligibility_is_not_confirmed_on_values_that_nobody_has_seen(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001")
    client = proven("coordinator")
    seen = client.get(path(somebody)).context["seen"]
    salvage.corrected(somebody, "local_excision.size_mm", "40")
    for stale in ({"seen": seen}, {"seen": "not ours"}, {}):
        response = client.post(path(somebody), stale)
        assert response.context["refused"].code == "randomize.stale"
        assert "have changed since" in text(response)
        assert salvage.again(somebody).state == ParticipantState.CONSENTED
    changed = client.post(path(somebody), {"seen": seen}).context["changed"]
    assert any("40" in sentence for sentence in changed)
    assert client.post(path(somebody), {"seen": response.context["seen"]}).status_code == 302


def test_what_was_seen_is_in_the_page_of_those_who_may_confirm_only(as_role: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001")
    assert as_role("data_manager").get(path(somebody)).context["seen"] == ""
    assert as_role("coordinator").get(path(somebody)).context["seen"]


@pytest.mark.shows("ELI-01")
def test_a_criterion_that_is_broken_stands_with_its_value_and_form(as_role: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001", **{"screening.distance_mm": "120"})
    response = as_role("coordinator").get(path(somebody))
    broken = [label for label, state in standing(response).items() if state == "broken"]
    assert broken == ["Lower edge at most 100 mm from the anal verge on MRI at diagnosis"]
    page = text(response)
    for words in ("Not met", "120 mm", "by Coordinator 01", "100 mm is included", "Not eligible"):
        assert words in page, words
    assert f"{path(somebody, 'visits/screening/1/screening/1')}" in page
    assert labels(response) == ["Record a screen failure"]


@pytest.mark.shows("ELI-01")
def test_what_is_missing_is_named_with_the_form_that_would_supply_it(as_role: SignIn) -> None:
    changes = {"local_excision.size_mm": "20", "local_excision.lvi": None}
    somebody = salvage.screened("01", "01-0001", **changes)
    response = as_role("coordinator").get(path(somebody))
    missing = response.context["missing"]
    assert [(form["title"], [held.label for held in form["items"]]) for form in missing] == [
        ("Pathology of the local excision", ["Lymphovascular invasion?"])
    ]
    assert missing[0]["items"][0].missing == "Unknown"
    assert missing[0]["url"] == path(somebody, "visits/screening/1/local_excision/1")
    assert "Cannot be judged" in text(response)
    risk = response.context["classes"][0]
    assert (risk["label"], risk["missing"]) == ("Incomplete", "Lymphovascular invasion?")


@pytest.mark.shows("ELI-01")
def test_the_class_of_the_sister_trial_is_information_only(as_role: SignIn) -> None:
    somebody = salvage.screened(
        "01", "01-0001", **{"local_excision.pt": "pT2", "local_excision.size_mm": "25"}
    )
    response = as_role("coordinator").get(path(somebody))
    assert [(each["label"], each["asked"]) for each in response.context["classes"]] == [
        ("High", True),
        ("Intermediate", False),
    ]
    assert "for information" in text(response)


def test_the_stratum_names_the_unknown_features(as_role: SignIn) -> None:
    changes = {"local_excision.size_mm": "22", "local_excision.lvi": "yes", "local_excision.pni": None}
    somebody = salvage.screened("01", "01-0001", **changes)
    stratum = as_role("coordinator").get(path(somebody)).context["stratum"]
    assert [row["value"] for row in stratum["rows"]] == ["01", "Below 30 mm", "One"]
    assert stratum["unknown"] == ["Perineural invasion?"]


def test_before_consent_the_page_asks_for_the_forms(as_role: SignIn) -> None:
    somebody = salvage.registered("01", "01-0001")
    response = as_role("coordinator").get(path(somebody))
    assert set(standing(response).values()) == {"broken", "unjudged"}
    assert {form["note"] for form in response.context["missing"]} == {"not entered yet"}
    assert response.context["next"]["title"] == "Consent comes first"
    assert response.context["stratum"] is None
    assert "Confirm eligibility" not in labels(response)


@pytest.mark.shows("RND-05")
def test_what_is_not_met_is_not_confirmed_and_the_page_says_why(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001", **{"screening.ecog": "3"})
    response = proven("coordinator").post(path(somebody))
    assert "Not eligible" in response.context["refused"].message
    assert "ECOG above 2" in text(response)
    assert salvage.again(somebody).state == ParticipantState.CONSENTED


def test_the_gate_names_a_closed_site_beside_the_criteria(as_role: SignIn) -> None:
    somebody = salvage.enrolled("01", "01-0001")
    administrator = salvage.person("administrator")
    sites.change_state(site=salvage.at_site("01"), to=SiteState.CLOSED, reason="paused", by=administrator)
    response = as_role("coordinator").get(path(somebody))
    assert {step["label"]: step["state"] for step in response.context["steps"]}[
        "The site is open"
    ] == "broken"
    assert "Site 01 is closed" in text(response)
    assert "Randomize" not in labels(response)


def test_readers_are_offered_no_act(as_role: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001")
    client = as_role("data_manager")
    assert labels(client.get(path(somebody))) == []
    assert client.post(path(somebody)).status_code == 403


@pytest.mark.shows("RND-03")
def test_a_value_that_tells_the_arm_is_kept_from_who_may_not_know_it(main_trial: Trial) -> None:
    somebody, protocol = salvage.registered("01", "01-0001"), salvage.text().protocol
    for knows, said in ((True, "Radical total mesorectal excision"), (False, "")):
        evidence = Evidence(somebody, protocol, [], {}, knows)
        held = evidence.behind(["treatment_start.treatment"], lambda address: "TME")[0].values[0]
        assert said in held.value
        assert bool(held.value) is knows
        assert ("Hidden" in held.missing) is not knows


def test_every_standing_has_its_word() -> None:
    assert sorted(STATUS.values()) == ["broken", "met", "unjudged"]


def test_reasons_begin_with_the_criteria_that_are_broken(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001", **{"screening.distance_mm": "120"})
    form = proven("coordinator").get(path(somebody, "screen-failure")).context["form"]
    groups = form.fields["reason"].choices
    assert [title for title, _options in groups] == [
        "Not met on the recorded values",
        "Other criteria",
        "No criterion",
    ]
    assert [code for code, _words in groups[0][1]] == ["distance"]
    assert [code for code, _words in groups[2][1]] == ["declined", "other"]


def test_a_screen_failure_is_recorded_with_its_reason(proven: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001", **{"screening.distance_mm": "120"})
    client = proven("coordinator")
    done = client.post(path(somebody, "screen-failure"), {"reason": "distance"}, follow=True)
    assert "screen failure" in text(done)
    failed = salvage.again(somebody)
    assert (failed.state, failed.screen_failure) == (ParticipantState.SCREEN_FAILED, "distance")
    response = client.get(path(somebody))
    # The label alone would read as if the participant met it.
    said = response.context["next"]["text"]
    assert said.startswith("Inclusion criterion not met: Lower edge at most 100 mm")
    assert labels(response) == []
    assert "not randomized" in text(client.get(path(somebody).removesuffix("eligibility/")))
    endpoints = text(client.get(path(somebody, "endpoints")))
    assert "Not randomized: no endpoints are derived." in endpoints
    assert "The next one" not in endpoints


@pytest.mark.parametrize("reason", ["", "banana"])
def test_a_screen_failure_needs_one_of_the_reasons(proven: SignIn, reason: str) -> None:
    somebody = salvage.screened("01", "01-0001")
    response = proven("coordinator").post(path(somebody, "screen-failure"), {"reason": reason})
    assert "reason" in response.context["form"].errors
    assert salvage.again(somebody).state == ParticipantState.CONSENTED


def test_who_is_randomized_is_no_screen_failure(proven: SignIn) -> None:
    somebody = salvage.randomized("01", "01-0001")
    client = proven("coordinator")
    assert "any more" in text(client.get(path(somebody, "screen-failure")))
    response = client.post(path(somebody, "screen-failure"), {"reason": "other"})
    assert response.context["form"].errors
    assert salvage.again(somebody).state == ParticipantState.RANDOMIZED


def test_after_a_withdrawal_nothing_is_offered(as_role: SignIn) -> None:
    somebody = salvage.screened("01", "01-0001")
    participants.withdraw(participant=somebody, reason="own wish", by=salvage.person("investigator"))
    response = as_role("coordinator").get(path(somebody))
    assert response.context["next"]["title"] == "Withdrawn"
    assert labels(response) == []


@pytest.mark.shows("SPD-01")
@pytest.mark.parametrize("page", ["eligibility", "screen-failure"])
@pytest.mark.parametrize("role", ["coordinator", "investigator"])
def test_the_pages_of_the_main_trial_keep_their_budget(
    proven: SignIn, page: str, role: str, django_assert_max_num_queries: Any
) -> None:
    somebody = salvage.screened("01", "01-0001")
    client = proven(role)
    with django_assert_max_num_queries(BUDGET):
        assert client.get(path(somebody, page)).status_code == 200
