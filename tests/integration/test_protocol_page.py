"""Journey: the protocol in force, read by everybody in the trial."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.integration.test_participant_pages import text
from tests.world import TRIAL, World
from trial.roles import ROLES, Scope

SignIn = Callable[..., Client]

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
