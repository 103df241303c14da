"""Journey: how the trial allocates, for everybody, and the sealed block sizes, for one person."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from randomization.models import Scheme
from tests import salvage
from tests.integration.pages import SignIn, text
from tests.world import PASSWORD, TRIAL, World
from trial.actions import people, protocols
from trial.models import Act, Person, Trial

UPLOADED = f"/trials/{TRIAL}/randomization/"
PAGE = f"/trials/{salvage.TRIAL}/randomization/"
OPEN = f"{PAGE}open/"


@pytest.fixture
def unopened(only_actions_write: None) -> Trial:
    """The main trial as it was activated, with nothing opened."""
    by = people.service_identity(name="SALVAGE")
    return protocols.activate(loaded=salvage.text(), demo=True, by=by).trial


def _person(trial: Trial, role: str) -> Person:
    by = people.service_identity(name="SALVAGE")
    made = people.create(email=f"{role}@t1.invalid", name=role, password=PASSWORD, by=by)
    people.grant(person=made, trial=trial, role=role, starts_on=date(2020, 1, 1), by=by)
    return made


def _client(trial: Trial, role: str) -> Client:
    client = Client()
    client.force_login(_person(trial, role))
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def opened(trial: Trial) -> bool:
    return Scheme.objects.filter(trial=trial).exists()


def test_an_uploaded_list_is_named_by_its_hash_and_counted_by_site_only(
    world: World, sign_in: SignIn
) -> None:
    response = sign_in("dsmb_member").get(UPLOADED)
    page = text(response)
    assert response.context["found"].list_sha256 in page
    assert "A sealed list" in page
    assert "not stratified" in page
    counts = {row["cells"][0]: row["cells"][1]["number"] for row in response.context["sites"]["rows"]}
    assert counts["All sites"] == 12
    assert sum(counts.values()) == 24


def test_an_uploaded_list_asks_nobody_for_block_sizes(world: World, sign_in: SignIn) -> None:
    assert "/open/" not in text(sign_in("unblinded_statistician").get(UPLOADED))


def test_everybody_sees_strata_commitments_and_counts_by_site(as_role: SignIn, main_trial: Trial) -> None:
    salvage.randomized("01", "01-0001")
    scheme = Scheme.objects.get(trial=main_trial)
    response = as_role("blinded_statistician").get(PAGE)
    page = text(response)
    for said in (
        scheme.seed_sha256,
        scheme.supplement_sha256,
        "Stratified permuted blocks",
        "Radical total mesorectal excision 1 : Salvage adjuvant chemoradiotherapy 1",
        "30 to 50 mm, 30.0 included (30to50)",
        "These combinations can never occur",
        "Unblinded statistician",
    ):
        assert said in page, said
    assert response.context["impossible"] == [
        "Tumour size: Below 30 mm; Risk features known to be present: None"
    ]
    counts = [[cell if isinstance(cell, str) else cell["number"] for cell in row["cells"]] for row in
              response.context["sites"]["rows"]]  # fmt: skip
    assert counts == [["01 Site 01", 1, "no limit"], ["02 Site 02", 0, "no limit"], ["All sites", 1, ""]]
    assert "size=" not in page


@pytest.mark.shows("RND-03")
def test_block_sizes_are_shown_once_more_sealed_and_seen_by_nobody_afterwards(unopened: Trial) -> None:
    client = _client(unopened, "unblinded_statistician")
    assert "before you enter the block sizes" in text(client.get(PAGE))
    assert "multiple of its sum" in text(client.get(OPEN))
    asked = client.post(OPEN, {"sizes": "4， 6 12"})
    assert "blocks of 4, 6, 12" in text(asked)
    assert not opened(unopened)
    done = client.post(OPEN, dict(asked.context["hidden"]), follow=True)
    assert "The scheme is open" in text(done)
    assert done.redirect_chain == [(PAGE, 302)]
    scheme = Scheme.objects.get(trial=unopened)
    assert scheme.seed_sha256 in text(done)
    assert "4, 6" not in text(client.get(PAGE))
    for act in Act.objects.filter(chain=unopened.key):
        assert "12" not in [str(each) for each in act.changes.values()]
        assert "[4, 6, 12]" not in str(act.changes)
    assert client.get(OPEN).headers["Location"] == PAGE


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ("", "Enter the block sizes"),
        ("four", "whole numbers"),
        ("4; -6", "whole numbers"),
        ("2", "multiple of 2, larger than 2"),
        ("4, 5", "multiple of 2"),
        ("4, 2000", "at most 1000"),
    ],
)
def test_sizes_that_cannot_be_used_are_refused_at_the_field(unopened: Trial, sizes: str, says: str) -> None:
    client = _client(unopened, "unblinded_statistician")
    response = client.post(OPEN, {"sizes": sizes, "confirmed": "1"})
    assert says in str(response.context["form"].errors["sizes"])
    assert "There is a problem" in text(response)
    assert not opened(unopened)


def test_an_unusable_seal_key_opens_nothing(unopened: Trial, settings: Any) -> None:
    client = _client(unopened, "unblinded_statistician")
    settings.SEAL_KEY = "short"
    response = client.post(OPEN, {"sizes": "4, 6", "confirmed": "1"})
    assert "SEAL_KEY is wrong or missing" in text(response)
    assert not opened(unopened)


def test_others_wait_for_the_unblinded_statistician(unopened: Trial) -> None:
    client = _client(unopened, "data_manager")
    page = text(client.get(PAGE))
    assert "before the unblinded statistician has entered" in page
    assert OPEN not in page
    assert client.post(OPEN, {"sizes": "4, 6", "confirmed": "1"}).status_code == 403
    assert not opened(unopened)
