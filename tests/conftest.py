"""Tests: services and rules that hold for every test."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from xdist.scheduler import LoadScopeScheduling

from deploy import binaries, services
from tests import environment
from tests.processes.shell import Answer, manage

REQUIREMENTS = Path(__file__).resolve().parent.parent / "docs" / "requirements.yaml"


# What is made once per worker, and the modules that use it.
SHARED = {
    "demonstration": ("test_demo", "test_synthetic_verdict", "test_journeys", "test_main_trial_pages"),
    "stack": ("test_killed_workers", "test_published_numbers"),
    "small world": ("test_verify_audit_command", "test_web_process"),
}


class NetworkClosed(AssertionError):
    """A test reached for something outside this machine."""


class Together(LoadScopeScheduling):
    """Hands out tests one by one, but together to one worker all that share what takes long to make.

    That is the demonstration, the stack, the small world in a file, and what a module of processes or journeys makes
    for itself. The larger a group, the earlier it is begun.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        if not {"browser", "processes"} & set(path.parts):
            return nodeid
        return next((what for what, users in SHARED.items() if path.stem in users), str(path))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """How two workers share the tests."""
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests that cite a requirement nobody wrote down."""
    marks = [(mark, item.nodeid) for item in items for mark in item.iter_markers("shows")]
    cited = {(identity, test) for mark, test in marks for identity in mark.args}
    known = {entry["id"] for entry in yaml.safe_load(REQUIREMENTS.read_text())} if cited else set()
    unknown = sorted(f"{identity} cited by {test}" for identity, test in cited if identity not in known)
    if unknown:
        raise pytest.UsageError("Not in docs/requirements.yaml:\n  " + "\n  ".join(unknown))


def pytest_report_header() -> str:
    """Say on the first lines which engine this run is on."""
    return f"engine: {environment.ENGINE}"


def lacking(problem: Exception) -> None:
    """Fail where everything must be present (CI=true), else report the test as skipped with the remedy."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(problem))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start PostgreSQL before the test database is made; on SQLite use a file, as the product does."""
    if environment.ENGINE == environment.POSTGRESQL:
        environment.server()
        return
    settings.DATABASES["default"]["TEST"]["NAME"] = str(settings.VAR / "test.sqlite3")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server where a test may make databases (services.database), on each engine."""
    if environment.ENGINE == environment.POSTGRESQL:
        yield environment.server()
        return
    with services.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis of this run."""
    try:
        binaries.redis()
    except binaries.Missing as problem:
        lacking(problem)
    with services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of the system's Chromium."""
    try:
        return binaries.chromium()
    except binaries.Missing as problem:
        lacking(problem)
        raise


@pytest.fixture
def outside_environment() -> dict[str, str]:
    """The environment of a person's shell: for `make` and commands that must know nothing of the tests."""
    return environment.outside()


@pytest.fixture(autouse=True, scope="session")
def closed_network() -> Iterator[None]:
    """Let sockets reach this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_names(socket.getaddrinfo))
        yield


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _require_loopback(address[0])
        return method(self, *arguments)

    return guarded


def _guarded_names(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_loopback(host)
        return look_up(host, *arguments, **options)

    return guarded


def _require_loopback(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        loopback = ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NetworkClosed(f"The network is closed in tests, and something asked for {name!r}.")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A folder in which the demonstration has run once, and what it said."""
    var = tmp_path_factory.mktemp("demo")
    answer = manage(var, "demo", "--no-serve")
    assert answer.code == 0, answer.text
    return var, answer


@pytest.fixture
def copy(demo: tuple[Path, Answer], tmp_path: Path) -> Path:
    """A copy of that folder, to be spoilt."""
    return Path(shutil.copytree(demo[0], tmp_path / "var"))
