"""Rules room of floor 1: answers read from CSV, a person a row, and scores written as CSV, row for row."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crf.scoring.answers import Answers, NotApplicable, Score, Scores
from crf.scoring.instruments import Instrument

_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")


@dataclass(frozen=True)
class Problem:
    """One thing that does not fit.

    `rule`: heading, unknown_column, missing_column, double_column, csv, cells, answer. `row` counts from 1, the first
    below the heading, and `line` from 1, the heading; both are 0 where the heading itself is meant. `allowed` holds
    what might stand there instead.
    """

    rule: str
    row: int = 0
    line: int = 0
    column: str = ""
    value: str = ""
    allowed: tuple[str, ...] = ()


class UnfitTable(ValueError):
    """Everything in a table that does not fit; nothing of it was scored."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


def read(text: str, instrument: Instrument) -> list[Answers]:
    """The answers of each row, by item number; a byte order mark and blank lines at the end are read over.

    Raises UnfitTable with everything that does not fit: the columns, else the rows in the order of the file.
    """
    heading, records = _records(text.removeprefix("\ufeff"))
    _refuse(_heading_problems(heading, instrument))
    _refuse(problem for record in records for problem in _row_problems(record, heading, instrument))
    items = [instrument.items[column] for column in heading]
    return [dict(zip(items, map(_answer, record.cells), strict=True)) for record in records]


def write(rows: Iterable[Scores], instrument: Instrument) -> str:
    """A heading and a line for each row, in the order of the instrument's columns; a missing score is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(instrument.columns)
    writer.writerows([written(row[column]) for column in instrument.columns] for row in rows)
    return out.getvalue()


def written(score: Score) -> str:
    """A score as text: numbers with ten significant digits at most and no idle zeros."""
    if score is None:
        return ""
    if isinstance(score, NotApplicable):
        return str(score.value)
    return score if isinstance(score, str) else format(score, ".10g")


@dataclass(frozen=True)
class _Record:
    """One row below the heading, and the line that it begins on."""

    row: int
    line: int
    cells: list[str]


def _records(text: str) -> tuple[list[str], list[_Record]]:
    """The names of the heading, and the rows. Raises UnfitTable for what is not CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[_Record] = []
    line = 1
    try:
        for row, cells in enumerate(reader):
            found.append(_Record(row, line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnfitTable([Problem("csv", line=reader.line_num, value=str(error))]) from error
    while found and _blank(found[-1].cells):
        found.pop()
    return [name.strip() for name in found[0].cells] if found else [], found[1:]


def _blank(cells: list[str]) -> bool:
    """Whether a line holds nothing; one of empty cells between commas is a row with every answer missing."""
    return len(cells) < 2 and not "".join(cells).strip()


def _refuse(problems: Iterable[Problem]) -> None:
    """Raises UnfitTable when there is a problem."""
    found = list(problems)
    if found:
        raise UnfitTable(found)


def _heading_problems(heading: list[str], instrument: Instrument) -> Iterator[Problem]:
    known = tuple(instrument.items)
    if not heading:
        yield Problem("heading", allowed=known)
        return
    for name in dict.fromkeys(heading):
        if name not in known:
            yield Problem("unknown_column", column=name, allowed=known)
        elif heading.count(name) > 1:
            yield Problem("double_column", column=name)
    for name, item in instrument.items.items():
        if name not in heading and item not in instrument.optional:
            yield Problem("missing_column", column=name)


def _row_problems(record: _Record, heading: list[str], instrument: Instrument) -> Iterator[Problem]:
    row, line, cells = record.row, record.line, record.cells
    if len(cells) != len(heading):
        yield Problem("cells", row, line, value=str(len(cells)), allowed=(str(len(heading)),))
        return
    for column, cell in zip(heading, cells, strict=True):
        points = instrument.points[instrument.items[column]]
        if _typed(cell) and _answer(cell) not in points:
            yield Problem("answer", row, line, column, cell, tuple(map(str, points)))


def _typed(cell: str) -> str:
    # Chinese input methods give digits of full width.
    return unicodedata.normalize("NFKC", cell).strip()


def _answer(cell: str) -> int | None:
    """The whole number in a cell, None where there is none."""
    return int(_typed(cell)) if _WHOLE.fullmatch(_typed(cell)) else None
