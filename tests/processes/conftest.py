"""Tests: one stack for all tests of processes, holding the whole colon cancer trial."""

import io
from collections.abc import Iterator

import pytest

from deploy import binaries, stack
from tests.conftest import lacking
from tests.processes.outside import Outside


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
