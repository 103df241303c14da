"""The roof's printed documents: the tables that the specification tests go through, row by row."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from config.documents.markdown import page
from config.documents.markdown import table as drawn
from trial.protocol import documents
from trial.protocol.problems import Problem, ProtocolError

Cell: TypeAlias = str | int | Decimal | bool | None

_KEYS = {"title", "about", "columns", "rows"}


@dataclass(frozen=True)
class Table:
    """One table of the specification; `name` is that of its file. Texts and numbers are as a protocol reads them."""

    name: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def records(self) -> list[dict[str, Cell]]:
        """The rows, each by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def read(path: Path) -> Table:
    """The table in a file of tests/spec/tables. Raises ProtocolError, naming the file, when it is none."""
    document, problems = documents.read(path.name, path.read_text(encoding="utf-8"))
    if document is None or problems:
        raise ProtocolError(problems)
    tree: Any = document.tree
    if not isinstance(tree, dict) or set(tree) != _KEYS:
        raise _unfit(path, 1, "a table needs title, about, columns and rows", "Write these keys and no other")
    for number, row in enumerate(tree["rows"]):
        if len(row) != len(tree["columns"]) or any(isinstance(cell, list | dict) for cell in row):
            line = document.line(["rows", number])
            raise _unfit(path, line, "the row does not fit the columns", "Write one plain value for each")
    rows = tuple(tuple(row) for row in tree["rows"])
    return Table(path.stem, tree["title"], tree["about"], tuple(tree["columns"]), rows)


def document(tables: Iterable[Table]) -> str:
    """The tables in the order given."""
    return page(
        "Specification",
        "What the rules answer, in examples. The tests read these rows from `tests/spec/tables/` and put each of "
        "them to the code and to the protocols of this repository. An empty cell is a value that is missing.",
        *(part for each in tables for part in _parts(each)),
    )


def _parts(table: Table) -> tuple[str, str, str]:
    rows = [[_printed(cell) for cell in row] for row in table.rows]
    return f"## {table.title}", table.about, drawn(table.columns, rows)


def _printed(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else str(cell)


def _unfit(path: Path, line: int, message: str, remedy: str) -> ProtocolError:
    return ProtocolError([Problem(path.name, line, "", message, remedy)])
