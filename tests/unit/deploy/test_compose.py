"""docker-compose.yml runs the processes of deploy/processes.py, same commands, same patience."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.environment import DECLARED
from deploy.processes import MIGRATE, PROCESSES
from deploy.services import SILENT

ROOT = Path(__file__).resolve().parents[3]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_compose_holds_our_processes_and_the_two_services_they_need() -> None:
    assert set(SERVICES) == {*PROCESSES, "migrate", "postgres", "redis"}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_runs_the_command_of_the_local_process(name: str) -> None:
    assert tuple(SERVICES[name]["command"]) == PROCESSES[name].command


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_gets_as_long_to_stop_as_the_local_process(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == f"{PROCESSES[name].seconds_to_stop}s"


def test_every_process_waits_for_the_migration_that_the_stack_runs_first() -> None:
    assert tuple(SERVICES["migrate"]["command"]) == MIGRATE
    for name in PROCESSES:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_container_is_told_what_production_needs_and_nothing_unknown(name: str) -> None:
    told = set(SERVICES[name]["environment"]) - {"GUNICORN_CMD_ARGS"}
    assert told <= set(DECLARED)
    assert {
        "SECRET_KEY",
        "SEAL_KEY",
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "ALLOWED_HOSTS",
        "PUBLIC_URL",
    } <= told
    assert {name for name in DECLARED if name.startswith("EMAIL_")} <= told
    # Training is named, never fallen into.
    assert SERVICES[name]["environment"]["EQUIPOISE_MODE"] == "${EQUIPOISE_MODE:-production}"


def test_compose_holds_no_secret_of_its_own() -> None:
    for name in PROCESSES:
        for variable in ("SECRET_KEY", "SEAL_KEY"):
            assert SERVICES[name]["environment"][variable].startswith("${" + variable + ":?")
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_postgres_of_the_containers_logs_as_little_as_that_of_the_tests() -> None:
    program, *options = SERVICES["postgres"]["command"]
    assert program == "postgres"
    assert options[::2] == ["-c"] * len(SILENT)
    assert options[1::2] == [f"{name}={value}" for name, value in SILENT.items()]
