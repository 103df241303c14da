"""Journeys: the casebook of the main trial with its schedule, and home with what waits for whom."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crf import worklists
from crf.actions import entry
from crf.models import Record
from tests import salvage
from tests.integration.pages import BUDGET, client_of, main
from tests.world import World
from trial.access import rooms
from trial.actions import participants, protocols
from trial.models import Participant, Trial
from trial.permissions import Permission
from trial.protocol.loader import load_files
from trial.roles import ROLES

AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
# Month 3: 1 September, open 18 August to 15 September. Month 6: 1 December, from 17 November.
OVERDUE_ON = datetime(2026, 10, 15, 10, 0, tzinfo=UTC)
DUE_ON = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SEEN = salvage.nothing_found(date(2026, 9, 1))
DIED = {"died_on": "2026-10-02", "cause": "unknown", "source": "site"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(OVERDUE_ON, tick=False) as clock:
        yield clock


@pytest.fixture
def trial(world: World) -> Trial:
    return salvage.open_trial()


def randomized(label: str = "01-0001", **changes: str | None) -> Participant:
    return salvage.randomized(label[:2], label, at=AT, consented_on=date(2026, 5, 20), **changes)


def casebook(participant: Participant, role: str = "coordinator") -> Any:
    response = client_of(role).get(f"/trials/t1-salvage/participants/{participant.label}/")
    assert response.status_code == 200
    return response


def states(response: Any) -> dict[str, str]:
    return {row["cells"][0]["text"]: row["cells"][-1]["status"] for row in response.context["rows"]}


def shown(response: Any) -> set[str]:
    groups = (*response.context["groups"], *response.context["as_needed"])
    return {task["label"] for group in groups for task in group["tasks"]}


def lines(response: Any, title: str) -> list[str]:
    """The labels on one card of home."""
    trial = next(each for each in response.context["trials"] if each["key"] == salvage.TRIAL)
    card = next(each for each in trial["cards"] if each["title"] == title)
    return [task["label"] for task in card["tasks"]]


def card(response: Any, title: str) -> Any:
    trial = next(each for each in response.context["trials"] if each["key"] == salvage.TRIAL)
    return next(each for each in trial["cards"] if each["title"] == title)


def test_home_says_what_each_of_those_who_wait_waits_for(trial: Trial) -> None:
    salvage.screened("01", "01-0001")
    salvage.screened("01", "01-0002", **{"local_excision.size_mm": "20", "local_excision.lvi": None})
    salvage.screened("01", "01-0003", **{"screening.distance_mm": "120"})
    salvage.registered("01", "01-0004")
    salvage.enrolled("01", "01-0005")
    told = {
        task["label"]: task["note"] for task in card(client_of("coordinator").get("/"), "To do next")["tasks"]
    }
    assert told == {
        "01-0001": "Confirm eligibility",
        "01-0002": "Complete the screening: Lymphovascular invasion",
        "01-0003": "Not eligible: record the screen failure",
        "01-0004": "Record the consent",
        "01-0005": "Randomize",
    }


def test_home_counts_the_randomized_of_whom_some_have_withdrawn(trial: Trial) -> None:
    randomized("01-0001")
    gone = randomized("01-0002")
    participants.withdraw(participant=gone, reason="own wish", by=salvage.person("investigator"))
    facts = dict(card(client_of("data_manager").get("/"), "Participants")["facts"])
    assert facts == {"All": 2, "Randomized in all": 2, "Now: Randomized": 1, "Now: Withdrawn": 1}


@pytest.mark.shows("SCH-01")
def test_planned_visits_stand_in_the_casebook_as_the_day_has_them(
    trial: Trial, clock: time_machine.Traveller
) -> None:
    somebody = randomized()
    response = casebook(somebody)
    first = response.context["rows"][0]["cells"]
    assert first[0] == {"text": "Month 3"}
    assert first[1] == {"date": date(2026, 9, 1)}
    assert first[2] == {"text": "18-Aug-2026 to 15-Sep-2026"}
    assert [states(response)[visit] for visit in ("Month 3", "Month 6")] == ["overdue", "not_due"]
    assert "Overdue" in main(response)
    begun = salvage.entry_of({}, visit="m24", form="follow_up")
    entry.save_draft(participant=somebody, entry=begun, by=salvage.person("coordinator"))
    assert main(casebook(somebody)).count("A draft is waiting.") == 1
    clock.move_to(DUE_ON)
    assert [states(casebook(somebody))[v] for v in ("Month 3", "Month 6", "Month 9")] == [
        "missed",
        "due",
        "not_due",
    ]
    salvage.entered(somebody, "follow_up", SEEN, visit="m03")
    salvage.entered(somebody, "follow_up", {**SEEN, "visit_on": "2026-11-20"}, visit="m06")
    response = casebook(somebody)
    assert [states(response)[visit] for visit in ("Month 3", "Month 6")] == ["done", "done"]
    third, sixth = (row["cells"][-1]["note"] for row in response.context["rows"][:2])
    assert third == "Asked for, not done: CEA."
    assert "pelv" in sixth.lower()


@pytest.mark.shows("SCH-01")
def test_nothing_is_due_after_death_or_withdrawal(trial: Trial) -> None:
    dead, left = randomized("01-0001"), randomized("01-0002")
    salvage.entered(dead, "death", DIED, visit="death")
    gone = {"withdrawn_on": "2026-10-02", "level": "visits", "public_records": "yes"}
    salvage.entered(left, "withdrawal", gone, visit="withdrawal")
    for somebody in (dead, left):
        found = states(casebook(salvage.again(somebody)))
        assert (found["Month 3"], found["Month 6"]) == ("missed", "not_expected")
    home = client_of("coordinator").get("/")
    assert lines(home, "Overdue") == []


def test_forms_stand_where_they_apply(trial: Trial) -> None:
    somebody, screened = randomized(), salvage.screened("01", "01-0002")
    before = casebook(salvage.registered("01", "01-0003"))
    ways = {task["label"]: task["url"] for group in before.context["groups"] for task in group["tasks"]}
    assert [label for label, url in ways.items() if url] == ["Informed consent"]
    assert not {"Start of treatment", "Adverse event"} & shown(casebook(screened))
    after = shown(casebook(somebody))
    assert {"Start of treatment", "Adverse event", "Recurrence", "Death", "Withdrawal"} <= after
    assert ("Radiotherapy" in after) is (somebody.track == "CRT")
    assert ("Total mesorectal excision" in after) is (somebody.track == "TME")


def test_who_may_not_know_the_arm_is_not_shown_the_forms_that_tell_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = randomized()
    late = {"status": "given", "treatment": somebody.track, "started_on": "2026-09-20"}
    salvage.entered(somebody, "treatment_start", late, visit="treatment")
    assert "More than 8 weeks after randomization" in main(casebook(somebody))
    role = ROLES["coordinator"]
    blind = dataclasses.replace(role, permissions=role.permissions - {Permission.TRACK_VIEW})
    monkeypatch.setitem(ROLES, "coordinator", blind)
    assert not {"Radiotherapy", "Chemotherapy", "Total mesorectal excision"} & shown(casebook(somebody))
    page = main(casebook(somebody))
    assert "More than 8 weeks" not in page
    assert "confirmed in the source" not in page
    assert "Hidden: it would tell the arm." in page
    client = client_of("coordinator")
    pages = {
        form: main(client.get(f"/trials/t1-salvage/participants/01-0001/visits/treatment/1/{form}/1/"))
        for form in ("tme", "radiotherapy")
    }
    assert all("does not apply" not in page for page in pages.values())
    form = "radiotherapy" if somebody.track == "CRT" else "tme"
    monkeypatch.setitem(ROLES, "coordinator", role)
    by, what = salvage.person("coordinator"), salvage.entry_of({}, visit="treatment", form=form)
    entry.save_draft(participant=somebody, entry=what, by=by)
    monkeypatch.setitem(ROLES, "coordinator", blind)
    told = {"Radiotherapy", "Total mesorectal excision"} & shown(casebook(somebody))
    assert len(told) == 1


def test_a_form_that_does_not_apply_says_so_on_its_page(trial: Trial) -> None:
    salvage.screened("01", "01-0001")
    page = main(
        client_of("coordinator").get("/trials/t1-salvage/participants/01-0001/visits/m03/1/follow_up/1/")
    )
    assert "does not apply to this participant" in page
    assert "Whether it applies hangs on: Day of randomization." in page
    assert "<form" not in page


def test_what_is_open_stands_on_top_of_the_casebook(trial: Trial) -> None:
    changes = {"local_excision.resection_plane": "yes", "demography.weight_kg": "150"}
    somebody = salvage.screened("01", "01-0001", **changes)
    told = [[cell.get("text") for cell in row["cells"]] for row in casebook(somebody).context["findings"]]
    assert ["Exclusion criterion present: Carcinoma in the resection plane", "Eligibility", None] in told
    kept = [
        "150 is unusual: expected a number from 35 to 140.",
        "Demography and history",
        "confirmed in the source",
    ]
    assert kept in told
    page = main(casebook(somebody))
    assert "Open findings" in page
    assert "confirmed in the source" in page
    assert "Open findings" not in main(casebook(salvage.screened("01", "01-0002")))


@pytest.mark.shows("SCH-01")
def test_a_visit_outside_its_window_asks_for_the_reason(trial: Trial) -> None:
    somebody = randomized()
    client = client_of("coordinator")
    url = "/trials/t1-salvage/participants/01-0001/visits/m03/1/follow_up/1/"
    late = {**SEEN, "visit_on": "2026-09-16"}
    posted = {k: v for k, v in late.items() if k != "visit_on"}
    posted |= {"visit_on-day": "16", "visit_on-month": "9", "visit_on-year": "2026"}
    asked = main(client.post(url, {**posted, "record-version": "0", "do-submit": "1"}))
    assert "16-Sep-2026 lies outside the window of this visit, 18-Aug-2026 to 15-Sep-2026." in asked
    why = {"window:visit_on": "on holiday"}
    assert client.post(url, {**posted, **why, "record-version": "0", "do-submit": "1"}).status_code == 302
    assert Record.objects.get(participant=somebody, form="follow_up").soft_reasons == why
    assert "16-Sep-2026 lies outside the window of the visit." in main(casebook(somebody))
    salvage.entered(somebody, "follow_up", late, visit="extra")
    assert Record.objects.get(participant=somebody, visit__key="extra").soft_reasons == {}


def test_the_forms_of_a_visit_stay_open_where_another_one_of_it_can_no_longer_be_begun(trial: Trial) -> None:
    somebody = randomized()
    files = {**trial.protocol.files}  # type: ignore[union-attr]
    text = files["protocol.yaml"].replace("version: 1", "version: 2", 1)
    files["protocol.yaml"] = text.replace(
        "forms: [follow_up]", "forms: [follow_up, concomitant_medication]", 1
    )
    protocols.activate(loaded=load_files(files), by=salvage.person("administrator"))
    salvage.entered(salvage.again(somebody), "follow_up", SEEN, visit="m03")
    gone = {"withdrawn_on": "2026-10-02", "level": "visits", "public_records": "yes"}
    salvage.entered(salvage.again(somebody), "withdrawal", gone, visit="withdrawal")
    response = casebook(salvage.again(somebody))
    visit = "/trials/t1-salvage/participants/01-0001/visits/m03/1/"
    links = response.context["rows"][0]["cells"][3]["links"]
    assert links == [("Follow-up visit", f"{visit}follow_up/1/"), ("Concomitant medication", "")]
    page = main(response)
    assert f'href="{visit}follow_up/1/"' in page
    assert "Concomitant medication" in page
    assert f"{visit}concomitant_medication" not in page
    assert 'href=""' not in page


def test_another_is_begun_after_the_last_one_a_draft_included(trial: Trial) -> None:
    somebody = randomized()
    what = salvage.entry_of({}, visit="adverse_event", form="adverse_event")
    entry.save_draft(participant=somebody, entry=what, by=salvage.person("coordinator"))
    offered = {each["label"]: each["url"] for each in casebook(somebody).context["more"]}
    assert offered["Adverse event 2"].endswith("/visits/adverse_event/2/adverse_event/1/")
    assert client_of("coordinator").get(offered["Adverse event 2"]).status_code == 200
    assert "Recurrence 2" not in offered
    assert casebook(somebody, "data_manager").context["more"] == []


def test_the_pages_of_a_participant_are_tabs_for_those_who_may_open_them(trial: Trial) -> None:
    somebody = salvage.screened("01", "01-0001")
    tabs = {
        role: casebook(somebody, role).context["participant_tabs"] for role in ("coordinator", "investigator")
    }
    labels = {role: [tab["label"] for tab in found] for role, found in tabs.items()}
    assert labels["coordinator"][0] == "Casebook"
    assert "History" not in labels["coordinator"]
    assert labels["investigator"] == [*labels["coordinator"], "History"]
    assert [tab["label"] for tab in tabs["investigator"] if tab["current"]] == ["Casebook"]
    for tab in tabs["investigator"]:
        assert client_of("investigator").get(tab["url"]).status_code == 200


@pytest.mark.shows("SCH-01")
def test_home_says_what_is_overdue_due_and_next_at_her_site(
    trial: Trial, clock: time_machine.Traveller
) -> None:
    randomized("01-0001")
    salvage.randomized("02", "02-0001", at=AT, consented_on=date(2026, 5, 20))
    salvage.registered("01", "01-0002")
    salvage.screened("01", "01-0003")
    home = client_of("coordinator").get("/")
    assert lines(home, "Overdue") == ["01-0001 · Month 3"]
    assert lines(home, "To do next") == ["01-0002", "01-0003"]
    assert lines(home, "Due this week") == []
    assert "02-0001" not in main(home)
    clock.move_to(DUE_ON)
    home = client_of("coordinator").get("/")
    assert (lines(home, "Overdue"), lines(home, "Due this week")) == ([], ["01-0001 · Month 6"])
    manager = client_of("data_manager").get("/")
    sites = next(c for c in manager.context["trials"][0]["cards"] if c["title"] == "Sites")
    assert [[cell.get("text", cell.get("number")) for cell in row["cells"]] for row in sites["rows"]] == [
        ["01 Site 01", 1, 0],
        ["02 Site 02", 1, 0],
    ]


@pytest.mark.shows("SCH-01")
def test_today_is_that_of_the_site(trial: Trial, clock: time_machine.Traveller) -> None:
    randomized("01-0001")
    salvage.randomized("02", "02-0001", at=AT, consented_on=date(2026, 5, 20))
    # The last day of the window is over in Shanghai, not in Berlin.
    clock.move_to(datetime(2026, 9, 15, 17, 0, tzinfo=UTC))
    found = {site: client_of("coordinator", site=site).get("/") for site in ("01", "02")}
    assert lines(found["01"], "Overdue") == ["01-0001 · Month 3"]
    assert (lines(found["02"], "Overdue"), lines(found["02"], "Due this week")) == ([], ["02-0001 · Month 3"])


def test_a_long_list_is_cut_and_counted(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.cards.SHOWN", 2)
    for number in range(3):
        salvage.registered("01", f"01-000{number}")
    home = client_of("coordinator").get("/")
    assert lines(home, "To do next") == ["01-0000", "01-0001"]
    assert "and 1 more" in main(home)


def test_what_is_done_is_not_counted(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = salvage.registered("01", "01-0001")
    forms = salvage.eligible(date(2026, 10, 1))
    salvage.entered(somebody, "consent", forms["consent"], visit=salvage.VISIT)
    home = client_of("coordinator").get("/")
    assert len(lines(home, "Submitted last")) == 1
    assert " more" not in main(home)
    monkeypatch.setattr("config.cards.RECENT", 1)
    salvage.entered(somebody, "demography", forms["demography"], visit=salvage.VISIT)
    home = client_of("coordinator").get("/")
    assert len(lines(home, "Submitted last")) == 1
    assert " more" not in main(home)


def test_lists_cost_three_queries_however_many_wait(trial: Trial) -> None:
    where = next(r for r in rooms(salvage.person("coordinator")) if r.trial.key == salvage.TRIAL)
    counts = []
    for label in ("01-0001", "01-0002"):
        randomized(label)
        with CaptureQueriesContext(connection) as queries:
            found = worklists.work(where)
        counts.append((len(found.overdue), len(queries)))
    assert counts == [(1, 3), (2, 3)]
    for role in ("coordinator", "data_manager"):
        client = client_of(role)
        for path in ("/", "/trials/t1-salvage/participants/01-0001/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            assert len(queries) <= BUDGET


def test_the_lists_never_ask_for_the_arm(trial: Trial) -> None:
    randomized()
    where = next(r for r in rooms(salvage.person("data_manager")) if r.trial.key == salvage.TRIAL)
    with CaptureQueriesContext(connection) as queries:
        (task,) = worklists.work(where).overdue
    assert all('"track"' not in query["sql"] for query in queries)
    assert "track" in task.participant.get_deferred_fields()
    assert task.planned.window.closes - task.planned.window.opens == timedelta(days=28)
