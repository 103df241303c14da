"""The keeper stops what it keeps, children and folder included, when told to and when its starter is gone."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy import keeper, services

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.write(1, b"%d\\n" % os.getpid())
time.sleep(600)
"""

POLITE = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
print('ready', flush=True)
time.sleep(600)
"""


def plan_of(code: str, **options: object) -> keeper.Plan:
    return keeper.Plan(command=[sys.executable, "-c", code], **options)  # type: ignore[arg-type]


def ended(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


def test_the_folder_is_there_while_kept_and_gone_afterwards() -> None:
    with services.kept_folder(services.new_folder()) as home:
        (home / "file").write_text("something")
        assert home.stat().st_mode & 0o777 == 0o700
    assert not home.parent.exists()


def test_a_process_that_will_not_stop_is_killed_with_its_children() -> None:
    kept = keeper.start(plan_of(STUBBORN, seconds_to_stop=1), output=subprocess.PIPE)
    assert kept.keeper.stdout
    pids = [int(kept.keeper.stdout.readline()) for _ in range(2)]
    before = time.monotonic()
    kept.stop()
    assert time.monotonic() - before >= 1
    kept.keeper.stdout.close()
    assert [ended(pid) for pid in pids] == [True, True]


def test_the_signal_of_the_plan_reaches_the_process() -> None:
    kept = keeper.start(plan_of(POLITE, stop_signal=signal.SIGINT), output=subprocess.PIPE)
    assert kept.keeper.stdout
    with kept.keeper.stdout as lines:
        assert lines.readline() == b"ready\n"
        kept.stop()
    assert kept.keeper.returncode == 7


def test_a_process_that_ends_by_itself_ends_its_keeper() -> None:
    kept = keeper.start(plan_of("pass"), output=subprocess.DEVNULL)
    kept.keeper.wait(10)
    assert not kept.alive


def test_a_step_that_fails_is_reported_with_its_words_and_leaves_no_folder() -> None:
    folder = services.new_folder()
    step = [sys.executable, "-c", "import sys; sys.exit('the disk is made of cheese')"]
    plan = keeper.Plan(command=["true"], steps=[step], folder=str(folder))
    with pytest.raises(keeper.NotStarted, match="made of cheese"):
        keeper.start(plan, output=subprocess.DEVNULL)
    assert not folder.exists()


def test_a_command_that_does_not_exist_is_reported() -> None:
    with pytest.raises(keeper.NotStarted, match="no-such-program"):
        keeper.start(keeper.Plan(command=["no-such-program"]), output=subprocess.DEVNULL)
