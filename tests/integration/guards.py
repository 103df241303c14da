"""Tests: what must never happen while a test runs, on the database's own wire."""

import re
import sys
from collections.abc import Callable
from typing import Any

from tests.architecture.source import FLOORS
from tests.architecture.test_writers import may_write

WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
OURS = tuple(f"{floor}_" for floor in FLOORS)


class WrittenOutsideAction(AssertionError):
    """A table of ours was written from a place that is no action."""


def writes_come_from_actions(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """A database wrapper: a write on our tables needs a frame of a writing room on the stack."""
    match = WRITE.match(sql)
    if match and match.group(1).startswith(OURS) and not _from_a_writer():
        raise WrittenOutsideAction(f"{match.group(1)} was written outside an action: {sql[:80]}")
    return execute(sql, params, many, context)


def _from_a_writer() -> bool:
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if any(f"/{floor}/" in path and may_write(floor + path.split(f"/{floor}", 1)[1]) for floor in FLOORS):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
