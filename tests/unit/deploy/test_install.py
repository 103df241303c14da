"""make refuses what cannot work in one line, and installs once for each content of the locks."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy import install

ROOT = Path(__file__).resolve().parents[3]
OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n'
READ_ONLY = Path("/proc")


def make(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("word", ["demo", "test", "check", "stack", "drill"])
def test_an_old_python_is_refused_in_one_line(
    word: str, tmp_path: Path, outside_environment: dict[str, str]
) -> None:
    old = tmp_path / "python"
    old.write_text(OLD_PYTHON)
    old.chmod(0o755)
    answer = make(word, f"PYTHON={old}", environment=outside_environment)
    assert answer.returncode
    line = answer.stderr.splitlines()[0]
    assert "needs Python 3.11 or newer" in line
    assert "Python 3.9.2" in line
    assert f"make {word} PYTHON=" in line
    assert answer.stdout == ""


def test_an_absent_python_is_refused_in_one_line(outside_environment: dict[str, str]) -> None:
    answer = make("demo", "PYTHON=no-such-python", environment=outside_environment)
    assert "'no-such-python' is not found" in answer.stderr.splitlines()[0]


@pytest.mark.skipif(not READ_ONLY.is_dir(), reason="only Linux has a folder that even root cannot write")
def test_a_folder_that_cannot_be_written_is_refused_with_the_remedy() -> None:
    with pytest.raises(install.NotInstalled, match=r"cannot be written .* make this one writable"):
        install.install(READ_ONLY, ["requirements.txt"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty lock, installed over an environment whose Python is gone."""
    root = tmp_path_factory.mktemp("project")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(root / "gone")
    (root / "lock.txt").write_text("# nothing to install\n")
    install.install(root, ["lock.txt"])
    return root


def test_an_environment_whose_python_is_gone_is_made_anew(project: Path) -> None:
    assert subprocess.run([project / ".venv" / "bin" / "python", "-c", ""], check=False).returncode == 0


def test_only_a_changed_lock_is_installed_again(project: Path) -> None:
    stamp = project / ".venv" / "installed-lock.txt"
    os.utime(stamp, (0, 0))
    install.install(project, ["lock.txt"])
    assert stamp.stat().st_mtime == 0
    (project / "lock.txt").write_text("# nothing to install, said differently\n")
    install.install(project, ["lock.txt"])
    assert stamp.stat().st_mtime > 0


def test_an_installation_that_stops_is_not_taken_for_done(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "broken.txt").write_text("./absent-1.0-py3-none-any.whl\n")
    with pytest.raises(install.NotInstalled, match="pip stopped"):
        install.install(project, ["broken.txt"])
    assert not (project / ".venv" / "installed-broken.txt").exists()
    assert "absent-1.0" in capfd.readouterr().err
