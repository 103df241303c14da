"""Journeys: the audit trail as each reader may see it, on the page and in the download."""

import csv
import dataclasses
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client

from crf.models import Record
from tests.integration.pages import BUDGET, SignIn, text
from tests.world import OTHER_TRIAL, TRIAL, World
from trial import audit
from trial.actions import participants
from trial.models import Act, Participant
from trial.permissions import Permission
from trial.roles import ROLES

PAGE, CSV = f"/trials/{TRIAL}/audit/", f"/trials/{TRIAL}/audit.csv"
# Codes and labels of the arms, as the form that records the treatment holds them.
ARMS = ("Obs", "Lev+5FU", "Observation", "Levamisole")
HIDDEN = "Hidden: it would tell the arm."


def rows(client: Client, **filters: str) -> list[dict[str, str]]:
    """The download as a spreadsheet reads it."""
    response = client.get(CSV, filters)
    assert response.status_code == 200
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def everything(client: Client, **filters: str) -> str:
    """All pages of the trail, one after the other."""
    first = client.get(PAGE, filters)
    last = first.context["page"].paginator.num_pages
    return "".join(text(client.get(PAGE, {**filters, "page": str(number)})) for number in range(1, last + 1))


def told(page: str) -> list[str]:
    return [arm for arm in ARMS if arm in page]


def sealed(world: World, site: str) -> int:
    """How many acts at a site tell an arm."""
    return Act.objects.filter(chain=TRIAL, site=site, shows_arm=True).count()


def test_the_world_has_something_to_hide(world: World) -> None:
    assert sealed(world, "01") > 0
    assert sealed(world, "02") > 0


def test_an_administrator_reads_every_act_and_no_arm(world: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    page = everything(client)
    assert page.count(HIDDEN) == Act.objects.filter(chain=TRIAL, shows_arm=True).count()
    assert told(page) == []
    for participant in Participant.objects.filter(trial=world.trial):
        assert told(everything(client, participant=participant.label)) == []


def test_an_administrator_downloads_no_arm(world: World, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    for filters in ({}, {"participant": world.participant().label}, {"verb": "record.submitted"}):
        found = rows(client, **filters)
        assert found
        assert told("".join(cell for row in found for cell in row.values())) == []
        hidden = [row for row in found if row["hidden"] == "yes"]
        assert all((row["changes"], row["why"], row["subject"]) == ("", "", "") for row in hidden)
        assert hidden


def test_the_download_holds_no_hashes_to_try_arms_against(world: World, sign_in: SignIn) -> None:
    cells = {cell for row in rows(sign_in("administrator")) for cell in row.values()}
    hashes = Act.objects.filter(chain=TRIAL).values_list("hash", flat=True)
    assert not cells & set(hashes)


def test_an_investigator_reads_the_acts_and_arms_of_her_own_site(world: World, sign_in: SignIn) -> None:
    client = sign_in("investigator")
    page = everything(client)
    assert world.participant(site="02").label not in page
    assert HIDDEN not in page
    assert "Treatment begun" in page
    found = rows(client)
    assert {row["site"] for row in found} == {"01"}
    assert len(found) == Act.objects.filter(chain=TRIAL, site="01").count()


def test_a_data_manager_sees_an_arm_only_with_one_participant_before_her(
    world: World, sign_in: SignIn
) -> None:
    client, label = sign_in("data_manager"), world.participant(site="02").label
    whole = everything(client)
    assert told(whole) == []
    assert "Choose the participant to see it." in whole
    alone = everything(client, participant=label)
    assert HIDDEN not in alone
    assert "Treatment begun" in alone
    assert told("".join(row["changes"] for row in rows(client))) == []
    assert "treatment" in "".join(row["changes"] for row in rows(client, participant=label))


def test_an_act_about_the_whole_list_is_hidden_from_everybody_here(world: World, sign_in: SignIn) -> None:
    for role in ("data_manager", "administrator"):
        found = rows(sign_in(role), verb="scheme.uploaded")
        assert [(row["hidden"], row["changes"]) for row in found] == [("yes", "")]


def test_a_refused_entry_does_not_tell_which_question_was_open(world: World, sign_in: SignIn) -> None:
    by = world.person("coordinator")
    new = participants.register(site=world.participant().site, label="01-9001", by=by)
    participants.consent(participant=new, version="1", given_on=date(1984, 3, 1), by=by)
    url = f"/trials/{TRIAL}/participants/{new}/visits/treatment/1/treatment_start/1/"
    typed = {"treatment": "Lev", "record-version": "0", "do-submit": "1"}
    assert sign_in("coordinator").post(url, typed).status_code == 200
    row = rows(sign_in("administrator"), participant="01-9001")[0]
    assert (row["refused"], row["subject"], row["changes"]) == ("yes", "", "")
    assert rows(sign_in("investigator"), participant="01-9001")[0]["subject"] == "started_on"


def test_a_correction_of_the_treatment_hides_its_reason_too(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    stored = Record.objects.get(participant=participant, form="treatment_start")
    url = f"/trials/{TRIAL}/participants/{participant}/visits/treatment/1/treatment_start/1/"
    other = {"Obs": "Lev", "Lev": "Lev+5FU", "Lev+5FU": "Lev"}[str(stored.values["treatment"])]
    typed = {
        "treatment": other,
        "started_on__missing": "unknown",
        "record-version": str(stored.version),
        "change-reason": f"was given {other}",
        "do-correct": "1",
    }
    assert sign_in("coordinator").post(url, typed).status_code == 302
    newest = rows(sign_in("administrator"), verb="record.corrected")[0]
    assert (newest["participant"], newest["why"], newest["changes"]) == (participant.label, "", "")
    assert "was given" not in everything(sign_in("administrator"))
    assert "was given" in everything(sign_in("investigator"))


def test_filters_and_pages_find_acts(world: World, sign_in: SignIn) -> None:
    client, label = sign_in("administrator"), world.participant(site="01").label
    response = client.get(PAGE, {"participant": label, "verb": "participant.randomized"})
    assert [(row.act.participant, row.verb) for row in response.context["acts"]] == [
        (label, "Participant randomized")
    ]
    first, second = (client.get(PAGE, {"page": number}).context["acts"] for number in ("1", "2"))
    assert [row.act.seq for row in (*first, *second)] == sorted(
        (row.act.seq for row in (*first, *second)), reverse=True
    )
    assert "No act fits these filters" in text(client.get(PAGE, {"participant": "nobody"}))
    assert client.get(PAGE, {"verb": "bogus", "participant": "\x00", "page": "-3"}).status_code == 200


def test_changes_are_told_in_words(world: World, sign_in: SignIn) -> None:
    page = everything(sign_in("investigator"), verb="record.submitted")
    for words in ("Lymph nodes with detectable cancer", "Differentiation of the tumour", "Date of contact"):
        assert words in page
    assert "contact_on" not in page


def test_refusals_are_marked(world: World, sign_in: SignIn) -> None:
    client, label = sign_in("coordinator"), world.participant(site="01").label
    url = f"/trials/{TRIAL}/participants/{label}/visits/baseline/1/baseline/1/"
    assert client.post(url, {"age": "x", "record-version": "1", "do-correct": "1"}).status_code == 200
    response = sign_in("investigator").get(PAGE)
    assert response.context["acts"][0].act.refused
    assert "Refused" in text(response)
    newest = rows(sign_in("investigator"))[0]
    assert (newest["refused"], newest["verb"], newest["who"]) == ("yes", "correct", "Coordinator 01")


def test_a_download_is_whole_and_leaves_its_own_act(world: World, sign_in: SignIn) -> None:
    label = world.participant(site="01").label
    before = Act.objects.filter(chain=TRIAL).count()
    found = rows(sign_in("administrator"))
    assert len(found) == before + 1
    assert [int(row["seq"]) for row in found] == list(range(before + 1, 0, -1))
    rows(sign_in("administrator"), participant=label)
    act = Act.objects.filter(chain=TRIAL).latest("seq")
    assert (act.verb, act.changes) == ("audit.downloaded", {"participant": label})
    assert act.actor == world.person("administrator")
    assert audit.verify() == []


def test_a_download_cannot_run_in_a_spreadsheet(world: World, sign_in: SignIn) -> None:
    by = world.person("investigator")
    participants.withdraw(participant=world.participant(site="01"), reason="=HYPERLINK(1)", by=by)
    newest = rows(sign_in("investigator"), verb="participant.withdrawn")[0]
    assert newest["why"] == "'=HYPERLINK(1)"
    assert newest["changes"] == '{"state": ["randomized", "withdrawn"]}'


def test_markup_in_the_trail_stays_text(world: World, sign_in: SignIn) -> None:
    by = world.person("investigator")
    participants.withdraw(participant=world.participant(site="01"), reason="<script>x</script>", by=by)
    page = text(sign_in("investigator").get(PAGE))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_without_the_right_there_is_no_trail(world: World, sign_in: SignIn) -> None:
    for role in ("coordinator", "blinded_statistician", "unblinded_statistician", "dsmb_member"):
        for path in (PAGE, CSV):
            assert sign_in(role).get(path).status_code == 403
    assert not Act.objects.filter(verb="audit.downloaded").exists()


@pytest.mark.shows("ACC-01")
def test_the_trail_of_another_trial_does_not_exist(sign_in: SignIn) -> None:
    for role in ("administrator", "investigator"):
        for path in ("audit/", "audit.csv"):
            assert sign_in(role).get(f"/trials/{OTHER_TRIAL}/{path}").status_code == 404


def test_losing_the_right_to_know_the_arm_hides_it(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = ROLES["investigator"]
    monkeypatch.setitem(
        ROLES,
        "investigator",
        dataclasses.replace(role, permissions=role.permissions - {Permission.TRACK_VIEW}),
    )
    page = everything(sign_in("investigator"))
    assert page.count(HIDDEN) == sealed(world, "01")
    assert told(page) == []


def test_the_page_stays_within_its_budget_of_queries(
    sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for role in ("investigator", "data_manager", "administrator"):
        client = sign_in(role)
        with django_assert_max_num_queries(BUDGET):
            assert client.get(PAGE, {"verb": "record.submitted"}).status_code == 200
