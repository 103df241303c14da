"""Tests: a pytest plugin that settles the environment before Django reads it, and owns the run's PostgreSQL.

Named by `-p` in pyproject.toml, because a conftest is read after pytest-django has loaded the settings. The
workers of xdist inherit what the controlling process settled; each makes its own database in the same server.
"""

import atexit
import os
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy import services

POSTGRESQL, SQLITE = "postgresql", "sqlite"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
ENGINE = os.environ.get("TEST_ENGINE") or POSTGRESQL

_closing = ExitStack()
_folder = services.new_folder()
_settled: set[str] = set()
_started: list[str] = []


def settle() -> None:
    """Set every variable that the settings read, whatever the shell says: tests never touch its database."""
    if ENGINE not in (POSTGRESQL, SQLITE):
        raise pytest.UsageError(f"TEST_ENGINE is {ENGINE!r}. Use {POSTGRESQL} or {SQLITE}.")
    if WORKER:
        var = Path(os.environ["EQUIPOISE_VAR"], WORKER)
        var.mkdir()
        os.environ["EQUIPOISE_VAR"] = str(var)
        return
    var = _closing.enter_context(services.kept_folder(services.new_folder()))
    given = os.environ.get("TEST_DATABASE_URL") or services.socket_url(_folder)
    wanted = {
        "EQUIPOISE_MODE": "test",
        "EQUIPOISE_VAR": str(var),
        "SECRET_KEY": "a key that tests may know",
        "SEAL_KEY": urlsafe_b64encode(bytes(32)).decode(),
        "DATABASE_URL": given if ENGINE == POSTGRESQL else f"sqlite:///{var}/equipoise.sqlite3",
        "CELERY_BROKER_URL": "",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        # Playwright's synchronous interface runs inside an event loop.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    _settled.update(wanted)
    os.environ.update(wanted)


def server() -> str:
    """The URL of the run's PostgreSQL server, started on the first call in the controlling process."""
    if not WORKER and not _started:
        _started.append(_closing.enter_context(services.postgres(folder=_folder)))
    return os.environ["DATABASE_URL"]


def outside() -> dict[str, str]:
    """The environment of a person's shell, for commands that must know nothing of the tests."""
    ours = {*_settled, "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "TEST_ENGINE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before xdist's workers ask for it."""
    if ENGINE == POSTGRESQL and config.getoption("numprocesses", None):
        server()


atexit.register(_closing.close)
settle()
