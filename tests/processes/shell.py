"""Tests: the product's commands as a person types them, in a folder of their own, and a look at what they left."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.architecture.source import ROOT

DATABASE = "equipoise.sqlite3"
LITE = "sqlite:///"
SECONDS = 900


@dataclass(frozen=True)
class Answer:
    """How a command ended and everything it said."""

    code: int
    text: str


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a person's shell, and `more`: nothing that the tests have set for themselves."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, **more}


def manage(var: Path, *arguments: str, **environment: str) -> Answer:
    """Run manage.py as the demonstration's owner would, with its data in `var`."""
    done = _run(surroundings(EQUIPOISE_VAR=str(var), **environment), "manage.py", *arguments)
    return Answer(done.returncode, done.stdout + done.stderr)


def checked(environment: dict[str, str], *words: str) -> str:
    """Run Python with these words, as `checked(environment, "manage.py", "check")`; its standard output.

    Fails when the program does.
    """
    done = _run(environment, *words)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def look(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query on PostgreSQL or SQLite, read by a connection of its own."""
    if url.startswith(LITE):
        with sqlite3.connect(url.removeprefix(LITE)) as lite:
            return lite.execute(query, values).fetchall()
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def _run(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
