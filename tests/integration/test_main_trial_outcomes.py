"""The main trial frozen and analysed: two populations side by side, one arm described alone, nothing blinded told."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from crf.actions import entry
from exports import actions as tokens
from outcomes.actions import analyses, runs, snapshots
from outcomes.models import Analysis, Snapshot
from outcomes.selectors import declared, found
from outcomes.snapshot_files import SnapshotChanged, frame
from outcomes.verdict_lines import verdict_lines
from tests import salvage
from tests.integration.bearers import ARM, DATA, META, fetch
from tests.world import World
from trial.actions import protocols
from trial.models import Participant, Trial
from trial.protocol.loader import load_files

START = date(2025, 1, 10)
RANDOMIZED = datetime(2025, 1, 10, 8, tzinfo=UTC)
REPORT, SNAPSHOTS = "/trials/t1-salvage/outcomes/", "/trials/t1-salvage/snapshots/"
FIGURE = re.compile(r'src="(/trials/[^"]+\.svg[^"]*)"')
VALUE_FILES = ("values", "values_arm")
LABELS = ("01-0001", "01-0002", "01-0003", "01-0004")


def on(days: int) -> str:
    return (START + timedelta(days=days)).isoformat()


def visited(somebody: Participant, days: int, visit: str) -> None:
    """An examination and CEA, as month 3 asks."""
    answers = {
        "visit_on": on(days), "examination": "yes", "cea_done": "yes", "cea_value": "2", "pelvic_mri": "no",
        "rectoscopy": "no", "ct": "no", "colonoscopy": "no", "status": "no_evidence",
    }  # fmt: skip
    salvage.entered(somebody, "follow_up", answers, visit=visit)


def recurred(somebody: Participant, first_evidence: str, kind: str = "local") -> None:
    more = {"distant_sites": "liver", "m_stage": "M1a"} if kind == "distant" else {"local_site": None}
    answers = {"kind": kind, "first_evidence": first_evidence, "evidence": "imaging", "biopsy": "no", **more}
    salvage.entered(somebody, "recurrence", answers, visit="recurrence")


@pytest.fixture
def trial(world: World) -> Trial:
    """Four participants of one stratum: a recurrence without a day, metastases at once, a visit, nothing."""
    made = salvage.open_trial()
    for number, label in enumerate(LABELS):
        at = RANDOMIZED + timedelta(minutes=number)
        salvage.randomized("01", label, at=at, consented_on=date(2025, 1, 8))
    recurred(somebody(0), "2025-06")
    recurred(somebody(1), on(12), kind="distant")
    visited(somebody(2), 90, "m03")
    return made


def somebody(place: int) -> Participant:
    return salvage.again(Participant.objects.get(label=LABELS[place], trial__key=salvage.TRIAL))


def frozen(trial: Trial, cut_off: date = date(2025, 12, 31)) -> Snapshot:
    by = salvage.person("unblinded_statistician")
    return snapshots.freeze(trial=trial, cut_off=cut_off, reason="look", by=by)


def analysed(snapshot: Snapshot) -> list[Analysis]:
    asked = analyses.request_all(snapshot=snapshot, by=salvage.person("unblinded_statistician"))
    for analysis in asked:
        runs.run(analysis.pk)
    return list(Analysis.objects.filter(snapshot=snapshot).select_related("result").order_by("pk"))


def signed_in(role: str, **where: str) -> Client:
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(salvage.person(role, **where), backend=backend)
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.shows("END-01", "END-02", "BLD-01")
def test_what_tells_the_arm_is_frozen_in_files_of_its_own(trial: Trial) -> None:
    entry.save_draft(
        participant=somebody(3),
        entry=salvage.entry_of({"visit_on": on(80)}, visit="m03", form="follow_up"),
        by=salvage.person("coordinator"),
    )
    snapshot = frozen(trial)
    marked = {name for name, told in snapshot.manifest["files"].items() if told["shows_arm"]}
    assert marked == {
        "treatment",
        "values_arm",
        "adtte_arm",
        "populations",
        "notes",
        "findings_arm",
        "completions",
    }
    assert {name for name in frame(snapshot, "adsl") if name.endswith("FL")} == {"ITTFL", "mITTFL"}
    times = frame(snapshot, "adtte").set_index(["PARAMCD", "USUBJID"])
    assert set(frame(snapshot, "adtte")["PARAMCD"]) == {"DFS", "LRR", "OS", "RFS"}
    first = times.loc[("DFS", somebody(0).usubjid)]
    assert (first["ADT"], first["ADTF"], first["EVENT"]) == (date(2025, 6, 15), "D", 1)
    assert times.loc[("DFS", somebody(2).usubjid)]["AVAL"] == 90
    counts = snapshot.manifest["counts"]
    assert (counts["records_in_draft"], counts["dates_imputed"], counts["adjudications_pending"]) == (1, 1, 2)
    assert counts["records_counted"] == 4 * 5 + 3
    reasons = frame(snapshot, "populations").query("POPULATION == 'PP'")["REASON"]
    assert all("allocated_begun" in reason for reason in reasons)
    items = {name: set(frame(snapshot, name).query("FORM == 'follow_up'")["ITEM"]) for name in VALUE_FILES}
    assert items["values_arm"] == {"rectoscopy", "remarks"}
    assert not items["values"] & items["values_arm"]


@pytest.mark.shows("NI-02")
def test_every_declared_analysis_is_done_also_without_anything_to_compare(trial: Trial) -> None:
    done = analysed(frozen(trial))
    asked = [(each.endpoint, each.population) for each in done]
    plan = salvage.text().protocol.endpoints
    assert asked == declared(plan)
    assert asked[:2] == [("DFS", "ITT"), ("DFS", "PP")]
    assert {each.state for each in done} == {"done"}
    values = {key: found(each.result) for key, each in zip(asked, done, strict=True)}
    alone = values["TMEFREE", "ITT"]
    assert (alone["arms"], alone["comparisons"]) == (["CRT"], [])
    assert set(done[asked.index(("TMEFREE", "ITT"))].result.figures) == {"curve.en", "curve.zh-hans"}
    assert sum(values["DFS", "ITT"]["pending"].values()) == 2
    assert sum(values["DFS", "ITT"]["imputed"].values()) == 1
    assert set(values["DFS", "ITT"]["completions"]) == {"earliest", "latest"}
    assert (values["LRR", "ITT"]["completions"], values["DFS", "PP"]["completions"]) == ({}, {})
    assert values["DFS", "PP"]["primary"] is True
    lines = verdict_lines([each.result for each in done])
    assert lines[0].startswith("DFS  Disease-free survival, event-free at 36 months, ITT · Result ")
    assert any(line.endswith("CRT only · Result " + str(done[-2].result.pk)) for line in lines)


@pytest.mark.shows("END-01")
def test_a_date_that_counts_with_one_completion_alone_is_shown_at_its_ends(trial: Trial) -> None:
    snapshot = frozen(trial, date(2025, 6, 10))
    times = frame(snapshot, "adtte").query("PARAMCD == 'DFS'").set_index("USUBJID")
    first = times.loc[somebody(0).usubjid]
    assert (first["EVENT"], set(times["ADTF"])) == (0, {""})
    asked = analyses.request_all(snapshot=snapshot, by=salvage.person("unblinded_statistician"))
    result = runs.run(asked[0].pk)
    assert result is not None
    assert set(found(result)["completions"]) == {"earliest", "latest"}
    full = frozen(trial, date(2025, 5, 31))
    asked = analyses.request_all(snapshot=full, by=salvage.person("unblinded_statistician"))
    result = runs.run(asked[0].pk)
    assert result is not None
    assert found(result)["completions"] == {}


def test_an_analysis_reads_what_was_frozen_whatever_tells_the_arm_today(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr("outcomes.tabulation.endpoint_tells_arm", lambda endpoint, protocol: True)
        snapshot = frozen(trial)
    result = runs.run(
        analyses.request_all(snapshot=snapshot, by=salvage.person("unblinded_statistician"))[0].pk
    )
    assert result is not None
    assert sum(curve["n"] for curve in found(result)["curves"]) == len(LABELS)


def test_the_report_says_what_is_open_before_the_numbers(trial: Trial) -> None:
    analysed(frozen(trial))
    reader = signed_in("dsmb_member")
    page = text(reader, REPORT)
    for words in (
        "Every event is pending adjudication and counts as site-reported: ",
        "1 time rests on a date of which the day or month was imputed.",
        "described in one arm only: no comparison",
        "sensitivity analysis with FDA-style censoring",
        "sensitivity analysis with another origin",
        "supports the verdict or not",
        "in both populations",
        "Per protocol",
        "2.38 · Supportive; not estimated yet.",
    ):
        assert words in page, words
    # Nobody was treated: three analyses have no curve, and two of the nine compare nothing.
    shown = [address.replace("&amp;", "&") for address in FIGURE.findall(page)]
    assert len(shown) == 6 + 7
    assert {reader.get(address).status_code for address in shown} == {200}


@pytest.mark.shows("BLD-01")
def test_the_closed_room_reads_the_findings_on_endpoints_that_tell_the_arm_too(trial: Trial) -> None:
    recurred(somebody(3), on(0))
    snapshot = frozen(trial)
    asked = analyses.request_all(snapshot=snapshot, by=salvage.person("unblinded_statistician"))
    runs.run(asked[0].pk)
    hidden = set(frame(snapshot, "findings_arm")["PARAMCD"])
    assert "DFSFDA" in hidden
    page = text(signed_in("dsmb_member"), REPORT)
    assert "1 finding for the sites to answer, listed below." in page
    assert "Disease-free survival, FDA-style censoring" in page[: page.index("<section")]
    blinded = text(signed_in("data_manager"), SNAPSHOTS)
    assert "1 finding for the sites to answer" in blinded
    told = blinded.partition('<details class="mb-3">')[2].partition("</details>")[0]
    assert "Disease-free survival" in told
    assert "FDA-style" not in told


def test_nobody_blinded_sees_analyses_per_protocol_by_arm(trial: Trial) -> None:
    analysed(frozen(trial))
    page = text(signed_in("data_manager"), SNAPSHOTS)
    assert "Per protocol" in page
    assert signed_in("data_manager").get(REPORT).status_code == 403


@pytest.mark.shows("BLD-01")
def test_tokens_without_the_arm_read_nothing_that_tells_it(trial: Trial) -> None:
    frozen(trial)
    blinded = _token(trial, "blinded_statistician", DATA, META)
    whole = _token(trial, "unblinded_statistician", DATA, META, ARM)
    rows = {name: _rows(secret) for name, secret in (("blinded", blinded), ("whole", whole))}
    assert {row["PARAMCD"] for row in rows["blinded"]} == {"DFS", "LRR", "OS", "RFS"}
    assert {row["PARAMCD"] for row in rows["whole"]} >= {"DFSFDA", "TMEFREE"}
    assert not [row for row in rows["blinded"] if row["NOTE"]]
    noted = [row["USUBJID"] for row in rows["whole"] if row["NOTE"] and row["PARAMCD"] == "DFS"]
    assert noted == [somebody(1).usubjid]
    refused = fetch(blinded, "adtte/?paramcd=TMEFREE", trial=salvage.TRIAL)
    assert (refused.status_code, "read:arm" in refused.json()["errors"][0]["message"]) == (400, True)
    assert fetch(whole, "adtte/?paramcd=TMEFREE", trial=salvage.TRIAL).status_code == 200
    for secret, arms in ((blinded, False), (whole, True)):
        columns = fetch(secret, "participants/", trial=salvage.TRIAL).json()["columns"]
        assert ({"PPFL", "ATFL", "SAFFL", "TRT01P", "TRT01A"} <= set(columns)) is arms
        assert ({"PPFL", "ATFL", "SAFFL", "TRT01P", "TRT01A"} & set(columns) == set()) is not arms
        said = _described(secret)
        assert said["participants"] == columns
        assert said["adtte"] == fetch(secret, "adtte/", trial=salvage.TRIAL).json()["columns"]


def _token(trial: Trial, role: str, *scopes: Any) -> str:
    return tokens.make(trial=trial, name=role, scopes=scopes, by=salvage.person(role))[1]


def _rows(secret: str) -> list[dict[str, Any]]:
    return list(fetch(secret, trial=salvage.TRIAL).json()["rows"])


def _described(secret: str) -> dict[str, list[str]]:
    answer = fetch(secret, "dictionary/?format=csv", trial=salvage.TRIAL)
    told: dict[str, list[str]] = {}
    for row in csv.DictReader(io.StringIO(answer.content.decode())):
        told.setdefault(row["DATASET"], []).append(row["COLUMN"])
    return told


@pytest.mark.shows("END-01")
def test_records_are_read_under_the_text_they_were_entered_under(trial: Trial) -> None:
    files = dict(trial.protocol.files) if trial.protocol else {}
    files["protocol.yaml"] = files["protocol.yaml"].replace("version: 1", "version: 2", 1)
    form = files["forms/follow_up.yaml"]
    dropped = form[form.index("  - id: ecog\n") : form.index("  - id: remarks\n")]
    files["forms/follow_up.yaml"] = form.replace(dropped, "").replace("version: 1", "version: 2", 1)
    protocols.activate(loaded=load_files(files), by=salvage.person("unblinded_statistician"))
    snapshot = frozen(Trial.objects.get(pk=trial.pk))
    assert snapshot.protocol.number == 2
    assert "ecog" in set(frame(snapshot, "values").query("FORM == 'follow_up'")["ITEM"])
    assert frame(snapshot, "adtte").query("PARAMCD == 'DFS'")["AVAL"].max() == 156


def test_a_file_that_a_snapshot_never_had_is_named(trial: Trial) -> None:
    with pytest.raises(SnapshotChanged, match="no file other"):
        frame(frozen(trial), "other")
