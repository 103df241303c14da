"""Specification, floor 1: scores of the published instruments, as a table to read."""

from typing import Any

import pytest

from crf.scoring import lars, wexner
from crf.scoring.answers import NOT_APPLICABLE, Answers, Score, Scores
from crf.scoring.instruments import INSTRUMENTS
from tests.spec.tables import table

MISSING = "·"
WITH_A_STOMA = {"wexner": wexner.scores, "lars": lars.scores}


def _answers(text: str) -> Answers:
    cells = enumerate(text.split(), start=1)
    return {item: None if cell == MISSING else int(cell) for item, cell in cells}


def _scores(row: dict[str, Any]) -> Scores:
    if row["stoma"] == "yes":
        return WITH_A_STOMA[row["instrument"]](_answers(row["answers"]), stoma=True)
    return INSTRUMENTS[row["instrument"]].scores(_answers(row["answers"]))


def _matches(score: Score, cell: str) -> bool:
    if cell == MISSING or isinstance(score, str) or score is None:
        return (MISSING if score is None else score) == cell
    return isinstance(score, int | float) and f"{score:.4f}" == f"{float(cell):.4f}"


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    "row", table("scoring").records, ids=lambda row: f"{row['instrument']} {row['answers']}"
)
def test_answers_are_scored_as_the_table_says(row: dict[str, Any]) -> None:
    found = _scores(row)
    assert tuple(found) == INSTRUMENTS[row["instrument"]].columns
    if row["scores"] == "not applicable":
        assert set(found.values()) == {NOT_APPLICABLE}
        return
    said = str(row["scores"]).split()
    assert len(said) == len(found)
    wrong = [
        (name, score, cell)
        for (name, score), cell in zip(found.items(), said, strict=True)
        if not _matches(score, cell)
    ]
    assert wrong == []


@pytest.mark.shows("SCO-01")
def test_every_instrument_stands_in_the_table() -> None:
    assert {row["instrument"] for row in table("scoring").records} == set(INSTRUMENTS)
