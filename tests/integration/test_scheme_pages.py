"""Journey: how the trial allocates, for everybody, and the sealed block sizes, for one person."""

from collections.abc import Callable

from django.test import Client

from tests.integration.test_participant_pages import text
from tests.world import TRIAL, World

SignIn = Callable[..., Client]

PAGE = f"/trials/{TRIAL}/randomization/"


def test_an_uploaded_list_is_named_by_its_hash_and_counted_by_site_only(
    world: World, sign_in: SignIn
) -> None:
    response = sign_in("dsmb_member").get(PAGE)
    page = text(response)
    assert response.context["found"].list_sha256 in page
    assert "A sealed list" in page
    assert "not stratified" in page
    counts = {row["cells"][0]: row["cells"][1]["number"] for row in response.context["sites"]["rows"]}
    assert counts["All sites"] == 12
    assert sum(counts.values()) == 24


def test_an_uploaded_list_asks_nobody_for_block_sizes(world: World, sign_in: SignIn) -> None:
    assert "/open/" not in text(sign_in("unblinded_statistician").get(PAGE))
