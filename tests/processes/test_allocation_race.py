"""Many processes randomize the same people at once: each once, in the list's order, without a gap."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy import services
from tests.architecture.source import ROOT
from tests.processes.racer import PARTICIPANTS
from tests.processes.shell import LITE, look, manage, surroundings

QUERY = "SELECT number, participant_id, arm FROM randomization_allocation ORDER BY id"


@dataclass(frozen=True)
class Track:
    """An installation on one engine, with participants who wait: a folder for its keys, and its database."""

    var: Path
    url: str

    def prepare(self) -> "Track":
        """Fill an empty database."""
        migrated = manage(self.var, "migrate", "-v0", DATABASE_URL=self.url)
        assert migrated.code == 0, migrated.text
        self.run("prepare").check()
        return self

    def run(self, *arguments: str) -> "Runner":
        return Runner(
            subprocess.Popen(
                [sys.executable, "-m", "tests.processes.racer", *arguments],
                cwd=ROOT,
                env=surroundings(EQUIPOISE_VAR=str(self.var), DATABASE_URL=self.url),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )

    def rows(self) -> list[tuple[int, int, str]]:
        return look(self.url, QUERY)


def raced(track: Track, kind: str, runners: int = 4) -> list[dict[str, int]]:
    """Start so many processes, let them go together, and return what each told."""
    running = [track.run(kind, str(seed)) for seed in range(runners)]
    for runner in running:
        runner.wait_until_ready()
    for runner in running:
        runner.go()
    return [runner.check() for runner in running]


class Runner:
    """One process of a race."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def check(self) -> dict[str, int]:
        said, errors = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, errors
        told: dict[str, int] = json.loads(said.splitlines()[-1]) if said.strip() else {}
        return told


@pytest.fixture(scope="module")
def waiting(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Track]]:
    """Engine → an installation whose participants wait. Each race runs on a copy of one."""
    var = tmp_path_factory.mktemp("race")
    with services.database(postgres_url, "waiting") as url:
        yield {
            "postgresql": Track(var, url).prepare(),
            "sqlite": Track(var, f"{LITE}{var}/waiting.sqlite3").prepare(),
        }


@pytest.fixture(params=["postgresql", "sqlite"])
def track(
    request: pytest.FixtureRequest, waiting: dict[str, Track], postgres_url: str, tmp_path: Path
) -> Iterator[Track]:
    """Participants who wait, on each engine."""
    prepared = waiting[request.param]
    if request.param == "sqlite":
        copied = shutil.copy(prepared.url.removeprefix(LITE), tmp_path / "race.sqlite3")
        yield Track(prepared.var, f"{LITE}{copied}")
        return
    with services.database(postgres_url, "race", template=prepared.url) as url:
        yield Track(prepared.var, url)


@pytest.mark.shows("RND-02")
def test_racing_processes_allocate_each_participant_once_in_order(track: Track) -> None:
    told = raced(track, "locked")
    rows = track.rows()
    assert sum(each["first"] for each in told) == PARTICIPANTS
    assert sum(each["refused"] for each in told) == 3 * PARTICIPANTS
    assert [each["broken"] for each in told] == [0, 0, 0, 0]
    assert [row[0] for row in rows] == list(range(1, PARTICIPANTS + 1))
    assert len({row[1] for row in rows}) == PARTICIPANTS
    # Nobody won every time: they really ran against each other.
    assert sum(each["first"] > 0 for each in told) > 1
    checked = manage(track.var, "verify_audit", DATABASE_URL=track.url)
    assert checked.code == 0, checked.text


@pytest.mark.shows("RND-02")
def test_the_same_request_sent_by_many_at_once_gets_one_allocation_and_the_same_answer(track: Track) -> None:
    told = raced(track, "twins")
    assert told == [{"first": PARTICIPANTS, "refused": 0, "broken": 0}] * 4
    assert len(track.rows()) == PARTICIPANTS


@pytest.mark.shows("RND-02")
def test_without_the_lock_the_race_breaks(waiting: dict[str, Track], postgres_url: str) -> None:
    prepared = waiting["postgresql"]
    with services.database(postgres_url, "control", template=prepared.url) as url:
        unlocked = Track(prepared.var, url)
        told = raced(unlocked, "unlocked")
        assert sum(each["broken"] for each in told) > 0
        rows = unlocked.rows()
        # The database's own constraints hold even then: no number and no participant twice.
        assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len(rows)
