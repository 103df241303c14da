"""Journeys: a form is drafted, submitted, corrected with a reason, and its items tell their history."""

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from crf.models import Record
from tests.integration.pages import BUDGET, SignIn, text
from tests.world import OTHER_TRIAL, PASSWORD, TRIAL, World
from trial.actions import participants, people, sites
from trial.models import Act, Participant
from trial.permissions import Permission
from trial.protocol.forms import Item
from trial.roles import ROLES
from trial.selectors import protocol_of

FOLLOW_UP = "visits/follow_up/1/follow_up/1/"
BASELINE = "visits/baseline/1/baseline/1/"
DAY = {"contact_on-day": "1", "contact_on-month": "6", "contact_on-year": "1990"}
ALIVE = {**DAY, "vital_status": "alive", "disease_assessed": "yes"}
DEAD = {**DAY, "vital_status": "dead"}


@pytest.fixture
def fresh(world: World) -> Participant:
    """A consented participant of site 01 without any form."""
    by = world.person("coordinator")
    site = world.participant(site="01").site
    new = participants.register(site=site, label="01-9001", by=by)
    participants.consent(participant=new, version="1", given_on=date(1984, 3, 1), by=by)
    return new


def address(participant: Participant | str, place: str, *, trial: str = TRIAL) -> str:
    return f"/trials/{trial}/participants/{participant}/{place}"


def record(participant: Participant, form: str = "follow_up") -> Record:
    return Record.objects.select_related("visit").get(participant=participant, form=form)


def fields(response: Any) -> set[str]:
    """Ids of the items on the page."""
    return {line.item.id for line in response.context["lines"]}


def baseline_of(stored: Record, **changes: str) -> dict[str, str]:
    """What a browser sends for the baseline form as it stands, with changes."""
    reasons = {f"{item}__missing": why for item, why in stored.missing.items()}
    values = {item: str(value) for item, value in stored.values.items()}
    return {**values, **reasons, **stored.soft_reasons, "record-version": str(stored.version), **changes}


def test_a_draft_is_kept_unfinished_and_finished_later(fresh: Participant, sign_in: SignIn) -> None:
    client, url = sign_in("coordinator"), address(fresh, FOLLOW_UP)
    saved = client.post(url, {"vital_status": "alive", "record-version": "0", "do-save": "1"})
    assert (saved.status_code, saved.headers["Location"]) == (302, url)
    assert (record(fresh).state, record(fresh).values) == ("draft", {"vital_status": "alive"})
    page = client.get(url)
    assert "The draft is saved." in text(page)
    assert fields(page) == {"contact_on", "vital_status", "disease_assessed"}
    done = client.post(url, {**ALIVE, "record-version": "1", "do-submit": "1"})
    assert done.headers["Location"] == address(fresh, "")
    assert record(fresh).state == "submitted"
    assert record(fresh).values == {
        "contact_on": "1990-06-01",
        "vital_status": "alive",
        "disease_assessed": "yes",
    }
    assert "Follow-up contact is submitted." in text(client.get(address(fresh, "")))


def test_errors_stand_on_top_and_at_the_field_and_nothing_typed_is_lost(
    fresh: Participant, sign_in: SignIn
) -> None:
    typed = {**ALIVE, "contact_on-day": "31", "record-version": "0", "do-submit": "1"}
    response = sign_in("coordinator").post(address(fresh, FOLLOW_UP), typed)
    page = text(response)
    assert page.count("is not a date") == 2
    assert 'href="#id_contact_on_0"' in page
    assert 'id="id_contact_on_0"' in page
    assert 'name="contact_on-day" value="31"' in page
    assert "<title>Error:" in response.content.decode()
    assert not Record.objects.filter(participant=fresh).exists()
    act = Act.objects.filter(chain=TRIAL, refused=True).latest("seq")
    assert (act.verb, act.participant, act.subject) == ("submit", "01-9001", "contact_on")


def test_a_draft_waits_for_required_items_but_not_for_readable_ones(
    fresh: Participant, sign_in: SignIn
) -> None:
    client, url = sign_in("coordinator"), address(fresh, BASELINE)
    refused = client.post(url, {"age": "old", "record-version": "0", "do-save": "1"})
    assert "is not a whole number" in text(refused)
    assert 'value="old"' in text(refused)
    assert client.post(url, {"age": "50", "record-version": "0", "do-save": "1"}).status_code == 302
    submitted = client.post(url, {"age": "50", "record-version": "1", "do-submit": "1"})
    assert text(submitted).count("Enter an answer.") > 10


def test_a_missing_value_is_submitted_with_its_reason(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    stored = record(participant, "baseline")
    typed = baseline_of(stored, nodes="", nodes__missing="not_done", **{"change-reason": "not in the report"})
    client = sign_in("coordinator")
    assert client.post(address(participant, BASELINE), {**typed, "do-correct": "1"}).status_code == 302
    assert record(participant, "baseline").missing["nodes"] == "not_done"
    assert "Not done" in text(client.get(address(participant, BASELINE)))


def test_an_unusual_answer_asks_for_its_reason_and_keeps_it(fresh: Participant, sign_in: SignIn) -> None:
    client, url = sign_in("coordinator"), address(fresh, FOLLOW_UP)
    asked = client.post(url, {**DEAD, "record-version": "0", "do-submit": "1"})
    page = text(asked)
    assert "the death form has no date yet" in page
    assert 'name="death_form_missing:vital_status"' in page
    assert not Record.objects.filter(participant=fresh).exists()
    why = {"death_form_missing:vital_status": "form follows"}
    assert client.post(url, {**DEAD, **why, "record-version": "0", "do-submit": "1"}).status_code == 302
    assert record(fresh).soft_reasons == why
    assert "Kept although unusual: form follows" in text(client.get(url))
    act = Act.objects.filter(chain=TRIAL, verb="record.submitted").latest("seq")
    assert act.changes["death_form_missing:vital_status"] == {"from": None, "to": "form follows"}


def test_a_reason_for_what_is_not_unusual_is_not_kept(fresh: Participant, sign_in: SignIn) -> None:
    typed = {**ALIVE, "death_form_missing:vital_status": "x", "record-version": "0", "do-submit": "1"}
    assert sign_in("coordinator").post(address(fresh, FOLLOW_UP), typed).status_code == 302
    assert record(fresh).soft_reasons == {}


def test_questions_appear_once_they_apply(fresh: Participant, sign_in: SignIn) -> None:
    client, url = sign_in("coordinator"), address(fresh, FOLLOW_UP)
    page = client.get(url)
    assert fields(page) == {"contact_on", "vital_status"}
    assert "Show the questions that apply" in text(page)
    shown = client.post(url, {**DAY, "vital_status": "alive", "record-version": "0", "do-apply": "1"})
    assert fields(shown) == {"contact_on", "vital_status", "disease_assessed"}
    assert 'name="contact_on-year" value="1990"' in text(shown)
    assert "There is a problem" not in text(shown)
    assert not Record.objects.filter(participant=fresh).exists()


def test_an_answer_that_no_longer_applies_stays_until_it_is_cleared(
    fresh: Participant, sign_in: SignIn
) -> None:
    client, url = sign_in("coordinator"), address(fresh, FOLLOW_UP)
    typed = {**ALIVE, "vital_status": "dead", "record-version": "0"}
    hint = client.post(url, {**typed, "do-apply": "1"})
    assert "disease_assessed" in fields(hint)
    assert "does not apply after the other answers" in text(hint)
    refused = client.post(url, {**typed, "do-submit": "1"})
    assert "disease_assessed" in fields(refused)
    assert "disease_assessed" in refused.context["form"].errors


@pytest.mark.shows("CRF-01")
def test_a_submitted_form_is_corrected_with_a_reason_only(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    client, url = sign_in("coordinator"), address(participant, BASELINE)
    stored = record(participant, "baseline")
    age = stored.values["age"]
    read = client.get(url)
    assert "?correct=1" in text(read)
    entry = client.get(f"{url}?correct=1")
    assert f"<del>{age}</del>" in text(entry)
    assert f"{url}history/age/" in text(entry)
    typed = baseline_of(stored, age=str(age + 1))
    refused = client.post(url, {**typed, "do-correct": "1"})
    assert "A change after submission needs a reason." in text(refused)
    assert f'value="{age + 1}"' in text(refused)
    assert record(participant, "baseline").values["age"] == age
    done = client.post(url, {**typed, "change-reason": "misread", "do-correct": "1"})
    assert (done.status_code, done.headers["Location"]) == (302, url)
    after = record(participant, "baseline")
    assert (after.values["age"], after.state, after.version) == (age + 1, "corrected", stored.version + 1)
    assert "Corrected after submission." in text(client.get(url))
    act = Act.objects.filter(chain=TRIAL, verb="record.corrected").latest("seq")
    assert (act.reason, act.changes) == ("misread", {"age": {"from": age, "to": age + 1}})


def test_errors_of_a_correction_are_told_together_with_the_missing_reason(
    world: World, sign_in: SignIn
) -> None:
    participant = world.participant(site="01")
    typed = baseline_of(record(participant, "baseline"), age="130")
    page = text(sign_in("coordinator").post(address(participant, BASELINE), {**typed, "do-correct": "1"}))
    assert "A change after submission needs a reason." in page
    assert "130 is impossible here: enter a number from 0 to 120." in page


def test_a_correction_that_changes_nothing_leaves_nothing(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    stored = record(participant, "baseline")
    client, url = sign_in("coordinator"), address(participant, BASELINE)
    typed = baseline_of(stored, **{"change-reason": "checked", "do-correct": "1"})
    assert client.post(url, typed).status_code == 302
    assert "Nothing was changed" in text(client.get(url))
    assert record(participant, "baseline").version == stored.version


def test_a_form_that_was_submitted_cannot_be_submitted_or_drafted_again(
    world: World, sign_in: SignIn
) -> None:
    participant = world.participant(site="01")
    stored = record(participant, "baseline")
    for button in ("do-submit", "do-save"):
        typed = baseline_of(stored, age="33", **{button: "1"})
        page = text(sign_in("coordinator").post(address(participant, BASELINE), typed))
        assert "This form was submitted already." in page
    assert record(participant, "baseline").values == stored.values


def test_an_overtaken_page_overwrites_nothing_and_loses_nothing(fresh: Participant, sign_in: SignIn) -> None:
    mine, theirs = sign_in("coordinator"), sign_in("investigator")
    url = address(fresh, BASELINE)
    start = {"age": "50", "sex": "male", "nodes": "3", "record-version": "0", "do-save": "1"}
    assert mine.post(url, start).status_code == 302
    other = {**start, "age": "51", "nodes": "4", "record-version": "1"}
    assert theirs.post(url, other).status_code == 302
    overtaken = mine.post(url, {**start, "nodes": "7", "sex": "female", "record-version": "1"})
    page = text(overtaken)
    assert record(fresh, "baseline").values == {"age": 51, "sex": "male", "nodes": 4}
    assert "Somebody else has saved this form since you opened it" in page
    assert "Investigator 01 saved it at" in page
    assert "Age: 50 became 51. It is filled in below." in page
    assert "Lymph nodes with detectable cancer: 3 became 4. You typed something else" in page
    form = overtaken.context["form"]
    shown = {name: form[name].value() for name in ("age", "sex", "nodes", "record-version")}
    assert shown == {"age": "51", "sex": "female", "nodes": "7", "record-version": "2"}
    changed = {line.item.id for line in overtaken.context["lines"] if line.beside.changed}
    assert changed == {"sex", "nodes"}
    again = {**start, **{name: str(value) for name, value in shown.items()}}
    assert mine.post(url, again).status_code == 302
    assert record(fresh, "baseline").values == {"age": 51, "sex": "female", "nodes": 7}


def test_a_draft_overtaken_by_a_submission_becomes_a_correction(fresh: Participant, sign_in: SignIn) -> None:
    mine, theirs = sign_in("coordinator"), sign_in("investigator")
    url = address(fresh, FOLLOW_UP)
    assert theirs.post(url, {**ALIVE, "record-version": "0", "do-submit": "1"}).status_code == 302
    overtaken = mine.post(url, {**ALIVE, "contact_on-day": "2", "record-version": "0", "do-submit": "1"})
    assert "Save the correction" in text(overtaken)
    assert overtaken.context["form"]["contact_on"].value() == ["2", "6", "1990"]
    assert record(fresh).values["contact_on"] == "1990-06-01"


def test_pressing_submit_twice_is_not_an_error(fresh: Participant, sign_in: SignIn) -> None:
    client, url = sign_in("coordinator"), address(fresh, FOLLOW_UP)
    typed = {**ALIVE, "record-version": "0", "do-submit": "1"}
    assert [client.post(url, typed).status_code for _press in range(2)] == [302, 302]
    assert "holds these answers already" in text(client.get(url))
    assert record(fresh).version == 1


@pytest.mark.parametrize("token", ["", "-1", "x", "99"])
def test_a_page_without_a_sound_version_saves_nothing(
    fresh: Participant, sign_in: SignIn, token: str
) -> None:
    page = text(
        sign_in("coordinator").post(
            address(fresh, FOLLOW_UP), {**ALIVE, "record-version": token, "do-submit": "1"}
        )
    )
    assert "Somebody else has saved this form" in page
    assert not Record.objects.filter(participant=fresh).exists()


@pytest.mark.shows("CRF-01")
def test_the_history_of_an_item_tells_who_when_from_to_and_why(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    stored = record(participant, "baseline")
    client, age = sign_in("coordinator"), stored.values["age"]
    typed = baseline_of(stored, age=str(age + 1), **{"change-reason": "<b>misread</b>", "do-correct": "1"})
    with time_machine.travel(datetime(2026, 11, 22, 10, 42, tzinfo=UTC), tick=False):
        client.post(address(participant, BASELINE), typed)
        response = client.get(address(participant, f"{BASELINE}history/age/"))
    newest, first = response.context["rows"]
    cells = [cell.get("text", cell.get("missing")) for cell in newest["cells"]]
    assert cells[:5] == ["22-Nov-2026 10:42 UTC", "Coordinator 01", str(age), str(age + 1), "<b>misread</b>"]
    assert "&lt;b&gt;misread&lt;/b&gt;" in text(response)
    assert [cell.get("missing") for cell in first["cells"]][2] == "empty"
    assert first["cells"][1]["text"] == "IMPORT"


def test_the_site_reads_its_own_clock_and_its_own_day(world: World) -> None:
    importer = people.service_identity(name="IMPORT")
    site = sites.add(trial=world.trial, code="88", name="East", time_zone="Asia/Shanghai", by=importer)
    person = people.create(email="east@x.invalid", name="East", password=PASSWORD, by=importer)
    people.grant(
        person=person,
        trial=world.trial,
        role="coordinator",
        site=site,
        starts_on=date(2020, 1, 1),
        by=importer,
    )
    new = participants.register(site=site, label="88-1", by=importer)
    participants.consent(participant=new, version="1", given_on=date(2026, 1, 1), by=importer)
    tomorrow = {"contact_on-day": "23", "contact_on-month": "11", "contact_on-year": "2026"}
    typed = {**ALIVE, **tomorrow, "record-version": "0", "do-submit": "1"}
    client, url = Client(), address("88-1", FOLLOW_UP)
    with time_machine.travel(datetime(2026, 11, 22, 18, 30, tzinfo=UTC), tick=False):
        client.force_login(person)
        assert client.post(url, typed).status_code == 302
        history = client.get(f"{url}history/contact_on/").context["rows"]
        refused = client.post(
            address("88-1", "visits/follow_up/2/follow_up/1/"), {**typed, "contact_on-day": "24"}
        )
    assert history[0]["cells"][0] == {
        "text": "22-Nov-2026 18:30 UTC",
        "note": "23-Nov-2026 02:30 UTC+08:00 at the site",
    }
    assert "This date lies in the future." in text(refused)


def test_those_who_read_may_not_write(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    client = sign_in("data_manager")
    page = text(client.get(f"{address(participant, BASELINE)}?correct=1"))
    assert "<form" not in page
    assert "?correct=1" not in page
    typed = baseline_of(record(participant, "baseline"), age="33", **{"change-reason": "x"})
    for button in ("do-correct", "do-submit", "do-save", "do-apply"):
        assert client.post(address(participant, BASELINE), {**typed, button: "1"}).status_code == 403
    empty = client.get(address(participant, "visits/follow_up/1/follow_up/1/"))
    assert "<form" not in text(empty)


def test_without_the_right_to_see_participants_there_is_a_refusal(world: World, sign_in: SignIn) -> None:
    participant = world.participant(site="01")
    for role in ("blinded_statistician", "unblinded_statistician", "dsmb_member", "administrator"):
        client = sign_in(role)
        for place in (BASELINE, f"{BASELINE}history/age/"):
            assert client.get(address(participant, place)).status_code == 403
        assert client.post(address(participant, BASELINE), {"do-save": "1"}).status_code == 403


@pytest.mark.shows("ACC-01")
def test_a_form_of_another_site_or_trial_does_not_exist(world: World, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    there, foreign = world.participant(site="02"), world.participant(trial=OTHER_TRIAL)
    for place in (BASELINE, f"{BASELINE}history/age/"):
        assert client.get(address(there, place)).status_code == 404
        assert client.get(address(foreign, place, trial=OTHER_TRIAL)).status_code == 404
    before = record(there, "baseline")
    typed = baseline_of(before, age="33", **{"change-reason": "x", "do-correct": "1"})
    assert client.post(address(there, BASELINE), typed).status_code == 404
    assert record(there, "baseline").values == before.values


@pytest.mark.parametrize(
    "place",
    [
        "visits/baseline/1/death/1/",
        "visits/baseline/2/baseline/1/",
        "visits/baseline/1/baseline/2/",
        "visits/follow_up/3/follow_up/1/",
        "visits/follow_up/0/follow_up/1/",
        "visits/follow_up/99999999999999999999999/follow_up/1/",
        "visits/nowhere/1/baseline/1/",
        "visits/follow_up/1/follow_up/1/history/contact_on/",
        f"{BASELINE}history/no_such_item/",
    ],
)
def test_a_place_that_the_protocol_does_not_offer_is_not_there(
    fresh: Participant, sign_in: SignIn, place: str
) -> None:
    client = sign_in("coordinator")
    assert client.get(address(fresh, place)).status_code == 404
    assert client.post(address(fresh, place), {"do-save": "1"}).status_code in (404, 405)


def test_a_repeated_visit_is_begun_after_the_one_before(fresh: Participant, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    second = address(fresh, "visits/follow_up/2/follow_up/1/")
    assert client.get(second).status_code == 404
    client.post(address(fresh, FOLLOW_UP), {**ALIVE, "record-version": "0", "do-submit": "1"})
    assert client.get(second).status_code == 200


@pytest.mark.shows("CON-01")
def test_nothing_is_entered_before_consent_and_nothing_is_begun_after_withdrawal(
    world: World, sign_in: SignIn
) -> None:
    by = world.person("coordinator")
    unconsented = participants.register(site=world.participant(site="01").site, label="01-9002", by=by)
    withdrawn = world.participant(site="01")
    participants.withdraw(participant=withdrawn, reason="own wish", by=by)
    client = sign_in("coordinator")
    asked = {
        unconsented: (
            "visits/treatment/1/treatment_start/1/",
            {"treatment": "Obs"},
            "No consent is recorded",
        ),
        withdrawn: (FOLLOW_UP, ALIVE, "has withdrawn: no new form may be begun"),
    }
    for participant, (place, typed, says) in asked.items():
        url = address(participant, place)
        page = text(client.get(url))
        assert says in page
        assert "<form" not in page
        before = Record.objects.filter(participant=participant).count()
        for button in ("do-save", "do-submit"):
            assert says in text(client.post(url, {**typed, "record-version": "0", button: "1"}))
        assert Record.objects.filter(participant=participant).count() == before


@pytest.mark.shows("CON-01")
def test_what_was_collected_before_a_withdrawal_is_still_corrected_with_a_reason(
    world: World, sign_in: SignIn
) -> None:
    participant = world.participant(site="01")
    participants.withdraw(participant=participant, reason="own wish", by=world.person("coordinator"))
    client, url = sign_in("coordinator"), address(participant, BASELINE)
    stored = record(participant, "baseline")
    assert "?correct=1" in text(client.get(url))
    typed = baseline_of(stored, age=str(stored.values["age"] + 1), **{"do-correct": "1"})
    assert "needs a reason" in text(client.post(url, typed))
    assert client.post(url, {**typed, "change-reason": "misread"}).status_code == 302
    assert record(participant, "baseline").values["age"] == stored.values["age"] + 1


def test_a_form_that_tells_the_arm_is_hidden_from_those_who_may_not_know_it(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant = world.participant(site="01")
    form = protocol_of(world.trial).forms["treatment_start"]
    role = ROLES["coordinator"]
    blind = dataclasses.replace(role, permissions=role.permissions - {Permission.TRACK_VIEW})
    monkeypatch.setitem(ROLES, "coordinator", blind)
    client = sign_in("coordinator")
    url = address(participant, "visits/treatment/1/treatment_start/1/")
    page = text(client.get(url))
    assert page.count("Hidden: it would tell the arm.") == len(form.items)
    assert not [choice for choice in _labels(form.items, world) if choice in page]
    assert client.get(f"{url}history/treatment/").status_code == 403
    assert client.post(url, {"do-correct": "1"}).status_code == 403


def _labels(items: tuple[Item, ...], world: World) -> list[str]:
    protocol = protocol_of(world.trial)
    return [choice.label["en"] for item in items for choice in protocol.choices(item)]


def test_pages_stay_within_their_budget_of_queries(
    world: World, fresh: Participant, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client, label = sign_in("coordinator"), world.participant(site="01").label
    for path in (
        address(label, BASELINE),
        f"{address(label, BASELINE)}?correct=1",
        address(label, f"{BASELINE}history/age/"),
        address(fresh, FOLLOW_UP),
        address(fresh, BASELINE),
    ):
        with django_assert_max_num_queries(BUDGET):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(BUDGET):
        applied = client.post(address(fresh, FOLLOW_UP), {**ALIVE, "record-version": "0", "do-apply": "1"})
    assert applied.status_code == 200


def test_the_form_speaks_chinese_where_the_protocol_does(fresh: Participant, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    # A request leaves its language behind in the thread; the tests after this one read English.
    with translation.override("en"):
        client.post("/language/", {"language": "zh-hans"})
        page = text(client.get(address(fresh, FOLLOW_UP)))
    assert "联系日期" in page
    assert "存活" in page
