"""The web process answers every page without ever loading what only workers need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.processes.shell import manage

SETUP = "import django; django.setup(); "
BUILD = SETUP + "from tests import world; world.build()"
ANSWER = SETUP + "from tests.processes import answering; answering.main()"


def python(var: Path, *arguments: str) -> str:
    """Run Python beside the product, on the database in `var`, with a clean environment."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "EQUIPOISE_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that holds the world."""
    folder = tmp_path_factory.mktemp("light")
    answer = manage(folder, "migrate", "--verbosity", "0")
    assert answer.code == 0, answer.text
    python(folder, "-c", BUILD)
    return folder


def test_no_page_loads_the_libraries_of_the_workers(var: Path) -> None:
    said = json.loads(python(var, "-c", ANSWER).splitlines()[-1])
    failed = {page: status for page, status in said["answers"].items() if status >= 400}
    assert failed == {}
    assert len(said["answers"]) > 40
    assert said["answers"]["snapshots frozen"] == 2
    assert said["loaded"] == []


def test_the_check_sees_what_an_analysis_loads(var: Path) -> None:
    program = "import sys, outcomes.actions.runs; print('lifelines' in sys.modules)"
    assert python(var, "-c", SETUP + program).strip() == "True"
