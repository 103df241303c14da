"""Benchmark: where item values live, one JSON per record or one row per item, in a throw-away PostgreSQL.

Run it with `.venv/bin/python -m benchmarks.value_storage`. It uses tables of its own, shaped as the product's
(record, item, and a row history of each, as django-simple-history lays them out). The two ways take turns inside
one run, so that a busy machine slows both; only the ratios of one run mean anything.
"""

import random
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from benchmarks.storage_ways import FORMS, ITEMS, JsonPerRecord, Record, RowPerItem, Way
from deploy import services

# 200 items a visit, 1,000 a participant, 1,000,000 in all.
PARTICIPANTS, VISITS = 1_000, 5
PARTS = 10
SUBMISSIONS, CORRECTIONS, CASEBOOKS, HISTORIES = 1_000, 1_000, 300, 300

Work = Callable[[Way, Connection], float]


def records(participants: range) -> list[Record]:
    """Every record of those participants, the same in each run."""
    made = []
    for participant in participants:
        chance = random.Random(participant)
        for visit in range(VISITS):
            for place, form in enumerate(ITEMS):
                key = (participant * VISITS + visit) * FORMS + place + 1
                made.append(_filled(Record(key, participant, visit, form, {}, {}), chance))
    return made


def _filled(record: Record, chance: random.Random) -> Record:
    for place, item in enumerate(ITEMS[record.form]):
        if chance.random() < 0.03:
            record.missing[item] = "not_done"
            continue
        day = f"2025-03-{chance.randint(1, 28):02}"
        kinds = (f"{chance.uniform(3, 180):.1f}", chance.choice(("yes", "no")), day)
        record.values[item] = kinds[place % 3] if place else "seen by the investigator, no new complaint"
    return record


@dataclass
class Bench:
    """The two ways on one server, each with a connection of its own."""

    ways: tuple[Way, Way]
    connections: tuple[Connection, Connection]

    @property
    def lanes(self) -> list[tuple[Way, Connection]]:
        """Each way with its connection."""
        return list(zip(self.ways, self.connections, strict=True))

    def in_turn(self, label: str, work: Work, *, rounds: int = 1, unit: str) -> None:
        """Do the work in each way by turns; print the medians of the rounds and their ratio."""
        took = [[work(way, line) for way, line in self.lanes] for _ in range(rounds)]
        first, second = (statistics.median(column) for column in zip(*took, strict=True))
        print(f"{label:<52} {first:>10.3f} {second:>10.3f} {unit:<4} {second / first:>7.2f}", flush=True)


def fill(bench: Bench) -> None:
    """Load everything, part by part in turn."""
    took = [0.0, 0.0]
    step = PARTICIPANTS // PARTS
    for part in range(PARTS):
        made = records(range(part * step, (part + 1) * step))
        for place, (way, line) in enumerate(bench.lanes):
            with line.cursor() as cursor:
                took[place] += way.load(cursor, made)
            line.commit()
    for way, line in bench.lanes:
        with line.cursor() as cursor:
            for table in way.tables:
                cursor.execute(f"ANALYZE {table}")
        line.commit()
    turns = iter(took)
    bench.in_turn("load 1,000,000 values with their history (COPY)", lambda way, line: next(turns), unit="s")


def many(work: Callable[[Way, Any, Any], object], subjects: list[Any]) -> Work:
    """Milliseconds for one subject, when each is a transaction of its own."""

    def timed(way: Way, line: Connection) -> float:
        started = time.perf_counter()
        for subject in subjects:
            with line.cursor() as cursor:
                work(way, cursor, subject)
            line.commit()
        return 1000 * (time.perf_counter() - started) / len(subjects)

    return timed


def exported(way: Way, line: Connection) -> float:
    """Seconds to bring every value to the client as a row of its own."""
    started = time.perf_counter()
    number = sum(1 for _ in way.export(line))
    line.commit()
    assert number == PARTICIPANTS * VISITS * sum(map(len, ITEMS.values())), number
    return time.perf_counter() - started


def on_disk(way: Way, line: Connection) -> float:
    """Megabytes of tables and indexes."""
    with line.cursor() as cursor:
        query = "SELECT sum(pg_total_relation_size(name)) FROM unnest(%s::regclass[]) name"
        cursor.execute(query, (list(way.tables),))
        return float(cursor.fetchone()[0]) / 1e6


def require_same_answers(bench: Bench, some: list[Record]) -> None:
    """Both ways must tell the same before their times are compared."""
    (one, other), (first, second) = bench.ways, bench.connections
    assert list(islice(one.export(first), 20_000)) == list(islice(other.export(second), 20_000))
    with first.cursor() as a, second.cursor() as b:
        assert one.casebook(a, 7) == other.casebook(b, 7)
        assert one.one_item(a, "form_03", "measure_05") == other.one_item(b, "form_03", "measure_05")
        assert [one.item_history(a, r, "finding_02") for r in some] == [
            other.item_history(b, r, "finding_02") for r in some
        ]
    first.commit()
    second.commit()


def measure(bench: Bench) -> None:
    """Every comparison, printed as it ends."""
    fill(bench)
    bench.in_turn("  on disk", on_disk, unit="MB")
    draw = random.Random(1)
    newcomers = range(PARTICIPANTS, PARTICIPANTS + SUBMISSIONS // (VISITS * FORMS) + 1)
    new = records(newcomers)[:SUBMISSIONS]
    drawn = draw.sample(records(range(100)), 2 * CORRECTIONS)
    old = [record for record in drawn if "finding_02" in record.values][:CORRECTIONS]
    bench.in_turn("export 1,000,000 values, a row each", exported, rounds=3, unit="s")
    bench.in_turn("submit one form", many(_submit, new), unit="ms")
    bench.in_turn("correct one item", many(_correct, old), unit="ms")
    bench.in_turn("  history that adds", _correction_bytes, unit="B")
    require_same_answers(bench, old[:HISTORIES])
    people = draw.sample(range(PARTICIPANTS), CASEBOOKS)
    bench.in_turn("casebook: all values of one participant", many(_casebook, people), rounds=3, unit="ms")
    bench.in_turn("history of one item", many(_history, old[:HISTORIES]), rounds=3, unit="ms")
    bench.in_turn("one item of every participant", many(_one_item, list(range(5))), rounds=3, unit="ms")


def _correction_bytes(way: Way, line: Connection) -> float:
    with line.cursor() as cursor:
        return way.correction_bytes(cursor)


def _submit(way: Way, cursor: Any, record: Record) -> None:
    way.submit(cursor, record)


def _correct(way: Way, cursor: Any, record: Record) -> None:
    way.correct(cursor, record, "finding_02", "9.9")


def _casebook(way: Way, cursor: Any, participant: int) -> object:
    return way.casebook(cursor, participant)


def _history(way: Way, cursor: Any, record: Record) -> object:
    return way.item_history(cursor, record, "finding_02")


def _one_item(way: Way, cursor: Any, _turn: int) -> object:
    return way.one_item(cursor, "form_03", "measure_05")


def main() -> None:
    """Start a server, compare, print; nothing is kept."""
    started = time.perf_counter()
    with (
        services.postgres() as server,
        services.database(server, "values") as url,
        closing(psycopg2.connect(url)) as first,
        closing(psycopg2.connect(url)) as second,
    ):
        bench = Bench((JsonPerRecord(), RowPerItem()), (first, second))
        for way, line in bench.lanes:
            with line.cursor() as cursor:
                cursor.execute(way.schema)
            line.commit()
        print(f"PostgreSQL {first.server_version // 10_000}, {PARTICIPANTS * VISITS * FORMS:,} records")
        print(f"{'':<52} {'JSON':>10} {'rows':>10} {'':<4} {'rows/JSON':>7}")
        measure(bench)
    print(f"The whole run took {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
