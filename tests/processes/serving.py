"""Tests: the web process as production starts it, and patience until it answers."""

import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from deploy import keeper
from deploy.processes import PROCESSES
from deploy.stack import local
from tests.architecture.source import ROOT

SECONDS_TO_ANSWER = 90

Answered = TypeVar("Answered")


@contextmanager
def web(environment: dict[str, str]) -> Iterator[None]:
    """The product's own web command in this environment; it may still be starting."""
    plan = keeper.Plan(command=local(PROCESSES["web"].command), working_folder=str(ROOT), seconds_to_stop=10)
    process = keeper.start(plan, environment=environment, output=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.stop()


def until_it_answers(url: str, context: ssl.SSLContext | None = None) -> str:
    """The page at `url`, once a web process that is only starting serves it."""

    def page() -> str:
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:
            return str(answer.read().decode())

    return patiently(page)


def patiently(ask: Callable[[], Answered]) -> Answered:
    """What `ask` returns, tried again while nobody listens, too slowly, or hangs up."""
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        try:
            return ask()
        except OSError:
            assert time.monotonic() < deadline, "the web process did not answer"
            time.sleep(0.2)
