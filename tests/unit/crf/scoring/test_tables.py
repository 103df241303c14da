"""Unit tests, floor 1: answers read from CSV and scores written as CSV."""

import pytest

from crf.scoring.answers import NOT_APPLICABLE, Score
from crf.scoring.instruments import INSTRUMENTS
from crf.scoring.tables import Problem, UnfitTable, read, write, written

WEXNER, IPSS, LARS = (INSTRUMENTS[key] for key in ("wexner", "ipss", "lars"))
HEADING = "q1,q2,q3,q4,q5"


def problems(text: str) -> tuple[Problem, ...]:
    """What does not fit a table of Wexner's answers."""
    with pytest.raises(UnfitTable) as refused:
        read(text, WEXNER)
    return refused.value.problems


def test_a_row_is_one_persons_answers() -> None:
    assert read(f"{HEADING}\n0,1,2,3,4\n4,,2, 1 ,0\n", WEXNER) == [
        {1: 0, 2: 1, 3: 2, 4: 3, 5: 4},
        {1: 4, 2: None, 3: 2, 4: 1, 5: 0},
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADING}\n0,1,2,3,4\n",
        f"{HEADING}\r\n0,1,2,3,4\r\n",
        f"{HEADING}\n0,1,2,3,4",
        f"{HEADING}\n0,1,2,3,4\n\n",
        f"{HEADING}\r\n0,1,2,3,4\r\n\r\n \r\n",
        '\ufeff"q1","q2","q3","q4","q5"\n"0","1","2","3","4"\n',
        "q5,q4, q3 ,q2,q1\n4,3,2,1,0\n",
        f"{HEADING}\n\uff10\uff10,\uff0b\uff11,\uff12,\uff13,\uff14\n",
    ],
    ids=["mark", "CRLF", "no last end", "blank line", "blank lines", "quotes", "other order", "full width"],
)
def test_ways_to_write_a_table_are_read_alike(text: str) -> None:
    assert read(text, WEXNER) == [{1: 0, 2: 1, 3: 2, 4: 3, 5: 4}]


def test_a_row_without_any_answer_is_a_row() -> None:
    assert read(f"{HEADING}\n,,,,\n,,,,\n", WEXNER) == [dict.fromkeys(range(1, 6))] * 2
    assert read(HEADING, WEXNER) == []


def test_an_optional_column_may_be_absent() -> None:
    columns = [f"q{item}" for item in range(1, 8)]
    assert len(read(f"{','.join(columns)}\n0,0,0,0,0,0,0\n", IPSS)[0]) == 7
    assert read(f"{','.join(columns)},q8\n0,0,0,0,0,0,0,6\n", IPSS)[0][8] == 6


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("cell", ["5", "-1", "2.0", "2.5", "x", "NA", "1 2", "1e0", "1" * 16, "٣x"])
def test_an_impossible_answer_is_named_by_row_line_and_column(cell: str) -> None:
    assert problems(f"{HEADING}\n0,0,0,0,0\n0,0,0,{cell},0\n") == (
        Problem("answer", 2, 3, "q4", cell, ("0", "1", "2", "3", "4")),
    )


def test_every_impossible_answer_is_named() -> None:
    found = problems(f"{HEADING}\n9,0,0,0,8\n0,0,0,0,0\n0,7,0,0,0\n")
    assert [(problem.row, problem.line, problem.column) for problem in found] == [
        (1, 2, "q1"),
        (1, 2, "q5"),
        (3, 4, "q2"),
    ]


def test_a_row_after_a_cell_with_a_line_break_keeps_its_line() -> None:
    found = problems(f'{HEADING}\n"1\n",0,0,0,0\n9,0,0,0,0\n')
    assert [(problem.row, problem.line) for problem in found] == [(2, 4)]


@pytest.mark.parametrize("row", ["0,0,0,0", "0,0,0,0,0,0", ""])
def test_a_row_of_another_length_is_named(row: str) -> None:
    found = problems(f"{HEADING}\n{row}\n0,0,0,0,0\n")
    cells = str(len(row.split(","))) if row else "0"
    assert found == (Problem("cells", 1, 2, value=cells, allowed=("5",)),)


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    ("heading", "rule", "column"),
    [
        ("q1,q2,q3,q4", "missing_column", "q5"),
        ("q1,q2,q3,q4,q5,id", "unknown_column", "id"),
        ("q1,q2,q3,q4,q5,q6", "unknown_column", "q6"),
        ("q1,q2,q3,q4,q5,", "unknown_column", ""),
        ("q1,q2,q3,q4,q5,Q5", "unknown_column", "Q5"),
        ("q1,q2,q3,q4,q5,q5", "double_column", "q5"),
    ],
)
def test_a_column_that_does_not_fit_is_named(heading: str, rule: str, column: str) -> None:
    (problem,) = problems(f"{heading}\n9,9,9,9,9,9\n")
    assert (problem.rule, problem.column, problem.row) == (rule, column, 0)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n"])
def test_a_file_without_a_heading_is_named(text: str) -> None:
    assert [problem.rule for problem in problems(text)] == ["heading"]


def test_what_is_not_csv_is_named_by_line() -> None:
    (problem,) = problems(f'{HEADING}\n0,0,0,0,0\n0,0,"0"x,0,0\n')
    assert (problem.rule, problem.line) == ("csv", 3)


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (None, ""),
        (NOT_APPLICABLE, "not_applicable"),
        ("mild", "mild"),
        (0, "0"),
        (20, "20"),
        (100.0, "100"),
        (99.99999999999999, "100"),
        (200 / 3, "66.66666667"),
        (100 / 12, "8.333333333"),
    ],
)
def test_a_score_is_written_with_ten_digits_at_most(score: Score, text: str) -> None:
    assert written(score) == text


def test_a_line_is_written_for_each_row_also_where_nothing_is_known() -> None:
    assert (
        write([{"total": 1, "band": "none"}, {"total": None, "band": None}], LARS)
        == "total,band\n1,none\n,\n"
    )
    # A lone empty cell is quoted: readers of CSV pass over a line that is blank.
    assert write([{"total": None}, {"total": 3}], WEXNER) == 'total\n""\n3\n'
