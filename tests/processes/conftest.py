"""Tests: one stack for all tests of processes, holding the whole colon cancer trial; and a small world beside it."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import binaries, stack
from tests.conftest import lacking
from tests.processes.outside import Outside
from tests.processes.shell import checked, surroundings

# Hashing a password for real costs a tenth of a second; the world has sixteen people.
BUILD = (
    "import django; django.setup(); from django.contrib.auth.hashers import get_hasher; "
    "get_hasher().time_cost = 1; from tests import world; world.build()"
)


@pytest.fixture(scope="session")
def outside(closed_network: None) -> Iterator[Outside]:
    """A running stack with the trial loaded, seen from outside: its database and its commands."""
    log = io.StringIO()
    try:
        binaries.redis()
    except binaries.Missing as problem:
        lacking(problem)
    with stack.running(data=False, output=log) as running:
        seen = Outside(running, log)
        seen.manage("load_trial", "protocols/colon-moertel")
        yield seen


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SQLite database that holds the world of `tests.world`; tests spoil a copy of it."""
    folder = tmp_path_factory.mktemp("world")
    environment = surroundings(EQUIPOISE_VAR=str(folder), DJANGO_SETTINGS_MODULE="config.settings")
    checked(environment, "manage.py", "migrate", "--verbosity", "0")
    checked(environment, "-c", BUILD)
    return folder


@pytest.fixture
def a_world(small_world: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to be written to."""
    return Path(shutil.copytree(small_world, tmp_path / "var"))
