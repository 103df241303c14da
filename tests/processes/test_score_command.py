"""`manage.py score` as a shell sees it: exit code, standard output, standard error, and no database."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.processes.shell import surroundings

FIVE = b"q1,q2,q3,q4,q5\n"


def score(var: Path, *words: str, typed: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output and standard error, with a database that nobody could open."""
    nowhere = f"sqlite:///{var}/no/such/folder/equipoise.sqlite3"
    done = subprocess.run(
        [sys.executable, "manage.py", "score", *words],
        cwd=ROOT,
        env=surroundings(EQUIPOISE_VAR=str(var), DATABASE_URL=nowhere),
        input=typed,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.shows("SCO-01")
def test_standard_input_is_scored_without_a_database(tmp_path: Path) -> None:
    typed = b"\xef\xbb\xbf" + FIVE + b"7,3,5,11,16\r\n,0,0,0,0\r\n\r\n"
    assert score(tmp_path, "lars", "-", typed=typed) == (0, "total,band\n42,major\n,\n", "")


@pytest.mark.shows("SCO-01")
def test_an_impossible_answer_ends_with_2_and_an_empty_standard_output(tmp_path: Path) -> None:
    code, out, err = score(tmp_path, "lars", "-", typed=FIVE + b"7,3,5,11,16\n7,3,5,11,15\n")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "CommandError: The standard input was not scored. Row 1 is the first below the heading; line 1 is the heading.",
        "  Row 2 (line 3), column q5: '15' is no answer to this item. Write one of 0, 11, 16, or leave the cell empty.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bristol", "-"), "There is no instrument 'bristol'."),
        (("lars", "no.csv"), "no.csv cannot be read: No such file or directory."),
        (("lars",), "the following arguments are required: file"),
    ],
)
def test_what_was_asked_wrongly_ends_with_2(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    code, out, err = score(tmp_path, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
