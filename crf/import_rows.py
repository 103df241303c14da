"""Rules room of floor 1: rows of a CSV file for one form.

Columns: `participant`, `visit`, optionally `visit_repeat` and `repeat`, then items by id; `<item>__missing` holds
the typed reason of an item without a value. A multiple choice separates its codes by `;`.
"""

import csv
import io
from dataclasses import dataclass, field

PLACE = ("participant", "visit", "visit_repeat", "repeat")
MISSING = "__missing"
LARGEST = 20_000_000
# Of one visit, and of one form of a visit; databases refuse numbers that are much larger.
MOST_REPEATS = 9999


@dataclass(frozen=True)
class ImportRow:
    """One record to be: where it belongs, and what was typed. `line` counts from 1, the heading."""

    line: int
    participant: str
    visit: str
    form: str
    values: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    visit_repeat: int = 1
    repeat: int = 1


@dataclass(frozen=True)
class RowProblem:
    """Why a row does not fit, naming record, visit, form, item, rule and value."""

    line: int
    participant: str
    visit: str
    form: str
    item: str
    rule: str
    value: str
    message: str


class UnreadableFile(ValueError):
    """The file is not CSV of the expected columns; the text says what to change."""


def read_csv(text: str, *, form: str) -> list[ImportRow]:
    """The rows of a CSV text. Raises UnreadableFile for missing columns, ragged rows or bad repeat numbers."""
    if len(text) > LARGEST:
        raise UnreadableFile("The file is larger than 20 MB. Split it.")
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_heading(list(reader.fieldnames or ()))
        return [_row(line, cells, form) for line, cells in enumerate(reader, start=2)]
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num} is not CSV: {error}.") from error


def _check_heading(names: list[str]) -> None:
    for column in ("participant", "visit"):
        if column not in names:
            raise UnreadableFile(f"The column {column} is missing from the heading. Add it.")
    if len(set(names)) != len(names):
        raise UnreadableFile("A column stands twice in the heading. Keep one of each.")


def _row(line: int, cells: dict[str, str], form: str) -> ImportRow:
    # DictReader files surplus cells under None and absent ones as None.
    if None in cells or None in cells.values():
        raise UnreadableFile(f"Line {line} has not as many cells as the heading.")
    items = {name: cell.strip() for name, cell in cells.items() if name not in PLACE}
    return ImportRow(
        line=line,
        participant=cells["participant"].strip(),
        visit=cells["visit"].strip(),
        form=form,
        values={name: cell for name, cell in items.items() if cell and not name.endswith(MISSING)},
        missing={
            name.removesuffix(MISSING): cell
            for name, cell in items.items()
            if cell and name.endswith(MISSING)
        },
        visit_repeat=_count(line, "visit_repeat", cells),
        repeat=_count(line, "repeat", cells),
    )


def _count(line: int, column: str, cells: dict[str, str]) -> int:
    text = (cells.get(column) or "1").strip()
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MOST_REPEATS:
        raise UnreadableFile(f"Line {line}: {column} is {text!r}. Use a whole number from 1.")
    return int(text)
