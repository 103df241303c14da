"""Claim, renew, finish, sweep: for any row that carries a state and a lease.

A job's effect and its `done` are committed together by the holder of the lease, so that a job taken up
twice leaves one effect.
"""

import os
import platform
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from trial.models import Leased
from trial.states import WorkState

LEASE = timedelta(seconds=60)
# A job whose process dies each time must not be taken up for ever.
MAX_ATTEMPTS = 100

Job = TypeVar("Job", bound=Leased)


class LeaseLost(RuntimeError):
    """Another process has taken the job over; this one must leave no effect."""


class ImpossibleStep(RuntimeError):
    """The table of states has no such step: our own fault, nobody's answer."""


def claim(model: type[Job], pk: int) -> Job | None:
    """Take the job if it is queued, its lease has lapsed or its holder is dead; None when it is not to be had."""
    with transaction.atomic():
        job: Job | None = model._default_manager.select_for_update(no_key=True).filter(pk=pk).first()
        if job is None or not _free(job):
            return None
        job.attempts += 1
        step(job, WorkState.RUNNING)
        job.holder, job.leased_until = me(), timezone.now() + LEASE
        if job.attempts > MAX_ATTEMPTS:
            step(job, WorkState.FAILED)
            job.failure, job.leased_until = "lost", None
        _save(job)
        return job if job.state == WorkState.RUNNING else None


def renew(job: Leased, *, stage: str) -> None:
    """Say that the job is alive and where it is. Raises LeaseLost when somebody else holds it now."""
    with transaction.atomic():
        _held(job)
        job.stage, job.leased_until = stage, timezone.now() + LEASE
        _save(job)


def finish(job: Leased, *, failure: str = "") -> None:
    """End the job inside the caller's transaction, beside its effect. Raises LeaseLost."""
    _held(job)
    step(job, WorkState.FAILED if failure else WorkState.DONE)
    job.failure, job.leased_until, job.stage = failure, None, ""
    _save(job)


def put_back(job: Leased, *, failure: str) -> None:
    """Let the job be claimed again, inside the caller's transaction; says why it did not end. Raises LeaseLost."""
    _held(job)
    step(job, WorkState.QUEUED)
    job.failure, job.leased_until, job.stage = failure, None, ""
    _save(job)


def step(job: Leased, to: WorkState) -> None:
    """Take a step of the job's own table, not saved yet. Raises ImpossibleStep for every other."""
    if to not in job.STEPS[WorkState(job.state)]:
        raise ImpossibleStep(f"{job}: from {job.state} to {to}")
    job.state = to


def waiting(model: type[Job]) -> list[int]:
    """Keys of the jobs that may be claimed now, oldest first."""
    rows = model._default_manager.filter(Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING))
    return [job.pk for job in rows.order_by("requested_at", "pk") if _free(job)]


def me() -> str:
    """host:process id:process start; the start tells a recycled process id from its former owner."""
    return f"{_host()}:{os.getpid()}:{_started(os.getpid())}"


def _host() -> str:
    """Where process ids are told apart: host names may be equal, and containers of one host count by themselves."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{platform.node()}/{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return platform.node()


def _free(job: Leased) -> bool:
    if job.state == WorkState.QUEUED:
        return job.not_before is None or job.not_before <= timezone.now()
    if job.state != WorkState.RUNNING or job.leased_until is None:
        return False
    return job.leased_until < timezone.now() or _dead(job.holder)


def _dead(holder: str) -> bool:
    """Whether the holder ran on this host and is gone; unknown counts as alive, the lease will lapse."""
    host, pid, started = holder.rsplit(":", 2)
    return host == _host() and started != "" and _started(int(pid)) != started


def _started(pid: int) -> str:
    """Start of a process in clock ticks since boot, "" where this cannot be known or the process is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _held(job: Leased) -> None:
    row = type(job)._default_manager.select_for_update(no_key=True).get(pk=job.pk)
    # A process that lost the job and took it up again must not finish what it computed before.
    if row.state != WorkState.RUNNING or (row.holder, row.attempts) != (me(), job.attempts):
        raise LeaseLost(str(job.pk))


def _save(job: Leased) -> None:
    job.save(update_fields=["state", "holder", "leased_until", "attempts", "failure", "stage"])
