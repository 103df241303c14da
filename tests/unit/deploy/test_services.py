"""Throw-away PostgreSQL and Redis: where they come from, and that nothing of them stays."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from deploy import binaries, services

ROOT = Path(__file__).resolve().parents[3]
SECONDS_TO_VANISH = 20

PARENT = """
import sys, time
from pathlib import Path
from deploy import services
with services.postgres(folder=Path(sys.argv[1])) as database, services.redis() as broker:
    print(database, broker, flush=True)
    time.sleep(600)
"""


def version_of(url: str) -> int:
    connection = psycopg2.connect(url)
    try:
        return int(connection.server_version) // 10_000
    finally:
        connection.close()


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS_TO_VANISH
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def private_clone() -> Iterator[Path]:
    """Site-packages with the wheel's PostgreSQL inside a folder that only its owner may enter."""
    [wheel] = binaries.wheel_postgres()
    assert wheel.wheel
    folder = Path(tempfile.mkdtemp(dir=services.new_folder().parent))
    folder.chmod(0o700)
    for part in binaries.WHEEL_PARTS:
        shutil.copytree(wheel.wheel / part, folder / "clone" / part, symlinks=True)
    yield folder / "clone"
    shutil.rmtree(folder)


def test_postgres_answers_and_leaves_nothing_behind() -> None:
    folder = services.new_folder()
    with services.postgres(folder=folder, among=list(binaries.system_postgres()) or None) as url:
        assert version_of(url) >= 13
        assert folder.is_dir()
    assert not folder.exists()


def test_postgres_of_the_wheel_starts_from_a_private_clone_on_a_machine_without_postgres(
    private_clone: Path,
) -> None:
    servers = list(binaries.wheel_postgres(private_clone))
    if os.geteuid() == 0:
        assert not servers[0].reachable_by(binaries.NOBODY)
    folder = services.new_folder()
    with services.postgres(folder=folder, among=servers) as url:
        assert version_of(url) == 18
        assert private_clone.parent.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_a_server_of_ones_own_is_used_when_named(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", postgres_url)
    with services.postgres() as url:
        assert url == postgres_url


def test_a_machine_without_any_postgres_is_told_what_to_install() -> None:
    with (
        pytest.raises(binaries.Missing, match="apt-get install postgresql"),
        services.postgres(among=[]),
    ):
        pytest.fail("a server was found among none")


def test_a_postgres_that_cannot_start_says_why(tmp_path: Path) -> None:
    for part in (*binaries.WHEEL_PARTS, f"{binaries.WHEEL_POSTGRES}/bin"):
        (tmp_path / part).mkdir(parents=True)
    for name in ("initdb", "postgres"):
        program = tmp_path / binaries.WHEEL_POSTGRES / "bin" / name
        program.write_text("#!/bin/sh\necho no room on the moon >&2\nexit 3\n")
        program.chmod(0o755)
    broken = list(binaries.wheel_postgres(tmp_path))
    with (
        pytest.raises(services.Unavailable, match="no room on the moon"),
        services.postgres(among=broken),
    ):
        pytest.fail("a broken server started")


def test_a_database_of_its_own_is_dropped_at_the_end(postgres_url: str) -> None:
    with services.database(postgres_url, "brief") as url:
        assert version_of(url) >= 13
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        psycopg2.connect(url)


def test_services_die_with_a_parent_that_is_killed(redis_url: str) -> None:
    folder = services.new_folder()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        _, broker = parent.stdout.readline().split()
        with Redis.from_url(broker) as client:
            redis = int(client.info("server")["process_id"])
        postgres = int((folder / "home" / "data" / "postmaster.pid").read_text().split()[0])
        assert is_running(redis)
        assert is_running(postgres)
        parent.send_signal(signal.SIGKILL)
    assert becomes_true(lambda: not is_running(redis))
    assert becomes_true(lambda: not is_running(postgres))
    assert becomes_true(lambda: not folder.exists())
