"""Deployment: `make stack`, the production processes on this machine with throw-away PostgreSQL and Redis.

Nothing of it is kept: database, keys and snapshots go when it stops. Tests start the same stack by `running`.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy import binaries, keeper, ports, services
from deploy.processes import MIGRATE, PROCESSES

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_ANSWER = 90
DEMO = ("python", "manage.py", "demo", "--no-serve", "--people")


class StackFailed(RuntimeError):
    """The stack could not be started, or one of its processes ended; the text says which."""


PROBLEMS = (ports.PortInUse, services.Unavailable, binaries.Missing, keeper.NotStarted, StackFailed)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running stack. `environment` is what its processes see; a command given it acts on the same data."""

    url: str
    environment: dict[str, str]
    processes: dict[str, keeper.Kept]

    @property
    def database_url(self) -> str:
        """The URL of its database, for a process that looks on from outside."""
        return self.environment["DATABASE_URL"]

    def require_alive(self) -> None:
        """Return when every process runs; raises StackFailed."""
        ended = [name for name, kept in self.processes.items() if not kept.alive]
        if ended:
            raise StackFailed(f"Ended by themselves: {', '.join(ended)}. Their lines above say why.")


@contextmanager
def running(*, port: int = 0, data: bool = True, output: IO[str] | None = None) -> Iterator[Stack]:
    """Start the whole stack and yield it once the web process answers; stop it all at the end.

    `port` 0 takes a free one; `data` loads the demo's trials; lines go to `output`, or standard output.
    Raises PortInUse, services.Unavailable, binaries.Missing, StackFailed.
    """
    port = port or ports.free()
    ports.require_free(port, remedy="Stop the program that holds it, or choose another: make stack PORT=8001")
    with ExitStack() as closing:
        environment = closing.enter_context(_surroundings(port))
        log = Log(output or sys.stdout)
        for command in (MIGRATE, DEMO) if data else (MIGRATE,):
            _run(command, environment, log)
        processes = closing.enter_context(_processes(environment, log))
        stack = Stack(url=f"http://{ports.LOOPBACK}:{port}/", environment=environment, processes=processes)
        _wait_for_answer(stack, port)
        yield stack


@contextmanager
def _surroundings(port: int) -> Iterator[dict[str, str]]:
    """PostgreSQL, Redis and a folder for keys and files; yields the environment that names them."""
    with (
        services.postgres() as server,
        services.database(server, "equipoise") as database_url,
        services.redis() as broker_url,
        services.kept_folder(services.new_folder()) as home,
    ):
        yield os.environ | {
            "EQUIPOISE_MODE": "demo",
            "EQUIPOISE_VAR": str(home),
            "DATABASE_URL": database_url,
            "CELERY_BROKER_URL": broker_url,
            "ALLOWED_HOSTS": f"{ports.LOOPBACK},localhost",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GUNICORN_CMD_ARGS": f"--bind {ports.LOOPBACK}:{port}",
            "PYTHONUNBUFFERED": "1",
        }


@contextmanager
def _processes(environment: dict[str, str], log: "Log") -> Iterator[dict[str, keeper.Kept]]:
    kept: dict[str, keeper.Kept] = {}
    try:
        for name, process in PROCESSES.items():
            plan = keeper.Plan(
                command=local(process.command),
                working_folder=str(ROOT),
                seconds_to_stop=process.seconds_to_stop,
            )
            kept[name] = keeper.start(plan, environment=environment, output=subprocess.PIPE)
            log.follow(name, kept[name])
        yield kept
    finally:
        for process_kept in kept.values():
            process_kept.ask_to_stop()
        for process_kept in kept.values():
            process_kept.stop()


def local(command: Sequence[str]) -> list[str]:
    """A command of `processes.py` for this machine: `python` is the interpreter that runs us."""
    return [sys.executable if word == "python" else word for word in command]


class Log:
    """Writes the lines of several processes to one place, each behind its process's name."""

    def __init__(self, output: IO[str]) -> None:
        self.output = output
        self.lock = threading.Lock()

    def follow(self, name: str, kept: keeper.Kept) -> threading.Thread:
        """Write every line of a process, from a thread of its own, until it ends."""
        thread = threading.Thread(target=self._copy, args=(name, kept.keeper.stdout), daemon=True)
        thread.start()
        return thread

    def _copy(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                with self.lock, suppress(ValueError):
                    self.output.write(f"{name:<8}| {line.decode(errors='replace').rstrip()}\n")
                    self.output.flush()


def _run(command: Sequence[str], environment: dict[str, str], log: Log) -> None:
    """Run one command to its end; raises StackFailed when it fails."""
    name = command[2]
    plan = keeper.Plan(command=local(command), working_folder=str(ROOT))
    kept = keeper.start(plan, environment=environment, output=subprocess.PIPE)
    try:
        thread = log.follow(name, kept)
        code = kept.keeper.wait()
        thread.join()
    finally:
        kept.stop()
    if code:
        raise StackFailed(f"`{' '.join(command)}` failed with code {code}. Its lines above say why.")


def _wait_for_answer(stack: Stack, port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while not _answers(port):
        stack.require_alive()
        if time.monotonic() > deadline:
            raise StackFailed(f"The web process did not answer on port {port} within {SECONDS_TO_ANSWER} s.")
        time.sleep(0.2)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


def _serve(stack: Stack, seconds: float | None) -> None:
    print(f"\nThe stack runs at {stack.url} (API: {stack.url}api/v1/). Ctrl-C stops it.", flush=True)
    deadline = time.monotonic() + seconds if seconds is not None else float("inf")
    while time.monotonic() < deadline:
        stack.require_alive()
        time.sleep(0.5)


def main() -> int:
    """Run the stack until Ctrl-C, SIGTERM or the end of --seconds."""
    parser = argparse.ArgumentParser(prog="python -m deploy.stack", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="loopback port of the web process (8000)")
    parser.add_argument("--seconds", type=float, help="stop by itself after so many seconds")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(port=asked.port) as stack:
            _serve(stack, asked.seconds)
    except KeyboardInterrupt:
        print("Stopped.")
    except PROBLEMS as problem:
        print(problem, file=sys.stderr)
        return os.EX_UNAVAILABLE
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
