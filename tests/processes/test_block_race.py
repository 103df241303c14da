"""Twenty processes randomize at once over permuted blocks: no duplicate, no gap, order kept, no cap passed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy import services
from randomization.schemes import arms
from tests.processes.block_racer import SEED, SIZES
from tests.processes.shell import checked, look, manage, surroundings

PROCESSES, EACH = 20, 2
CAP = 3
ROUNDS = 20
SHARES = (("A", 1), ("B", 2))
TRIAL = "small-trial"
QUERY = (
    "SELECT s.key, a.number, a.participant_id, a.arm, a.allocated_at FROM randomization_allocation a "
    "JOIN randomization_stratum s ON s.id = a.stratum_id ORDER BY s.key, a.number"
)


@dataclass(frozen=True)
class Row:
    """One allocation as the database holds it."""

    stratum: str
    number: int
    participant: int
    arm: str
    at: datetime | str


@dataclass(frozen=True)
class Course:
    """An installation on one engine whose participants wait, each site for one race."""

    var: Path
    url: str

    def prepare(self, *sites: str) -> "Course":
        migrated = manage(self.var, "migrate", "-v0", DATABASE_URL=self.url)
        assert migrated.code == 0, migrated.text
        self._racer("prepare", *sites)
        return self

    def race(self, kind: str, site: str, processes: int = PROCESSES) -> list[dict[str, Any]]:
        """What each process was told."""
        told: list[dict[str, Any]] = json.loads(self._racer("race", kind, site, str(processes)))
        return told

    def rows(self, site: str) -> list[Row]:
        """The allocations of a site by stratum and number."""
        found = look(self.url, QUERY)
        return [row for row in (Row(*each) for each in found) if row.stratum.startswith(f"site={site}|")]

    def faults(self, *command: str) -> list[str]:
        """What a command of the product that verifies this installation finds wrong."""
        done = manage(self.var, *command, DATABASE_URL=self.url)
        found = [line for line in done.text.splitlines() if line.startswith("FAULT")]
        assert (done.code == 0) is (not found), done.text
        return found

    def _racer(self, *arguments: str) -> str:
        environment = surroundings(EQUIPOISE_VAR=str(self.var), DATABASE_URL=self.url)
        return checked(environment, "-m", "tests.processes.block_racer", *arguments)


@pytest.fixture(scope="module")
def course(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A site for each race: 02 and 05 with a cap, 03 with one participant, 06 and 07 for two processes."""
    crowd = f"{PROCESSES}:{CAP}"
    with services.database(postgres_url, "blocks") as url:
        prepared = Course(tmp_path_factory.mktemp("blocks"), url)
        yield prepared.prepare(
            f"01={PROCESSES * EACH}",
            f"02={crowd}",
            "03=1",
            f"04={PROCESSES}",
            f"05={crowd}",
            f"06={2 * ROUNDS}",
            f"07={ROUNDS}",
        )


def _kept(rows: list[Row], expected: int) -> list[str]:
    """What is not as it must be after a race: numbers, participants, sequence and time."""
    broken = []
    if len(rows) != expected or len({row.participant for row in rows}) != expected:
        broken.append(f"{len(rows)} allocations of {expected}")
    for key, group in groupby(rows, key=lambda row: row.stratum):
        own = list(group)
        if [row.number for row in own] != list(range(1, len(own) + 1)):
            broken.append(f"gap in {key}")
        if [row.arm for row in own] != list(islice(arms(SEED, key, shares=SHARES, sizes=SIZES), len(own))):
            broken.append(f"another sequence in {key}")
        if any(later.at < earlier.at for earlier, later in pairwise(own)):  # type: ignore[operator]
            broken.append(f"out of order in {key}")
    return broken


def _raced(track: Course, each: int) -> None:
    told = track.race("locked", "01")
    assert [len(answers["allocated"]) for answers in told] == [each] * PROCESSES
    assert [(answers["refused"], answers["broken"]) for answers in told] == [([], 0)] * PROCESSES
    rows = track.rows("01")
    assert _kept(rows, PROCESSES * each) == []
    assert len({row.stratum for row in rows}) == 3
    # The races without a lock may have spoilt what is theirs.
    assert [fault for fault in track.faults("verify_randomization", TRIAL) if "site=01|" in fault] == []
    assert track.faults("verify_audit") == []


@pytest.mark.shows("RND-02", "RND-04", "RND-06")
def test_twenty_processes_leave_no_duplicate_no_gap_and_the_sealed_order(course: Course) -> None:
    _raced(course, EACH)


@pytest.mark.shows("RND-02")
def test_the_same_race_on_sqlite(tmp_path: Path) -> None:
    _raced(Course(tmp_path, f"sqlite:///{tmp_path}/race.sqlite3").prepare(f"01={PROCESSES}"), 1)


@pytest.mark.shows("RND-02")
def test_the_same_race_fails_without_the_locks(course: Course) -> None:
    told = course.race("unlocked", "04")
    assert sum(answers["broken"] for answers in told) > 0
    assert _kept(course.rows("04"), PROCESSES) != []


@pytest.mark.shows("RND-05")
def test_twenty_at_the_last_places_of_a_site_do_not_pass_its_cap(course: Course) -> None:
    told = course.race("locked", "02")
    assert sum(len(answers["allocated"]) for answers in told) == CAP
    refused = [code for answers in told for code in answers["refused"]]
    assert refused == ["site.full"] * (PROCESSES - CAP)
    assert _kept(course.rows("02"), CAP) == []


@pytest.mark.shows("RND-05")
def test_without_the_lock_on_the_site_the_cap_is_passed(course: Course) -> None:
    told = course.race("crowded", "05")
    assert sum(len(answers["allocated"]) for answers in told) > CAP


@pytest.mark.shows("RND-02", "RND-05")
def test_twenty_requests_with_one_key_get_one_allocation_and_the_same_answer(course: Course) -> None:
    told = course.race("twins", "03")
    answers = [each["allocated"] for each in told]
    assert answers == [answers[0]] * PROCESSES
    assert len(answers[0]) == 1
    assert [(each["refused"], each["broken"]) for each in told] == [([], 0)] * PROCESSES
    assert _kept(course.rows("03"), 1) == []


@pytest.mark.shows("RND-02", "RND-03")
def test_a_role_is_given_to_the_person_who_randomizes_there_without_a_deadlock(course: Course) -> None:
    told = course.race("delegated", "06", 2)
    assert [(answers["refused"], answers["broken"]) for answers in told] == [([], 0)] * 2
    assert [len(answers["allocated"]) for answers in told] == [ROUNDS, 0]


@pytest.mark.shows("RND-03")
def test_locks_against_foreign_keys_would_end_in_a_deadlock(course: Course) -> None:
    told = course.race("colliding", "07", 2)
    assert sum(answers["broken"] for answers in told) > 0


@pytest.mark.drill
@pytest.mark.shows("RND-02", "RND-04", "RND-06")
def test_twenty_processes_randomize_fifty_each(postgres_url: str, tmp_path: Path) -> None:
    with services.database(postgres_url, "drill") as url:
        _raced(Course(tmp_path, url).prepare(f"01={PROCESSES * 50}"), 50)
