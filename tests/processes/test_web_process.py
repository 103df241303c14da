"""The web process answers every page without ever loading what only workers need."""

import json
from pathlib import Path

from tests.processes.shell import checked, surroundings

SETUP = "import django; django.setup(); "
ANSWER = "from tests.processes import answering; answering.main()"


def python(var: Path, program: str) -> str:
    """Run a program beside the product, on the database in `var`; what it printed."""
    environment = surroundings(EQUIPOISE_VAR=str(var), DJANGO_SETTINGS_MODULE="config.settings")
    return checked(environment, "-c", SETUP + program)


def test_no_page_loads_the_libraries_of_the_workers(a_world: Path) -> None:
    said = json.loads(python(a_world, ANSWER).splitlines()[-1])
    failed = {page: status for page, status in said["answers"].items() if status >= 400}
    assert failed == {}
    assert len(said["answers"]) > 40
    assert said["answers"]["snapshots frozen"] == 2
    assert said["loaded"] == []


def test_the_check_sees_what_an_analysis_loads(a_world: Path) -> None:
    program = "import sys, outcomes.actions.runs; print('lifelines' in sys.modules)"
    assert python(a_world, program).strip() == "True"
