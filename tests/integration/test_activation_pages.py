"""Journeys: a protocol is put in force, and the first steps of its trial."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.invitations import sure
from tests.integration.pages import SignIn, text
from tests.unit.trial.protocol_files import changed
from tests.world import TRIAL, World
from trial.actions import people, protocols, sites
from trial.models import Act, Trial
from trial.protocol.loader import load, load_files

HERE = f"/trials/{TRIAL}"
INSTALLATION = "/installation"


@pytest.fixture
def beside(world: World, settings: Any, tmp_path: Path) -> Path:
    """A folder of protocols: one in force, one not, one that does not load."""
    here = world.trial.protocol.files
    to_come = changed("protocol.yaml", f"trial: {TRIAL}", "trial: to-come", among=here)
    broken = changed("protocol.yaml", "\narms:", "\narmz:", among=here)
    for name, files in (("in-force", here), ("to-come", to_come), ("broken", broken)):
        for file, written in files.items():
            target = tmp_path / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(written)
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
    for _time in range(2):
        # The same text again is in force already: nothing is made.
        assert client.post(page, filled).headers["Location"] == f"{INSTALLATION}/protocols/"
        assert [each.number for each in world.trial.versions.order_by("number")] == [1, 2]


def _edit(folder: Path, old: str, new: str) -> None:
    file = folder / "protocol.yaml"
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, new, 1))


def test_the_first_steps_tell_what_is_done_and_what_is_not(world: World, sign_in: SignIn) -> None:
    by = world.person("administrator")
    own = world.trial.protocol.files
    files = changed("protocol.yaml", f"trial: {TRIAL}", "trial: new-trial", among=own)
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
