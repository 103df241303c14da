"""Journeys: sites and recruitment are opened, changed and closed; what is asked first and what is refused."""

import pytest

from tests.integration.invitations import sure
from tests.integration.pages import SignIn, text
from tests.world import TRIAL, World
from trial import audit
from trial.actions import participants
from trial.models import Act, Site, Trial
from trial.refusals import Refusal

HERE = f"/trials/{TRIAL}"


def test_a_site_is_added_shown_and_changed_with_reasons(world: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    filled = {"code": "09", "name": "Harbour hospital", "time_zone": "Asia/Shanghai", "cap": "12"}
    assert client.post(f"{HERE}/sites/add/", filled).status_code == 302
    site = Site.objects.get(trial=world.trial, code="09")
    assert (site.name, site.cap, site.time_zone, site.state) == (
        "Harbour hospital",
        12,
        "Asia/Shanghai",
        "open",
    )
    page = text(client.get(f"{HERE}/sites/"))
    assert "09 Harbour hospital" in page
    assert "Asia/Shanghai" in page
    client.post(f"{HERE}/sites/09/cap/", {"cap": "", "reason": "the sponsor agreed"})
    site.refresh_from_db()
    assert site.cap is None
    assert Act.objects.latest("pk").changes == {"cap": [12, None]}
    changed = {"name": "Harbour", "time_zone": "Europe/Berlin", "reason": "renamed"}
    client.post(f"{HERE}/sites/09/", changed)
    site.refresh_from_db()
    assert (site.name, site.time_zone) == ("Harbour", "Europe/Berlin")
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": "01"}, "exists already"),
        ({"code": "a b"}, "cannot be the code"),
        ({"code": "add"}, "cannot be the code"),
        ({"name": ""}, "Enter the name"),
        ({"time_zone": ""}, "Choose the time zone"),
        ({"cap": "0"}, "Enter a number from 1"),
        ({"cap": "many"}, "Enter a number from 1"),
    ],
)
def test_a_site_that_cannot_be_is_refused_at_its_field(
    world: World, sign_in: SignIn, changes: dict[str, str], says: str
) -> None:
    filled = {"code": "09", "name": "Harbour", "time_zone": "UTC", "cap": "", **changes}
    answer = sign_in("administrator").post(f"{HERE}/sites/add/", filled)
    assert says in text(answer)
    assert "error-summary-title" in text(answer)
    assert Site.objects.filter(trial=world.trial).count() == 5


def test_the_clock_of_a_site_with_participants_stays(world: World, sign_in: SignIn) -> None:
    filled = {"name": "Other", "time_zone": "Asia/Tokyo", "reason": "moved"}
    answer = sign_in("administrator").post(f"{HERE}/sites/01/", filled)
    assert "days were told by the clock" in text(answer)
    assert Site.objects.get(trial=world.trial, code="01").time_zone != "Asia/Tokyo"


def test_a_site_is_closed_after_a_question_and_a_proof_and_opened_again(
    world: World, sign_in: SignIn
) -> None:
    client, page = sign_in("administrator"), f"{HERE}/sites/02/state/"
    assert client.post(page, {"reason": "audit finding"}).headers["Location"].startswith("/account/confirm/")
    sure(client)
    question = text(client.get(page))
    assert "Close site 02" in question
    assert "the data stay" in question
    assert "Say why" in text(client.post(page, {"reason": ""}))
    client.post(page, {"to": "closed", "reason": "audit finding"})
    site = Site.objects.get(trial=world.trial, code="02")
    assert site.state == "closed"
    assert Act.objects.latest("pk").reason == "audit finding"
    with pytest.raises(Refusal):
        participants.register(site=site, label="02-9999", by=world.person("coordinator", site="02"))
    assert "Open site 02" in text(client.get(page))
    client.post(page, {"to": "open", "reason": "solved"})
    site.refresh_from_db()
    assert site.state == "open"


def test_recruitment_is_closed_and_opened_with_a_reason(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    assert "Recruitment is open" in text(client.get(f"{HERE}/sites/"))
    assert "Close the recruitment" in text(client.get(f"{HERE}/recruitment/"))
    client.post(f"{HERE}/recruitment/", {"to": "closed", "reason": "enough participants"})
    assert not Trial.objects.get(key=TRIAL).recruiting
    assert "Recruitment is closed" in text(client.get(f"{HERE}/sites/"))
    assert Act.objects.latest("pk").changes == {"recruiting": [True, False]}
    assert "Open the recruitment" in text(client.get(f"{HERE}/recruitment/"))
    client.post(f"{HERE}/recruitment/", {"to": "open", "reason": "sample size raised"})
    assert Trial.objects.get(key=TRIAL).recruiting


def test_a_site_that_is_not_there_is_not_found(world: World, sign_in: SignIn) -> None:
    client = sure(sign_in("administrator"))
    assert client.get(f"{HERE}/sites/no-such-site/state/").status_code == 404
    assert client.get(f"{HERE}/sites/no-such-site/cap/").status_code == 404
