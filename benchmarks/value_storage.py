"""Benchmark: where item values live, one JSON per record or one row per item, in a throw-away PostgreSQL.

Run it with `.venv/bin/python -m benchmarks.value_storage`. It uses tables of its own, shaped as the product's (record,
item, and a row history of each, as django-simple-history lays them out). The two ways take turns inside one run, so
that a busy machine slows both; only the ratios of one run mean anything.
"""

import io
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import connection as Connection

from deploy import services

PARTICIPANTS, VISITS, FORMS = 1_000, 5, 12
SIZES = (16, 17, 17)  # items of the forms in turn: 200 a visit, 1,000 a participant, 1,000,000 in all
PARTS = 10
SUBMISSIONS, CORRECTIONS, CASEBOOKS, HISTORIES = 1_000, 1_000, 300, 300
NOW = "2026-01-31T12:00:00Z"

Casebook = dict[tuple[int, str], dict[str, str]]
LongRow = tuple[int, int, str, str, str | None, str | None]


@dataclass(frozen=True)
class Record:
    """One filled-in form. Values are stored texts by item, `missing` holds typed reasons."""

    key: int
    participant: int
    visit: int
    form: str
    values: dict[str, str]
    missing: dict[str, str]


class Way(Protocol):
    """One way to keep values. Every method does the same work and gives the same answer in both ways."""

    name: str
    schema: str
    tables: tuple[str, ...]

    def load(self, cursor: Any, records: list[Record]) -> float: ...
    def submit(self, cursor: Any, record: Record) -> None: ...
    def correct(self, cursor: Any, record: Record, item: str, value: str) -> None: ...
    def export(self, connection: Connection) -> Iterator[LongRow]: ...
    def casebook(self, cursor: Any, participant: int) -> Casebook: ...
    def item_history(self, cursor: Any, record: Record, item: str) -> list[str]: ...
    def one_item(self, cursor: Any, form: str, item: str) -> int: ...
    def correction_bytes(self, cursor: Any) -> int: ...


class JsonPerRecord:
    """The product's way: values and missing reasons of a record in two JSON columns, and so in its history."""

    name = "one JSON per record"
    tables = ("j_record", "j_record_history")
    schema = """
        CREATE TABLE j_record (id bigint PRIMARY KEY, participant int, visit int, form text, state text, version int,
            values jsonb, missing jsonb, UNIQUE (participant, visit, form));
        CREATE INDEX ON j_record (participant, form);
        CREATE TABLE j_record_history (history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint,
            participant int, visit int, form text, state text, version int, values jsonb, missing jsonb,
            history_date timestamptz, history_user int, reason text);
        CREATE INDEX ON j_record_history (id);
        CREATE INDEX ON j_record_history (history_date);
    """

    def load(self, cursor: Any, records: list[Record]) -> float:
        rows = [
            (r.key, r.participant, r.visit, r.form, "submitted", 1, json.dumps(r.values), json.dumps(r.missing))
            for r in records
        ]
        columns = "id, participant, visit, form, state, version, values, missing"
        return _copy(cursor, "j_record", columns, rows) + _copy(
            cursor,
            "j_record_history",
            f"{columns}, history_date, history_user, reason",
            [(*row, NOW, 1, "") for row in rows],
        )

    def submit(self, cursor: Any, record: Record) -> None:
        row = (record.key, record.participant, record.visit, record.form, "submitted", 1)
        row = (*row, json.dumps(record.values), json.dumps(record.missing))
        cursor.execute("INSERT INTO j_record VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
        self._keep(cursor, record.key)

    def correct(self, cursor: Any, record: Record, item: str, value: str) -> None:
        cursor.execute(
            "UPDATE j_record SET values = %s, version = version + 1, state = 'corrected' WHERE id = %s",
            (json.dumps({**record.values, item: value}), record.key),
        )
        self._keep(cursor, record.key)

    def _keep(self, cursor: Any, key: int) -> None:
        columns = "id, participant, visit, form, state, version, values, missing"
        cursor.execute(
            f"INSERT INTO j_record_history ({columns}, history_date, history_user, reason) "
            f"SELECT {columns}, now(), 1, 'transcription error' FROM j_record WHERE id = %s",
            (key,),
        )

    def export(self, connection: Connection) -> Iterator[LongRow]:
        query = "SELECT participant, visit, form, values, missing FROM j_record ORDER BY participant, form, visit"
        for participant, visit, form, values, missing in _streamed(connection, query):
            for item in ITEMS[form]:
                yield participant, visit, form, item, values.get(item), missing.get(item)

    def casebook(self, cursor: Any, participant: int) -> Casebook:
        cursor.execute("SELECT visit, form, values FROM j_record WHERE participant = %s", (participant,))
        return {(visit, form): values for visit, form, values in cursor}

    def item_history(self, cursor: Any, record: Record, item: str) -> list[str]:
        cursor.execute("SELECT values FROM j_record_history WHERE id = %s ORDER BY history_id", (record.key,))
        found: list[str] = []
        for (values,) in cursor:
            if not found or found[-1] != values.get(item):
                found.append(values.get(item))
        return found

    def one_item(self, cursor: Any, form: str, item: str) -> int:
        cursor.execute(
            "SELECT participant, visit, values ->> %s FROM j_record WHERE form = %s AND values ? %s", (item, form, item)
        )
        return len(cursor.fetchall())

    def correction_bytes(self, cursor: Any) -> int:
        cursor.execute("SELECT avg(pg_column_size(h.*)) FROM j_record_history h WHERE state = 'corrected'")
        return round(cursor.fetchone()[0])


@dataclass
class RowPerItem:
    """The other way: a record without values, a row for each item, and a history of both."""

    name = "one row per item"
    tables = ("r_record", "r_record_history", "r_item", "r_item_history")
    schema = """
        CREATE TABLE r_record (id bigint PRIMARY KEY, participant int, visit int, form text, state text, version int,
            UNIQUE (participant, visit, form));
        CREATE INDEX ON r_record (participant, form);
        CREATE TABLE r_record_history (history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint,
            participant int, visit int, form text, state text, version int,
            history_date timestamptz, history_user int, reason text);
        CREATE INDEX ON r_record_history (id);
        CREATE INDEX ON r_record_history (history_date);
        CREATE TABLE r_item (id bigint PRIMARY KEY, record bigint REFERENCES r_record, item text, value text,
            missing text, UNIQUE (record, item));
        CREATE TABLE r_item_history (history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint,
            record bigint, item text, value text, missing text,
            history_date timestamptz, history_user int, reason text);
        CREATE INDEX ON r_item_history (id);
        CREATE INDEX ON r_item_history (history_date);
    """
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    def load(self, cursor: Any, records: list[Record]) -> float:
        rows = [(r.key, r.participant, r.visit, r.form, "submitted", 1) for r in records]
        items = [row for record in records for row in self._items(record)]
        kept = (NOW, 1, "")
        of_record, of_item = "id, participant, visit, form, state, version", "id, record, item, value, missing"
        meta = "history_date, history_user, reason"
        return sum(
            (
                _copy(cursor, "r_record", of_record, rows),
                _copy(cursor, "r_record_history", f"{of_record}, {meta}", [(*row, *kept) for row in rows]),
                _copy(cursor, "r_item", of_item, items),
                _copy(cursor, "r_item_history", f"{of_item}, {meta}", [(*item, *kept) for item in items]),
            )
        )

    def _items(self, record: Record) -> list[tuple[int, int, str, str | None, str | None]]:
        return [
            (next(self.keys), record.key, item, record.values.get(item), record.missing.get(item))
            for item in ITEMS[record.form]
        ]

    def submit(self, cursor: Any, record: Record) -> None:
        row = (record.key, record.participant, record.visit, record.form, "submitted", 1)
        cursor.execute("INSERT INTO r_record VALUES (%s, %s, %s, %s, %s, %s)", row)
        self._keep_record(cursor, record.key)
        # All items in one statement: the kindest form for this way.
        items = self._items(record)
        cursor.execute(f"INSERT INTO r_item VALUES {_places(items)}", _flat(items))
        cursor.execute(
            "INSERT INTO r_item_history (id, record, item, value, missing, history_date, history_user, reason) "
            "SELECT id, record, item, value, missing, now(), 1, '' FROM r_item WHERE record = %s ORDER BY id",
            (record.key,),
        )

    def correct(self, cursor: Any, record: Record, item: str, value: str) -> None:
        cursor.execute(
            "UPDATE r_record SET version = version + 1, state = 'corrected' WHERE id = %s", (record.key,)
        )
        self._keep_record(cursor, record.key)
        cursor.execute(
            "WITH changed AS (UPDATE r_item SET value = %s WHERE record = %s AND item = %s RETURNING *) "
            "INSERT INTO r_item_history (id, record, item, value, missing, history_date, history_user, reason) "
            "SELECT id, record, item, value, missing, now(), 1, 'transcription error' FROM changed",
            (value, record.key, item),
        )

    def _keep_record(self, cursor: Any, key: int) -> None:
        columns = "id, participant, visit, form, state, version"
        cursor.execute(
            f"INSERT INTO r_record_history ({columns}, history_date, history_user, reason) "
            f"SELECT {columns}, now(), 1, 'transcription error' FROM r_record WHERE id = %s",
            (key,),
        )

    def export(self, connection: Connection) -> Iterator[LongRow]:
        return _streamed(
            connection,
            "SELECT r.participant, r.visit, r.form, i.item, i.value, i.missing FROM r_record r "
            "JOIN r_item i ON i.record = r.id ORDER BY r.participant, r.form, r.visit, i.id",
        )

    def casebook(self, cursor: Any, participant: int) -> Casebook:
        cursor.execute(
            "SELECT r.visit, r.form, i.item, i.value FROM r_record r JOIN r_item i ON i.record = r.id "
            "WHERE r.participant = %s",
            (participant,),
        )
        found: Casebook = defaultdict(dict)
        for visit, form, item, value in cursor:
            if value is not None:
                found[visit, form][item] = value
        return found

    def item_history(self, cursor: Any, record: Record, item: str) -> list[str]:
        cursor.execute(
            "SELECT h.value FROM r_item_history h JOIN r_item i ON i.id = h.id "
            "WHERE i.record = %s AND i.item = %s ORDER BY h.history_id",
            (record.key, item),
        )
        return [value for (value,) in cursor]

    def one_item(self, cursor: Any, form: str, item: str) -> int:
        cursor.execute(
            "SELECT r.participant, r.visit, i.value FROM r_record r JOIN r_item i ON i.record = r.id "
            "WHERE r.form = %s AND i.item = %s AND i.value IS NOT NULL",
            (form, item),
        )
        return len(cursor.fetchall())

    def correction_bytes(self, cursor: Any) -> int:
        cursor.execute(
            "SELECT (SELECT avg(pg_column_size(h.*)) FROM r_record_history h WHERE state = 'corrected') + "
            "(SELECT avg(pg_column_size(h.*)) FROM r_item_history h WHERE reason <> '')"
        )
        return round(cursor.fetchone()[0])


ITEMS = {
    f"form_{number:02}": [f"{'measure' if place % 2 else 'finding'}_{place:02}" for place in range(SIZES[number % 3])]
    for number in range(FORMS)
}


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
        kinds = (f"{chance.uniform(3, 180):.1f}", chance.choice(("yes", "no")), f"2025-03-{chance.randint(1, 28):02}")
        record.values[item] = kinds[place % 3] if place else "seen by the investigator, no new complaint"
    return record


def _copy(cursor: Any, table: str, columns: str, rows: list[tuple[Any, ...]]) -> float:
    text = io.StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in rows))
    started = time.perf_counter()
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
    return time.perf_counter() - started


def _cell(value: object) -> str:
    return "\\N" if value is None else str(value).replace("\\", "\\\\")


def _streamed(connection: Connection, query: str) -> Iterator[Any]:
    with connection.cursor("stream") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query)
        yield from cursor


def _places(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))


def _flat(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]


@dataclass
class Bench:
    """The two ways on one server, each with a connection; measurements are kept as (JSON, rows) pairs."""

    ways: tuple[Way, Way]
    connections: tuple[Connection, Connection]
    lines: list[tuple[str, float, float, str]] = field(default_factory=list)

    def in_turn(self, label: str, work: Callable[[Way, Connection], float], *, rounds: int = 1, unit: str) -> None:
        """Do the work in each way by turns; keep the median of the rounds."""
        took = [[work(way, line) for way, line in zip(self.ways, self.connections, strict=True)] for _ in range(rounds)]
        first, second = (statistics.median(column) for column in zip(*took, strict=True))
        self.lines.append((label, first, second, unit))
        print(f"{label:<52} {first:>10.3f} {second:>10.3f} {unit:<4} {second / first:>7.2f}", flush=True)


def fill(bench: Bench) -> None:
    """Load everything, part by part in turn."""
    took = [0.0, 0.0]
    step = PARTICIPANTS // PARTS
    for part in range(PARTS):
        made = records(range(part * step, (part + 1) * step))
        for place, (way, line) in enumerate(zip(bench.ways, bench.connections, strict=True)):
            with line.cursor() as cursor:
                took[place] += way.load(cursor, made)
            line.commit()
    for way, line in zip(bench.ways, bench.connections, strict=True):
        with line.cursor() as cursor:
            for table in way.tables:
                cursor.execute(f"ANALYZE {table}")
        line.commit()
    turns = iter(took)
    bench.in_turn("load 1,000,000 values with their history (COPY)", lambda way, line: next(turns), unit="s")


def many(work: Callable[[Way, Any, Any], object], subjects: list[Any]) -> Callable[[Way, Connection], float]:
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
        cursor.execute("SELECT sum(pg_total_relation_size(name)) FROM unnest(%s::regclass[]) name", (list(way.tables),))
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
    new = records(range(PARTICIPANTS, PARTICIPANTS + SUBMISSIONS // (VISITS * FORMS) + 1))[:SUBMISSIONS]
    old = [r for r in draw.sample(records(range(100)), 2 * CORRECTIONS) if "finding_02" in r.values][:CORRECTIONS]
    bench.in_turn("export 1,000,000 values, a row each", exported, rounds=3, unit="s")
    bench.in_turn("submit one form", many(lambda way, c, r: way.submit(c, r), new), unit="ms")
    bench.in_turn("correct one item", many(lambda way, c, r: way.correct(c, r, "finding_02", "9.9"), old), unit="ms")
    bench.in_turn("  history that adds", _correction_bytes, unit="B")
    require_same_answers(bench, old[:HISTORIES])
    people = draw.sample(range(PARTICIPANTS), CASEBOOKS)
    bench.in_turn("casebook: all values of one participant", many(_casebook, people), rounds=3, unit="ms")
    bench.in_turn("history of one item", many(_history, old[:HISTORIES]), rounds=3, unit="ms")
    bench.in_turn("one item of every participant", many(_one_item, list(range(5))), rounds=3, unit="ms")


def _correction_bytes(way: Way, line: Connection) -> float:
    with line.cursor() as cursor:
        return way.correction_bytes(cursor)


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
        for way, line in zip(bench.ways, bench.connections, strict=True):
            with line.cursor() as cursor:
                cursor.execute(way.schema)
            line.commit()
        print(f"PostgreSQL {first.server_version // 10_000}, {PARTICIPANTS * VISITS * FORMS:,} records")
        print(f"{'':<52} {'JSON':>10} {'rows':>10} {'':<4} {'rows/JSON':>7}")
        measure(bench)
    print(f"The whole run took {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
