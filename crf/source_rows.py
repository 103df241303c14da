"""Rules: the rows of an import file, read as the types that imports.yaml gives to the columns."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.imports import Column, ColumnType, ImportPlan

_SHOWN = 20
_PATTERN = {
    ColumnType.INTEGER: re.compile(r"[-+]?[0-9]{1,15}"),
    ColumnType.DECIMAL: re.compile(r"[-+]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})"),
    ColumnType.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}
_EXAMPLE = {ColumnType.INTEGER: "12", ColumnType.DECIMAL: "12.5", ColumnType.DATE: "2024-01-31"}


@dataclass(frozen=True)
class MappingProblem:
    """One value that does not fit: `record` is the row key, `rule` the key of imports.yaml that it breaks."""

    file: str
    line: int
    record: str
    column: str
    rule: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        facts = (("record", self.record), ("column", self.column), ("rule", self.rule), ("value", self.value))
        told = ", ".join(f"{name} {fact}" for name, fact in facts if fact)
        return f"{self.file}:{self.line}: {self.message} ({told}). {self.remedy}."


class MappingError(ValueError):
    """Everything in a file that does not fit; nothing of the file was mapped."""

    def __init__(self, problems: Iterable[MappingProblem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.column, problem.rule))
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"… and {len(self.problems) - _SHOWN} more like these.")
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, the key of its participant, and the value of every column by name."""

    line: int
    key: int | Decimal | str | date
    values: Mapping[str, Value | Unknown]


def read_rows(text: str, *, file: str) -> list[dict[str, str]]:
    """The records of a CSV text with a header, in the order of its lines: record n stands on line n + 2.

    Raises MappingError when the header names a column twice, a record has another number of cells than the
    header, a cell holds a line break, or the text is not CSV.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[dict[str, str]] = []
    problems: list[MappingProblem] = []
    try:
        header = next(reader, [])
        problems += _header_problems(header, file)
        for number, cells in enumerate(reader, start=2):
            # Later records are placed by counting lines: one record on two lines would shift them all.
            if reader.line_num != number:
                problems.append(_file_problem(file, number, "a cell holds a line break", "Remove the break"))
                break
            if len(cells) != len(header):
                message = f"{len(cells)} cells where the header has {len(header)}"
                problems.append(_file_problem(file, number, message, "Write one record on each line"))
                continue
            rows.append(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        problems.append(
            _file_problem(file, reader.line_num, f"not CSV: {error}", "Save the file as CSV again")
        )
    if problems:
        raise MappingError(problems)
    return rows


def typed(plan: ImportPlan, rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """The rows with every cell as its column's type, UNKNOWN where an optional one is empty.

    Raises MappingError with every cell that does not fit.
    """
    found: list[Row] = []
    problems: list[MappingProblem] = []
    for line, cells in enumerate(rows, start=2):
        row, wrong = _row(plan, line, cells)
        problems += wrong
        if row:
            found.append(row)
    if problems:
        raise MappingError(problems)
    return found


def _row(plan: ImportPlan, line: int, cells: Mapping[str, str]) -> tuple[Row | None, list[MappingProblem]]:
    record = str(cells.get(plan.row_key, ""))
    problems = [
        MappingProblem(plan.source, line, record, str(name), "columns", "", message, remedy)
        for name, message, remedy in _other_columns(plan, cells)
    ]
    values: dict[str, Value | Unknown] = {}
    for name, column in plan.columns.items():
        cell = unicodedata.normalize("NFKC", cells.get(name) or "").strip()
        try:
            values[name] = _value(cell, column)
        except ValueError as error:
            if name in cells:
                place = f"columns.{name}"
                remedy = "Correct the cell, or the column in imports.yaml"
                problems.append(
                    MappingProblem(plan.source, line, record, name, place, cell, str(error), remedy)
                )
    key = values.get(plan.row_key, UNKNOWN)
    if problems or isinstance(key, Unknown | bool | tuple):
        return None, problems
    return Row(line, key, values), []


def _other_columns(plan: ImportPlan, cells: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in cells:
        if name not in plan.columns:
            yield (
                name,
                "the file has a column that the mapping does not know",
                "Add it to `columns:` of imports.yaml",
            )
    for name in plan.columns:
        if name not in cells:
            yield name, "the file lacks a column", "Add it to the file, or remove it from imports.yaml"


def _value(cell: str, column: Column) -> Value | Unknown:
    if not cell:
        if column.optional:
            return UNKNOWN
        raise ValueError("the cell is empty")
    value = _parsed(cell, column.type)
    if column.codes and str(value) not in column.codes:
        raise ValueError(f"the value is none of {', '.join(column.codes)}")
    if column.range and isinstance(value, int | Decimal):
        low, high = column.range
        if low is not None and value < low:
            raise ValueError(f"the value is below {low}")
        if high is not None and value > high:
            raise ValueError(f"the value is above {high}")
    return value


def _parsed(cell: str, kind: ColumnType) -> str | int | Decimal | date:
    if kind is ColumnType.TEXT:
        return cell
    if not _PATTERN[kind].fullmatch(cell):
        raise ValueError(f"the value is not of type {kind}, such as {_EXAMPLE[kind]}")
    if kind is ColumnType.INTEGER:
        return int(cell)
    return Decimal(cell) if kind is ColumnType.DECIMAL else date.fromisoformat(cell)


def _header_problems(header: list[str], file: str) -> Iterator[MappingProblem]:
    if not header:
        yield _file_problem(
            file, 1, "the file has no header", "Write the names of the columns on its first line"
        )
    for name in {name for name in header if header.count(name) > 1}:
        yield _file_problem(file, 1, f"the column `{name}` stands twice", "Keep one of the two")


def _file_problem(file: str, line: int, message: str, remedy: str) -> MappingProblem:
    return MappingProblem(file, line, "", "", "", "", message, remedy)
