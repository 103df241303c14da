"""A snapshot is what the trial was at one act of its trail; a result is what its bytes say, again and again."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crf.actions import entry
from crf.models import Record
from outcomes.actions import analyses, runs, snapshots
from outcomes.models import Analysis, Result, Snapshot
from outcomes.snapshot_files import SnapshotChanged, frame
from tests.unit.trial.protocol_files import changed
from tests.world import World
from trial import leases
from trial.actions import protocols
from trial.models import Act, ChainHead, Trial
from trial.protocol.loader import load_files
from trial.refusals import Refusal
from trial.states import WorkState


@pytest.fixture
def only_actions_write(db: None) -> None:
    """Some tests here play another worker, and write what it would."""


@pytest.mark.shows("SNP-01")
def test_a_snapshot_says_which_act_it_stands_at(world: World) -> None:
    head = ChainHead.objects.get(chain=world.trial.key)
    taken = snapshots.freeze(
        trial=world.trial, cut_off=date(2000, 1, 1), reason="look", by=world.person("unblinded_statistician")
    )
    assert (taken.manifest["audit_seq"], taken.manifest["audit_hash"]) == (head.seq, head.hash)
    assert taken.number == world.snapshot.number + 1
    assert Act.objects.order_by("-pk")[0].verb == "snapshot.frozen"


@pytest.mark.shows("SNP-01")
def test_facts_after_the_cut_off_do_not_count(world: World) -> None:
    early = snapshots.freeze(
        trial=world.trial, cut_off=date(1984, 6, 1), reason="early", by=world.person("unblinded_statistician")
    )
    times = frame(early, "adtte")
    assert times["ADT"].max() <= date(1984, 6, 1)
    assert len(frame(world.snapshot, "adtte")) >= len(times) > 0


@pytest.mark.shows("SNP-01")
def test_drafts_do_not_count(world: World) -> None:
    someone = world.participant()
    by = world.person("coordinator")
    typed = entry.Entry(visit="follow_up", form="follow_up", raw={"contact_on": "1999-01-01"}, visit_repeat=3)
    entry.save_draft(participant=someone, entry=typed, by=by)
    taken = snapshots.freeze(trial=world.trial, cut_off=date(2000, 1, 1), reason="draft", by=by)
    values = frame(taken, "values")
    assert values[(values["SUBJID"] == someone.label) & (values["VISITREP"] == 3)].empty
    assert Record.objects.filter(participant=someone, state="draft").count() == 1


@pytest.mark.shows("SNP-02")
def test_files_without_the_arm_do_not_hold_it(world: World) -> None:
    arms = set(frame(world.snapshot, "treatment")["TRT01P"])
    assert len(arms) > 1
    for name, told in world.snapshot.manifest["files"].items():
        if not told["shows_arm"]:
            cells = {
                str(cell) for column in frame(world.snapshot, name).to_numpy().tolist() for cell in column
            }
            assert not arms & cells, name


@pytest.mark.parametrize(
    ("cut_off", "code"),
    [(timedelta(days=1), "snapshot.cut_off"), (timedelta(days=-20_000), "snapshot.empty")],
)
def test_an_impossible_cut_off_is_refused(world: World, cut_off: timedelta, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        snapshots.freeze(
            trial=world.trial,
            cut_off=timezone.now().date() + cut_off,
            reason="x",
            by=world.person("unblinded_statistician"),
        )
    assert refused.value.code == code
    assert Snapshot.objects.filter(trial=world.trial).count() == 1


@pytest.mark.shows("SNP-02")
def test_a_changed_manifest_or_file_is_refused_by_name(world: World) -> None:
    spoilt = Snapshot.objects.get(pk=world.snapshot.pk)
    spoilt.manifest["files"]["adtte"]["rows"] += 1
    with pytest.raises(SnapshotChanged, match="manifest of snapshot 1"):
        frame(spoilt, "adtte")
    spoilt = Snapshot.objects.get(pk=world.snapshot.pk)
    spoilt.manifest["files"]["adtte"]["sha256"] = "0" * 64
    spoilt.sha256 = runs.sha256(runs.canonical(spoilt.manifest))
    with pytest.raises(SnapshotChanged, match="file adtte of snapshot 1"):
        frame(spoilt, "adtte")


@pytest.mark.shows("SNP-02")
def test_a_result_is_computed_again_to_the_same_bytes(world: World) -> None:
    said = StringIO()
    call_command("recompute", stdout=said)
    assert said.getvalue().count("same bytes") == 3
    result = world.result("DFS")
    assert result.sha256 == runs.digest(result.payload, result.figures)
    provenance = json.loads(result.payload)["provenance"]
    assert provenance["snapshot_sha256"] == world.snapshot.sha256
    assert provenance["protocol_sha256"] == world.snapshot.protocol.sha256
    assert provenance["code"] == runs.code_version()


def test_recomputing_names_a_result_that_differs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LIBRARIES", ("numpy",))
    with pytest.raises(CommandError, match="could not be reproduced"):
        call_command("recompute", world.result("OS").pk, stdout=StringIO())


def test_recomputing_names_a_result_that_cannot_be_made_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute, spoilt, said = runs.compute, world.result("DFS"), StringIO()

    def with_one_spoilt(analysis: Analysis) -> tuple[str, dict[str, str]]:
        if analysis.pk == spoilt.analysis_id:
            analysis.snapshot.sha256 = "0" * 64
        return compute(analysis)

    monkeypatch.setattr(runs, "compute", with_one_spoilt)
    with pytest.raises(CommandError, match=f"could not be reproduced: {spoilt.pk}$"):
        call_command("recompute", stdout=said)
    assert f"Result {spoilt.pk} DFS: NOT COMPUTED: The manifest of snapshot 1" in said.getvalue()
    assert said.getvalue().count("same bytes") == 2


def test_asking_again_asks_for_nothing_new(world: World) -> None:
    before = Analysis.objects.count()
    rows = analyses.request_all(snapshot=world.snapshot, by=world.person("unblinded_statistician"))
    assert [row.endpoint for row in rows] == ["DFS", "LRR", "OS"]
    assert Analysis.objects.count() == before


def test_data_that_no_estimator_accepts_fail_the_analysis_with_the_reason(world: World) -> None:
    taken = snapshots.freeze(
        trial=world.trial, cut_off=date(2000, 1, 1), reason="x", by=world.person("unblinded_statistician")
    )
    asked = analyses.request_all(snapshot=taken, by=world.person("unblinded_statistician"))[0]
    taken.manifest["cut_off"] = "changed"
    claimed = leases.claim(Analysis, asked.pk)
    assert claimed is not None
    claimed.snapshot = taken
    with pytest.raises(SnapshotChanged):
        runs.compute(claimed)
    runs._fail(claimed, "the manifest is not the one that was frozen")
    claimed.refresh_from_db()
    assert (claimed.state, claimed.failure) == (
        WorkState.FAILED,
        "the manifest is not the one that was frozen",
    )


def test_freeze_on_the_command_line_prints_one_object(world: World) -> None:
    said = StringIO()
    call_command("freeze", world.trial.key, "--cut-off", "2000-01-01", "--reason", "x", stdout=said)
    told = json.loads(said.getvalue())
    assert told["snapshot"] == 2
    assert len(told["analyses"]) == 3
    with pytest.raises(CommandError, match="no trial"):
        call_command("freeze", "nowhere", "--cut-off", "2000-01-01", "--reason", "x")
    with pytest.raises(CommandError, match="future"):
        call_command("freeze", world.trial.key, "--cut-off", "2999-01-01", "--reason", "x")


def test_with_the_broker_down_nothing_is_lost_only_late(
    world: World, settings: object, django_capture_on_commit_callbacks: object
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    taken = snapshots.freeze(
        trial=world.trial, cut_off=date(2000, 1, 1), reason="x", by=world.person("unblinded_statistician")
    )
    with django_capture_on_commit_callbacks(execute=True) as called:  # type: ignore[operator]
        rows = analyses.request_all(snapshot=taken, by=world.person("unblinded_statistician"))
    assert len(called) == 1
    assert set(leases.waiting(Analysis)) == {row.pk for row in rows}
    for key in leases.waiting(Analysis):
        runs.run(key)
    assert leases.waiting(Analysis) == []
    assert {row.result.analysis_id for row in Analysis.objects.filter(snapshot=taken)} == {
        row.pk for row in rows
    }


@pytest.mark.shows("SNP-01")
def test_a_snapshot_stands_under_the_text_in_force_when_it_is_taken(world: World) -> None:
    stale, by = (
        Trial.objects.select_related("protocol").get(pk=world.trial.pk),
        world.person("unblinded_statistician"),
    )
    files = changed("protocol.yaml", "version: 1", "version: 2", among=stale.protocol.files)
    protocols.activate(loaded=load_files(files), by=by)
    taken = snapshots.freeze(trial=stale, cut_off=date(2000, 1, 1), reason="after", by=by)
    assert taken.protocol.number == 2


def _asked(world: World) -> Analysis:
    """A new analysis that waits."""
    by = world.person("unblinded_statistician")
    taken = snapshots.freeze(trial=world.trial, cut_off=date(2000, 1, 1), reason="x", by=by)
    return analyses.request_all(snapshot=taken, by=by)[0]


@pytest.mark.shows("JOB-01")
@pytest.mark.parametrize("stage", ["estimating", "drawing"])
def test_a_worker_that_lost_its_lease_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    asked = _asked(world)
    renew = leases.renew

    def taken_over(job: Analysis, *, stage: str, at: str = stage) -> None:
        renew(job, stage=stage)
        if stage == at:
            Analysis.objects.filter(pk=job.pk).update(holder="another-host:1:1")

    monkeypatch.setattr(leases, "renew", taken_over)
    assert runs.run(asked.pk) is None
    assert not Result.objects.filter(analysis=asked).exists()
    asked.refresh_from_db()
    assert (asked.state, asked.holder) == (WorkState.RUNNING, "another-host:1:1")


def test_a_failure_that_came_too_late_is_not_written(world: World) -> None:
    asked = _asked(world)
    claimed = leases.claim(Analysis, asked.pk)
    assert claimed is not None
    Analysis.objects.filter(pk=asked.pk).update(holder="another-host:1:1")
    runs._fail(claimed, "too late")
    asked.refresh_from_db()
    assert (asked.state, asked.failure) == (WorkState.RUNNING, "")


def test_a_spoilt_snapshot_fails_its_analysis_with_the_files_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _asked(world)
    monkeypatch.setattr("outcomes.snapshot_files.sha256", lambda text: "0" * 64)
    assert runs.run(asked.pk) is None
    asked.refresh_from_db()
    assert asked.state == WorkState.FAILED
    assert "is not the one that was frozen" in asked.failure
