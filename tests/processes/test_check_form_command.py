"""Processes: trying a rule as it is typed: what goes to which stream, how it ends, and that no database is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.processes.shell import surroundings

UNREACHABLE = "postgres://nobody:nothing@127.0.0.1:1/nowhere"


def check_form(var: Path, *words: str, typed: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "check_form", *words],
        cwd=ROOT,
        env=surroundings(EQUIPOISE_VAR=str(var), DATABASE_URL=UNREACHABLE),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.shows("TRY-01")
def test_only_json_stands_on_standard_output(tmp_path: Path) -> None:
    typed = (
        '{"local_excision.pt": "pT1", "local_excision.size_mm": 30, "participant.consented_on": "2024-01-31"}'
    )
    done = check_form(tmp_path, "t1-salvage", "local_excision", "--values", "-", typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert list(answer) == ["findings", "computed", "risk_class", "eligible", "reasons"]
    assert (answer["risk_class"], answer["eligible"]) == ("intermediate", None)


@pytest.mark.shows("TRY-01")
@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (
            ("t1-salvage", "screening", "--values", "-"),
            '{"screening.ecg": 1}',
            "Did you mean screening.ecog?",
        ),
        (
            ("t1-salvage", "screening", "--values", "-"),
            '{"screening.ecog": 9}',
            "screening.ecog: “9” is not one",
        ),
        (("t1-salvage", "screening", "--values", "-"), "ecog=1", "Standard input: this is not JSON"),
        (("t1", "screening", "--values", "-"), "{}", "There is no trial t1."),
        (("t1-salvage", "ecog", "--values", "-"), "{}", "The trial t1-salvage has no form ecog."),
        (("t1-salvage", "screening"), "", "--values"),
    ],
)
def test_what_cannot_be_understood_ends_with_two_and_prints_nothing(
    tmp_path: Path, words: tuple[str, ...], typed: str, told: str
) -> None:
    done = check_form(tmp_path, *words, typed=typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
