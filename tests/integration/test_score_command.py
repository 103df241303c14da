"""`manage.py score` prints a line for each row, or nothing and what does not fit. It reads no database."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

QLQ = ",".join(f"q{item}" for item in range(1, 31))
VECTORS = (
    "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,7,7\n"
    "2,2,2,1,1,2,1,1,2,3,1,2,1,1,1,2,1,2,1,1,2,2,1,2,1,1,2,1,5,5\n"
    "3,,2,,1,2,,2,,3,,,1,,1,2,1,2,1,,2,,,2,1,,,,6,\n"
)
# The vectors A, C and D, which two independent implementations agree on, with ten digits.
SCORED = (
    "QL2,PF2,RF2,EF,CF,SF,FA,NV,PA,DY,SL,AP,CO,DI,FI,SUMMARY\n"
    "100,100,100,100,100,100,0,0,0,0,0,0,0,0,0,100\n"
    "66.66666667,80,83.33333333,75,100,83.33333333,44.44444444,0,16.66666667,0,0,0,33.33333333,0,0,86.70940171\n"
    "83.33333333,66.66666667,66.66666667,66.66666667,100,,50,0,0,33.33333333,,0,33.33333333,0,,\n"
)
FIVE = "q1,q2,q3,q4,q5\n"


def printed(folder: Path, instrument: str, text: str) -> str:
    """What the command prints for a file of this text."""
    file = folder / "items.csv"
    file.write_bytes(text.encode())
    out = io.StringIO()
    call_command("score", instrument, str(file), stdout=out)
    return out.getvalue()


def refused(folder: Path, instrument: str, text: str) -> list[str]:
    """The lines with which the command refuses a file of this text: exit 2, and nothing on standard output."""
    file = folder / "items.csv"
    file.write_bytes(text.encode())
    return told(instrument, str(file))


def told(instrument: str, file: str) -> list[str]:
    """The lines with which the command refuses."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("score", instrument, file, stdout=out)
    assert (error.value.returncode, out.getvalue()) == (2, "")
    return str(error.value).splitlines()


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_the_published_vectors_are_scored_row_for_row(tmp_path: Path, mark: str, end: str, last: str) -> None:
    text = f"{mark}{QLQ}\n{VECTORS}{last}".replace("\n", end)
    assert printed(tmp_path, "qlq_c30", text) == SCORED


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    ("instrument", "rows", "scores"),
    [
        ("wexner", FIVE + "0,1,2,3,4\n0,1,2,3,\n", 'total\n10\n""\n'),
        (
            "iief5",
            FIVE + "1,0,0,0,0\n4,4,4,4,4\n5,5,5,5,\n",
            "total,band_published,band_registry\n1,,1-4\n20,mild,16-20\n,,\n",
        ),
        (
            "ipss",
            "q1,q2,q3,q4,q5,q6,q7,q8\n1,2,3,4,5,0,1,6\n1,2,3,4,5,0,,6\n",
            "total,band,voiding,storage,qol\n16,moderate,9,7,6\n,,,,6\n",
        ),
        (
            "ipss",
            "q1,q2,q3,q4,q5,q6,q7\n1,2,3,4,5,0,1\n",
            "total,band,voiding,storage,qol\n16,moderate,9,7,\n",
        ),
        (
            "lars",
            FIVE + "7,3,5,11,16\n4,0,2,9,11\n0,0,0,0,0\n,0,0,0,0\n",
            "total,band\n42,major\n26,minor\n0,none\n,\n",
        ),
    ],
)
def test_the_other_instruments_are_scored_row_for_row(
    tmp_path: Path, instrument: str, rows: str, scores: str
) -> None:
    assert printed(tmp_path, instrument, rows) == scores


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("cell", ["5", "0", "2.5", "often"])
def test_an_impossible_answer_stops_all_and_is_named_by_row_and_column(tmp_path: Path, cell: str) -> None:
    rows = VECTORS.replace("3,,2,,1,2", f"3,,2,,{cell},2")
    assert refused(tmp_path, "qlq_c30", f"{QLQ}\n{rows}") == [
        f"{tmp_path / 'items.csv'} was not scored. Row 1 is the first below the heading; line 1 is the heading.",
        f"  Row 3 (line 4), column q5: '{cell}' is no answer to this item. Write one of 1, 2, 3, 4, or leave the cell "
        "empty.",
    ]


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    ("instrument", "row", "said"),
    [
        ("lars", "7,1,5,11,16", "column q2: '1' is no answer to this item. Write one of 0, 3,"),
        ("lars", "7,3,3,11,16", "column q3: '3' is no answer to this item. Write one of 0, 2, 4, 5,"),
        ("iief5", "0,0,0,0,0", "column q1: '0' is no answer to this item. Write one of 1, 2, 3, 4, 5,"),
        ("wexner", "0,0,0,0", "Row 1 (line 2) has 4 cells where the heading has 5."),
        ("wexner", '0,0,"0"x,0,0', "Line 2 is not CSV ("),
    ],
)
def test_a_row_that_does_not_fit_is_told_with_what_may_stand_there(
    tmp_path: Path, instrument: str, row: str, said: str
) -> None:
    (line,) = refused(tmp_path, instrument, f"{FIVE}{row}\n")[1:]
    assert said in line


@pytest.mark.shows("SCO-01")
def test_columns_that_do_not_fit_are_named_with_their_remedy(tmp_path: Path) -> None:
    assert refused(tmp_path, "wexner", "participant,q1,q2,q2,q3,q4\n01-0001,9,9,9,9,9\n")[1:] == [
        "  Column 'participant' is unknown. Take it out, above all when it identifies a person; the columns are "
        "q1 to q5, separated by commas.",
        "  Column q2 stands twice. Keep one of the two.",
        "  Column q5 is missing. Add it; its cells may be empty.",
    ]
    assert refused(tmp_path, "wexner", "")[1:] == [
        "  There is no heading. Name the columns on the first line, q1 to q5."
    ]


def test_many_problems_are_told_in_part(tmp_path: Path) -> None:
    lines = refused(tmp_path, "wexner", FIVE + "9,0,0,0,0\n" * 23)
    assert len(lines) == 22
    assert lines[-1] == "  … and 3 more."


def test_a_file_that_cannot_be_read_is_named_with_its_remedy(tmp_path: Path) -> None:
    for file in (tmp_path / "nothing.csv", tmp_path):
        (line,) = told("wexner", str(file))
        assert line.startswith(f"{file} cannot be read: ")
        assert line.endswith("Give the path of a CSV file, or - for the standard input.")
    (tmp_path / "wide.csv").write_bytes(FIVE.encode("utf-16"))
    (line,) = told("wexner", str(tmp_path / "wide.csv"))
    assert line == f"{tmp_path / 'wide.csv'} is no text in UTF-8. Save it as CSV in UTF-8."


def test_an_unknown_instrument_is_told_which_there_are(tmp_path: Path) -> None:
    assert told("qlq-c30", str(tmp_path / "items.csv")) == [
        "There is no instrument 'qlq-c30'. Use one of these: qlq_c30, wexner, iief5, ipss, lars."
    ]
