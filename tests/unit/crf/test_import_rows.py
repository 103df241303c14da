"""Unit tests, floor 1: rows of a CSV file for one form."""

import pytest

from crf import import_rows
from crf.import_rows import ImportRow, UnreadableFile, read_csv

HEADING = "participant,visit,visit_repeat,repeat,age,age__missing,note\n"


def test_a_row_becomes_a_record_to_be() -> None:
    text = HEADING + " 01-1 ,baseline,2,3, 50 ,,\n01-2,baseline,,,,unknown,as told\n"
    assert read_csv(text, form="baseline") == [
        ImportRow(2, "01-1", "baseline", "baseline", {"age": "50"}, {}, visit_repeat=2, repeat=3),
        ImportRow(3, "01-2", "baseline", "baseline", {"note": "as told"}, {"age": "unknown"}),
    ]


def test_the_mark_of_spreadsheets_is_read_over() -> None:
    assert read_csv("\ufeffparticipant,visit\n01-1,baseline\n", form="f")[0].participant == "01-1"


def test_repeats_may_be_left_out() -> None:
    row = read_csv("participant,visit\n01-1,baseline\n", form="f")[0]
    assert (row.visit_repeat, row.repeat) == (1, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The column participant is missing"),
        ("participant,age\n", "The column visit is missing"),
        ("participant,visit,age,age\n", "stands twice"),
        (HEADING + "01-1,baseline\n", "Line 2 has not as many cells"),
        (HEADING + "01-1,baseline,1,1,50,,,extra\n", "Line 2 has not as many cells"),
        (HEADING + "01-1,baseline,0,1,50,,\n", "Line 2: visit_repeat is '0'"),
        (HEADING + "01-1,baseline,1,x,50,,\n", "Line 2: repeat is 'x'"),
        (HEADING + "01-1,baseline,1,²,50,,\n", "Line 2: repeat is '²'"),
        (HEADING + "01-1,baseline,10000,1,50,,\n", "visit_repeat is '10000'"),
        (HEADING + '01-1,baseline,1,1,"50,,\n', "is not CSV"),
        ('"participant,visit\n', "is not CSV"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_csv(text, form="baseline")


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "LARGEST", 10)
    with pytest.raises(UnreadableFile, match="larger than 20 MB"):
        read_csv("participant,visit\n", form="baseline")
