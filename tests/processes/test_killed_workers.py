"""A worker killed in the middle of an analysis leaves one Result, of the bytes of an undisturbed run."""

import random

import pytest

from tests.processes.outside import Landing, Outside

SEED = 20261122


@pytest.mark.shows("JOB-01")
def test_a_killed_worker_leaves_one_result_of_the_same_bytes(outside: Outside) -> None:
    _kill(outside, times=3, at_least=2)


@pytest.mark.drill
@pytest.mark.shows("JOB-01")
def test_twenty_kills_leave_one_result_of_the_same_bytes(outside: Outside) -> None:
    _kill(outside, times=20, at_least=15)


def _kill(outside: Outside, *, times: int, at_least: int) -> None:
    dice = random.Random(SEED)
    landings: list[Landing] = []
    keys: list[int] = []
    while len(landings) < times:
        landing = outside.kill_one(keys, within=0.8, dice=dice) if keys else None
        if landing is None:
            # Everything asked for is done: ask for more, so that there is somebody to kill.
            keys += outside.freeze(f"kill {len(landings)}")
            continue
        landings.append(landing)
    print("landings:", *landings, sep="\n  ")
    assert sum(landing.landed for landing in landings) >= at_least, landings
    assert {landing.analysis for landing in landings} <= set(keys)
    for place in range(0, len(keys), 3):
        outside.results(keys[place : place + 3])
    counted = outside.look(
        "SELECT analysis_id, count(*) FROM outcomes_result WHERE analysis_id = ANY(%s) GROUP BY 1", keys
    )
    assert sorted(counted) == [(key, 1) for key in sorted(keys)]
    # `recompute` makes every Result again in a process nobody disturbs and compares the bytes.
    killed = {landing.analysis for landing in landings if landing.landed}
    again = outside.look("SELECT id FROM outcomes_result WHERE analysis_id = ANY(%s)", sorted(killed))
    said = outside.manage("recompute", *(str(row[0]) for row in again))
    assert said.count("same bytes") == len(killed)
