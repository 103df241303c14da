"""Journey: the protocol in force, read by everybody in the trial."""

import pytest

from tests import salvage
from tests.integration.pages import SignIn, text
from tests.world import TRIAL, World
from trial.roles import ROLES, Scope
from trial.views import protocol_conduct

PAGE = f"/trials/{TRIAL}/protocol/"


@pytest.mark.parametrize("role", [key for key, role in ROLES.items() if role.scope is not Scope.INSTALLATION])
def test_everybody_in_the_trial_reads_the_protocol(world: World, sign_in: SignIn, role: str) -> None:
    page = text(sign_in(role).get(PAGE))
    for words in (
        world.trial.protocol.sha256,
        "First day of the synthetic calendar",
        "Assumption",
        "Levamisole and fluorouracil",
        "What this system does",
        "Recurrence, any site",
        "Difference between the Kaplan-Meier estimates at 36 months",
        "10 and 5",
    ):
        assert words in page, words


def test_the_navigation_leads_to_it(sign_in: SignIn) -> None:
    response = sign_in("dsmb_member").get(PAGE)
    assert ("Protocol", PAGE, True) in response.context["navigation"]


def test_the_page_says_who_activated_the_text_and_when(world: World, sign_in: SignIn) -> None:
    page = text(sign_in("coordinator").get(PAGE))
    assert "Protocol, version 1" in page
    assert world.trial.protocol.activated_by.name in page
    assert f"{world.trial.protocol.activated_at:%H:%M} UTC" in page


def test_the_page_of_the_main_trial_states_sources_and_quirks(as_role: SignIn) -> None:
    response = as_role("coordinator").get(f"/trials/{salvage.TRIAL}/protocol/")
    page = text(response)
    for words in (
        "NCT06043999",
        # A parameter, with its source.
        "Non-inferiority margin on 3-year disease-free survival",
        "percentage points",
        "Publication",
        # A criterion with its rule and boundary note, a class with its condition.
        "18 &lt;= derived.age_at_consent &lt;= 75",
        "100 mm is included",
        "Risk class after local excision",
        "A value is missing that could change the answer.",
        # A stratum, a visit with target, window and examinations.
        "Below 30 mm (lt30)",
        "± 14 days",
        "Colonoscopy",
        "Laboratory values alone are not adequate.",
        # Endpoints, populations, estimand, looks.
        "Second primary colorectal cancer",
        "Censored at missed assessments and new therapy (FDA style)",
        "Describes only: Salvage adjuvant chemoradiotherapy",
        "Events are to be judged blind",
        "Any treatment of the protocol begun",
        "by treatment received",
        "2.38",
        "Interim look",
        # A quirk.
        "0 poor, 20 best",
    ):
        assert words in page, words
    assert [section.id for section in response.context["sections"]] == [
        "identity", "arms", "parameters", "eligibility", "derived", "strata", "schedule", "forms",
        "endpoints", "populations", "estimand", "analysis", "quirks",
    ]  # fmt: skip


def test_a_visit_is_planned_in_words() -> None:
    text = salvage.text().protocol
    visits = {visit.id: visit for visit in text.visits}
    told = {
        key: (protocol_conduct.due(text, visit), protocol_conduct.window(visit))
        for key, visit in visits.items()
    }
    assert told["m03"] == ("Month 3", "± 14 days")
    assert told["screening"] == ("No fixed day", "")
    assert told["death"][0] == "As needed"
    uneven = visits["m03"].model_copy(update={"window": (-7, 14), "target_day": 28, "target_month": None})
    assert protocol_conduct.due(text, uneven) == "Day 28"
    assert protocol_conduct.window(uneven) == "−7 to +14 days"
    assert protocol_conduct.window(uneven.model_copy(update={"window": (0, 0)})) == "On the day"
