"""Deployment: keeps one local process, and its folder, exactly as long as whoever asked for it lives.

`start` is called by whoever wants a process; the file itself is the program that stands between the two.
It has a session of its own, so it outlives a parent that is killed, stops the process, removes the folder.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

PAUSE = 0.1
SECONDS_TO_CLEAN = 10


class NotStarted(RuntimeError):
    """The process ended before it began to work; the text is what it said."""


@dataclass(frozen=True)
class Kept:
    """A running process and its keeper."""

    pid: int
    keeper: "subprocess.Popen[bytes]"
    seconds_to_stop: int

    @property
    def alive(self) -> bool:
        """Whether the keeper still keeps it."""
        return self.keeper.poll() is None

    def ask_to_stop(self) -> None:
        """Begin to stop it, without waiting."""
        with suppress(ProcessLookupError):
            self.keeper.terminate()

    def stop(self) -> None:
        """Stop it and wait until process and folder are gone."""
        self.ask_to_stop()
        self.keeper.wait(self.seconds_to_stop + SECONDS_TO_CLEAN)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the keeper is told: a folder to make, steps to run first, the command, and how to end it.

    `folder` is made by the keeper with a subfolder `home` that belongs to `user`; both go at the end.
    `programs` are (folder, place below `folder`/programs) pairs, copied so that every user can read them.
    An empty command keeps only the folder.
    """

    command: Sequence[str] = ()
    steps: Sequence[Sequence[str]] = ()
    programs: Sequence[tuple[str, str]] = ()
    folder: str = ""
    working_folder: str = ""
    user: str = ""
    stop_signal: int = signal.SIGTERM
    seconds_to_stop: int = 10
    parent: int = field(default_factory=os.getpid)


def start(plan: Plan, *, output: int | IO[Any], environment: Mapping[str, str] | None = None) -> Kept:
    """Start a kept process and return once it runs; its output goes where `output` says, as in subprocess.

    Raises NotStarted when a step before the command failed.
    """
    reader, writer = os.pipe()
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__)), json.dumps(plan.__dict__), str(writer)],
        env=dict(os.environ if environment is None else environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=(writer,),
        start_new_session=True,
    )
    os.close(writer)
    with os.fdopen(reader) as report:
        said = json.loads(report.read() or "{}")
    if "pid" in said:
        return Kept(pid=said["pid"], keeper=keeper, seconds_to_stop=plan.seconds_to_stop)
    keeper.wait()
    if keeper.stdout:
        keeper.stdout.close()
    raise NotStarted(said.get("problem", "The keeper ended without a word."))


def main() -> int:
    """Run one plan to its end; the exit code is the process's own."""
    plan = Plan(**json.loads(sys.argv[1]))
    told: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    signal.signal(signal.SIGTERM, hear)
    try:
        return _keep(plan, told, report=int(sys.argv[2]))
    finally:
        if plan.folder:
            shutil.rmtree(plan.folder, ignore_errors=True)


def _keep(plan: Plan, told: list[int], *, report: int) -> int:
    try:
        _prepare(plan)
        process = _spawn(plan, plan.command) if plan.command else None
    except (OSError, subprocess.CalledProcessError) as error:
        said = error.stdout if isinstance(error, subprocess.CalledProcessError) else b""
        _tell(report, problem=f"{error}\n{said.decode(errors='replace')}".strip())
        return 1
    _tell(report, pid=process.pid if process else os.getpid())
    while not told and os.getppid() == plan.parent and (process is None or process.poll() is None):
        time.sleep(PAUSE)
    return _end(process, plan) if process else 0


def _prepare(plan: Plan) -> None:
    if plan.folder:
        home = Path(plan.folder) / "home"
        for path, mode in ((home.parent, 0o755), (home, 0o700)):
            path.mkdir()
            path.chmod(mode)
        if plan.user:
            shutil.chown(home, plan.user)
    if plan.programs:
        _copy_programs(plan)
    for step in plan.steps:
        subprocess.run(
            step,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **_place(plan),
        )


def _copy_programs(plan: Plan) -> None:
    top = Path(plan.folder) / "programs"
    for origin, place in plan.programs:
        shutil.copytree(origin, top / place, symlinks=True)
    # Files laid down under a strict umask are private themselves.
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))


def _spawn(plan: Plan, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    # A group of its own lets the end reach the children of a process that died first.
    return subprocess.Popen(command, start_new_session=True, **_place(plan))


def _place(plan: Plan) -> dict[str, Any]:
    place: dict[str, Any] = {"cwd": plan.working_folder or (f"{plan.folder}/home" if plan.folder else None)}
    if plan.user:
        place |= {"user": plan.user, "group": pwd.getpwnam(plan.user).pw_gid, "extra_groups": []}
    return place


def _end(process: "subprocess.Popen[bytes]", plan: Plan) -> int:
    with suppress(ProcessLookupError):
        process.send_signal(plan.stop_signal)
    with suppress(subprocess.TimeoutExpired):
        process.wait(plan.seconds_to_stop)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _tell(report: int, **said: object) -> None:
    with os.fdopen(report, "w") as pipe:
        json.dump(said, pipe)


if __name__ == "__main__":
    sys.exit(main())
