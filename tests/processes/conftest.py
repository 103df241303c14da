"""Tests: one stack for all tests of processes, holding the whole colon cancer trial."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import binaries, stack
from tests.conftest import lacking
from tests.processes.outside import Outside
from tests.processes.shell import Answer, manage


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
