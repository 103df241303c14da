"""Specification, floor 0: what expressions answer, for the facts about one imaginary participant."""

from datetime import date
from decimal import Decimal

import pytest

from config.documents.spec import Cell
from tests.spec.tables import table
from trial.protocol.expressions import UNKNOWN, Kind, Unknown, Value, parse
from trial.protocol.partial_dates import written_in_full

# No fact and no answer of the tables is this text, nor is an answer another text than a date.
MISSING = "unknown"
HELD_BY: dict[Kind, type] = {
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.BOOLEAN: bool,
    Kind.DATE: date,
}


def _fact(kind: Kind, cell: Cell) -> Value | Unknown:
    assert cell is not None
    if cell == MISSING:
        return UNKNOWN
    if kind is Kind.CHOICES:
        return tuple(str(cell).split(";")) if cell else ()
    return date.fromisoformat(str(cell)) if kind is Kind.DATE else cell


def _answer(cell: Cell) -> Value | Unknown:
    assert cell is not None
    return UNKNOWN if cell == MISSING else (isinstance(cell, str) and written_in_full(cell)) or cell


KINDS = {str(address): Kind(str(kind)) for address, kind, _ in table("expression_facts").rows}
VALUES = {
    str(address): _fact(KINDS[str(address)], value) for address, _, value in table("expression_facts").rows
}


@pytest.mark.parametrize(
    ("text", "answer"), [(str(text), _answer(answer)) for _, text, answer in table("expressions").rows]
)
def test_expression_answers_as_the_table_says(text: str, answer: Value | Unknown) -> None:
    expression = parse(text)
    found = expression.evaluate(VALUES)
    assert (type(found), found) == (type(answer), answer)
    kind = expression.kind(KINDS)
    assert answer is UNKNOWN or isinstance(answer, HELD_BY[kind])
