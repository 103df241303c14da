"""What tests need beside Python packages is found or named with its remedy; under CI=true it is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bare_machine(tmp_path: Path, outside_environment: dict[str, str]) -> dict[str, str]:
    """The environment of a machine without apt, Redis or Chromium."""
    return outside_environment | {"PATH": str(tmp_path), "CI": ""}


def prerequisites(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.prerequisites"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_part_is_a_failure_under_ci(bare_machine: dict[str, str]) -> None:
    assert prerequisites(bare_machine | {"CI": "true"}).returncode != 0


def test_a_missing_part_is_named_with_what_to_install(bare_machine: dict[str, str]) -> None:
    answer = prerequisites(bare_machine)
    assert answer.returncode == 0
    lines = answer.stderr.splitlines()
    assert any("redis-server" in line and "apt-get install redis-server" in line for line in lines)
    assert any("Chromium" in line and "apt-get install chromium" in line for line in lines)
    assert "skipped" in lines[-1]


def test_a_complete_machine_is_silent(tmp_path: Path, bare_machine: dict[str, str]) -> None:
    for program in ("redis-server", "chromium"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    answer = prerequisites(bare_machine | {"CI": "true"})
    assert (answer.returncode, answer.stderr) == (0, "")


def test_apt_is_used_where_we_may_install_and_nowhere_else(
    tmp_path: Path, bare_machine: dict[str, str]
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text(
        f'#!/bin/sh\n[ "$1" = install ] || exit 0\ncd {tmp_path}\n'
        "for name in redis-server chromium; do echo '#!/bin/sh' > $name; /bin/chmod 755 $name; done\n"
    )
    apt.chmod(0o755)
    answer = prerequisites(bare_machine | {"CI": "true"})
    if os.geteuid() == 0:
        assert answer.returncode == 0
        assert answer.stderr == "Installing with apt-get: redis-server chromium fonts-liberation\n"
    else:
        assert answer.returncode != 0
        assert "Installing" not in answer.stderr
