"""A job is claimed by one, kept by the living, taken over from the dead, and ends once."""

import platform
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from config.management.commands import work
from outcomes.actions import runs
from outcomes.models import Analysis, Result
from tests.world import World
from trial import leases
from trial.states import MESSAGE, RESENDABLE, WorkState


@pytest.fixture
def only_actions_write(db: None) -> None:
    """Leases are written by `trial.leases`; the tests set states by hand to look at them."""


@pytest.fixture
def queued(world: World) -> Analysis:
    """An analysis that waits."""
    return Analysis.objects.create(
        snapshot=world.snapshot,
        endpoint="OS",
        population="PP",
        requested_at=timezone.now(),
        requested_by=world.person("unblinded_statistician"),
    )


def held_by(job: Analysis, holder: str, *, seconds: int) -> Analysis:
    """The job as if `holder` were running it under a lease of so many more seconds."""
    job.state, job.holder = WorkState.RUNNING, holder
    job.leased_until = timezone.now() + timedelta(seconds=seconds)
    job.save()
    return job


def host() -> str:
    return leases.me().rsplit(":", 2)[0]


@pytest.mark.shows("JOB-01")
def test_a_queued_job_is_claimed_once(queued: Analysis) -> None:
    claimed = leases.claim(Analysis, queued.pk)
    assert claimed is not None
    assert (claimed.state, claimed.holder, claimed.attempts) == (WorkState.RUNNING, leases.me(), 1)
    assert leases.claim(Analysis, queued.pk) is None
    assert leases.waiting(Analysis) == []


@pytest.mark.shows("JOB-01")
def test_a_lapsed_lease_may_be_taken_over_and_its_holder_may_not_finish(queued: Analysis) -> None:
    elsewhere = held_by(queued, "another-host:1:1", seconds=-1)
    assert leases.waiting(Analysis) == [queued.pk]
    assert leases.claim(Analysis, queued.pk) is not None
    held_by(elsewhere, "another-host:1:1", seconds=60)
    with pytest.raises(leases.LeaseLost):
        leases.finish(elsewhere)
    with pytest.raises(leases.LeaseLost):
        leases.renew(elsewhere, stage="drawing")


@pytest.mark.shows("JOB-01")
def test_a_living_holder_elsewhere_is_left_alone(queued: Analysis) -> None:
    held_by(queued, "another-host:1:1", seconds=60)
    assert leases.claim(Analysis, queued.pk) is None
    assert leases.waiting(Analysis) == []


@pytest.mark.shows("JOB-01")
def test_a_dead_holder_on_this_host_loses_its_job_at_once(queued: Analysis) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    started = Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    held_by(queued, f"{host()}:{child.pid}:{started}", seconds=600)
    assert leases.waiting(Analysis) == []
    child.kill()
    child.wait()
    assert leases.waiting(Analysis) == [queued.pk]
    # The same number with another start is another process.
    held_by(queued, f"{host()}:1:{int(started) + 1}", seconds=600)
    assert leases.waiting(Analysis) == [queued.pk]


def test_a_job_that_loses_every_process_is_given_up(queued: Analysis) -> None:
    queued.attempts = leases.MAX_ATTEMPTS
    queued.save()
    assert leases.claim(Analysis, queued.pk) is None
    queued.refresh_from_db()
    assert (queued.state, queued.failure) == (WorkState.FAILED, "lost")


def test_a_job_that_is_not_there_cannot_be_claimed(world: World) -> None:
    assert leases.claim(Analysis, 999_999) is None
    assert runs.run(999_999) is None


def test_a_done_job_is_not_run_again(world: World) -> None:
    result = world.result("DFS")
    before = Result.objects.count()
    assert runs.run(result.analysis_id) is None
    assert Result.objects.count() == before


def test_renewing_says_the_stage_and_moves_the_end(queued: Analysis) -> None:
    claimed = leases.claim(Analysis, queued.pk)
    assert claimed is not None
    until = claimed.leased_until
    leases.renew(claimed, stage="drawing")
    claimed.refresh_from_db()
    assert claimed.stage == "drawing"
    assert claimed.leased_until is not None
    assert until is not None
    assert claimed.leased_until > until
    leases.finish(claimed, failure="the data do not fit")
    claimed.refresh_from_db()
    assert (claimed.state, claimed.failure, claimed.stage) == (WorkState.FAILED, "the data do not fit", "")


@pytest.mark.shows("JOB-01")
def test_a_process_that_lost_its_job_and_took_it_again_cannot_finish_the_first_run(queued: Analysis) -> None:
    first = leases.claim(Analysis, queued.pk)
    assert first is not None
    held_by(Analysis.objects.get(pk=queued.pk), leases.me(), seconds=-1)
    second = leases.claim(Analysis, queued.pk)
    assert second is not None
    with pytest.raises(leases.LeaseLost):
        leases.finish(first)
    leases.finish(second)


@pytest.mark.shows("JOB-01")
def test_a_container_of_the_same_name_is_another_host(queued: Analysis) -> None:
    """Its process ids are of another namespace or another machine: here they say nothing."""
    held_by(queued, f"{platform.node()}:1:123", seconds=600)
    assert leases.waiting(Analysis) == []
    assert host() != platform.node()


@pytest.mark.shows("JOB-01")
def test_an_analysis_that_breaks_does_not_take_the_worker_down(world: World) -> None:
    broken = Analysis.objects.create(
        snapshot=world.snapshot,
        endpoint="NOPE",
        population="ITT",
        requested_at=timezone.now(),
        requested_by=world.person("unblinded_statistician"),
    )
    work.Command()._try(runs.run, broken.pk)
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (WorkState.RUNNING, 1)


def test_a_step_that_the_table_does_not_have_is_not_taken(queued: Analysis) -> None:
    for to in (WorkState.DONE, WorkState.FAILED, WorkState.QUEUED):
        with pytest.raises(leases.ImpossibleStep):
            leases.step(queued, to)
    claimed = leases.claim(Analysis, queued.pk)
    assert claimed is not None
    # Only a message is put back after a failure; an analysis that fails has failed.
    with pytest.raises(leases.ImpossibleStep):
        leases.put_back(claimed, failure="later")


@pytest.mark.parametrize("state", list(WorkState))
def test_a_message_that_may_be_sent_again_may_be_put_back(state: WorkState) -> None:
    waits_for_a_person = WorkState.QUEUED in MESSAGE[state] and state is not WorkState.RUNNING
    assert (state in RESENDABLE) is waits_for_a_person
