"""Benchmark: the two ways to keep item values that `value_storage` compares, as tables and statements."""

import io
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from psycopg2.extensions import connection as Connection

FORMS = 12
SIZES = (16, 17, 17)
NOW = "2026-01-31T12:00:00Z"
META = "history_date, history_user, reason"

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


def _items_of(form: int) -> list[str]:
    return [f"{'measure' if place % 2 else 'finding'}_{place:02}" for place in range(SIZES[form % len(SIZES)])]


ITEMS = {f"form_{form:02}": _items_of(form) for form in range(FORMS)}


@dataclass
class JsonPerRecord:
    """The product's way: the values of a record in one JSON column, its missing reasons in another."""

    tables: tuple[str, ...] = ("j_record", "j_record_history")
    schema: str = """
        CREATE TABLE j_record (id bigint PRIMARY KEY, participant int, visit int, form text, state text,
            version int, values jsonb, missing jsonb, UNIQUE (participant, visit, form));
        CREATE INDEX ON j_record (participant, form);
        CREATE TABLE j_record_history (history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint,
            participant int, visit int, form text, state text, version int, values jsonb, missing jsonb,
            history_date timestamptz, history_user int, reason text);
        CREATE INDEX ON j_record_history (id);
        CREATE INDEX ON j_record_history (history_date);
    """

    def load(self, cursor: Any, records: list[Record]) -> float:
        rows = [self._row(record) for record in records]
        kept = [(*row, NOW, 1, "") for row in rows]
        columns = "id, participant, visit, form, state, version, values, missing"
        return _copy(cursor, "j_record", columns, rows) + _copy(
            cursor, "j_record_history", f"{columns}, {META}", kept
        )

    def _row(self, record: Record) -> tuple[Any, ...]:
        return (*_head(record), json.dumps(record.values), json.dumps(record.missing))

    def submit(self, cursor: Any, record: Record) -> None:
        row = self._row(record)
        cursor.execute(f"INSERT INTO j_record VALUES {_places([row])}", row)
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
            f"INSERT INTO j_record_history ({columns}, {META}) "
            f"SELECT {columns}, now(), 1, 'transcription error' FROM j_record WHERE id = %s",
            (key,),
        )

    def export(self, connection: Connection) -> Iterator[LongRow]:
        columns = "participant, visit, form, values, missing"
        query = f"SELECT {columns} FROM j_record ORDER BY participant, form, visit"
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
            "SELECT participant, visit, values ->> %s FROM j_record WHERE form = %s AND values ? %s",
            (item, form, item),
        )
        return len(cursor.fetchall())

    def correction_bytes(self, cursor: Any) -> int:
        cursor.execute("SELECT avg(pg_column_size(h.*)) FROM j_record_history h WHERE state = 'corrected'")
        return int(cursor.fetchone()[0])


@dataclass
class RowPerItem:
    """The other way: a record without values, a row for each item, and a history of both."""

    tables: tuple[str, ...] = ("r_record", "r_record_history", "r_item", "r_item_history")
    schema: str = """
        CREATE TABLE r_record (id bigint PRIMARY KEY, participant int, visit int, form text, state text,
            version int, UNIQUE (participant, visit, form));
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
        rows = [_head(record) for record in records]
        items = [row for record in records for row in self._items(record)]
        kept = (NOW, 1, "")
        of_record = "id, participant, visit, form, state, version"
        of_item = "id, record, item, value, missing"
        return sum(
            (
                _copy(cursor, "r_record", of_record, rows),
                _copy(cursor, "r_record_history", f"{of_record}, {META}", [(*row, *kept) for row in rows]),
                _copy(cursor, "r_item", of_item, items),
                _copy(cursor, "r_item_history", f"{of_item}, {META}", [(*item, *kept) for item in items]),
            )
        )

    def _items(self, record: Record) -> list[tuple[int, int, str, str | None, str | None]]:
        return [
            (next(self.keys), record.key, item, record.values.get(item), record.missing.get(item))
            for item in ITEMS[record.form]
        ]

    def submit(self, cursor: Any, record: Record) -> None:
        row = _head(record)
        cursor.execute(f"INSERT INTO r_record VALUES {_places([row])}", row)
        self._keep_record(cursor, record.key)
        # All items in one statement: the kindest form for this way.
        items = self._items(record)
        cursor.execute(f"INSERT INTO r_item VALUES {_places(items)}", _flat(items))
        cursor.execute(
            f"INSERT INTO r_item_history (id, record, item, value, missing, {META}) "
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
            f"INSERT INTO r_item_history (id, record, item, value, missing, {META}) "
            "SELECT id, record, item, value, missing, now(), 1, 'transcription error' FROM changed",
            (value, record.key, item),
        )

    def _keep_record(self, cursor: Any, key: int) -> None:
        columns = "id, participant, visit, form, state, version"
        cursor.execute(
            f"INSERT INTO r_record_history ({columns}, {META}) "
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
        return int(cursor.fetchone()[0])


def _head(record: Record) -> tuple[Any, ...]:
    return (record.key, record.participant, record.visit, record.form, "submitted", 1)


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
