"""Tests: what an outside process may do with a stack: run commands on it and look into its database."""

import io
import json
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack import Stack
from tests.processes.shell import checked, look

PATIENCE = 120


@dataclass(frozen=True)
class Landing:
    """One SIGKILL: to whom, working on what, and whether the work was unfinished when the process was gone."""

    analysis: int
    pid: int
    landed: bool


class Outside:
    """A stack and its lines; every look at the database is a connection of its own."""

    def __init__(self, running: Stack, log: io.StringIO) -> None:
        self.running = running
        self.log = log
        self.killed: set[str] = set()

    def manage(self, *arguments: str) -> str:
        """Run a command of the product on the stack's data; its standard output."""
        return checked(self.running.environment, "manage.py", *arguments)

    def freeze(self, reason: str) -> list[int]:
        """Freeze a snapshot and queue its analyses; their keys."""
        told = self.manage("freeze", "colon-moertel", "--cut-off", "2000-01-01", "--reason", reason)
        keys: list[int] = json.loads(told)["analyses"]
        return keys

    def look(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, read in a transaction of its own."""
        return look(self.running.database_url, query, *values)

    def results(self, keys: list[int]) -> dict[str, tuple[Any, ...]]:
        """Endpoint → (payload, figures, sha256) once every analysis is done; fails when that takes too long."""
        deadline = time.monotonic() + PATIENCE
        while True:
            rows = self.look(
                "SELECT a.endpoint, r.payload, r.figures, r.sha256, r.id FROM outcomes_analysis a "
                "JOIN outcomes_result r ON r.analysis_id = a.id WHERE a.id = ANY(%s) AND a.state = 'done'",
                keys,
            )
            if len(rows) == len(keys):
                return {row[0]: row[1:] for row in rows}
            states = self.look(
                "SELECT id, state, failure, attempts FROM outcomes_analysis WHERE id = ANY(%s)", keys
            )
            assert time.monotonic() < deadline, f"{states}\n{self.log.getvalue()[-4000:]}"
            time.sleep(0.2)

    def kill_one(self, keys: list[int], *, within: float, dice: random.Random) -> Landing | None:
        """Wait for an analysis that runs under a living process, then up to `within` seconds, and SIGKILL that process.

        None when everything asked for has ended. It landed when the row still says, after the process is gone, that
        this very process is running it, or that another has taken it over: never that it was done.
        """
        if self._running(keys) is None:
            return None
        time.sleep(dice.uniform(0, within))
        seen = self._running(keys)
        if seen is None:
            return None
        analysis, holder = seen
        pid = int(holder.rsplit(":", 2)[1])
        self.killed.add(holder)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return Landing(analysis, pid, landed=False)
        _wait_for_end(pid)
        rows = self.look(
            "SELECT state, holder FROM outcomes_analysis WHERE id = %s AND NOT EXISTS "
            "(SELECT 1 FROM outcomes_result WHERE analysis_id = outcomes_analysis.id)",
            analysis,
        )
        landed = bool(rows) and rows[0][0] == "running"
        return Landing(analysis, pid, landed=landed)

    def _running(self, keys: list[int]) -> tuple[int, str] | None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            rows = self.look(
                "SELECT id, holder, state FROM outcomes_analysis WHERE id = ANY(%s) ORDER BY id", keys
            )
            for analysis, holder, state in rows:
                if state == "running" and holder not in self.killed:
                    return analysis, holder
            if all(state in ("done", "failed") for _id, _holder, state in rows):
                return None
        raise AssertionError(f"nothing runs and nothing ends: {rows}")


def _wait_for_end(pid: int) -> None:
    """Until the killed process is gone or waits for its parent only."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.01)
