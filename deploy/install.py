"""Deployment: makes .venv and installs locked packages into it, with the standard library alone.

Called by make with the lock files to install; does nothing when they are installed already.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES_BETWEEN_SIGNS = 15


class NotInstalled(RuntimeError):
    """The installation stopped; the text says why and what to do. The next run goes on where it stopped."""


def install(root: Path, locks: Sequence[str]) -> None:
    """Bring `root`/.venv to what the lock files say.

    Raises NotInstalled.
    """
    require_writable(root)
    folder = root / ".venv"
    stamp = folder / f"installed-{locks[-1]}"
    wanted = "".join((root / lock).read_text() for lock in locks)
    usable = _runs(folder)
    if usable and stamp.is_file() and stamp.read_text() == wanted:
        return
    if not usable:
        _make(folder)
    stamp.unlink(missing_ok=True)
    _install(folder, [root / lock for lock in locks])
    stamp.write_text(wanted)


def require_writable(root: Path) -> None:
    """Return when files can be made in `root`.

    Raises NotInstalled.
    """
    try:
        tempfile.TemporaryFile(dir=root).close()
    except OSError as error:
        raise NotInstalled(
            f"The folder {root} cannot be written ({error.strerror}): make keeps .venv/ and var/ in it. "
            "Copy the project to a folder of yours, or make this one writable."
        ) from error


def _runs(folder: Path) -> bool:
    """Whether the environment's Python still runs and is new enough: its base may have gone."""
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        asked = subprocess.run([folder / "bin" / "python", "-c", probe], capture_output=True, check=False)
        return asked.returncode == 0
    except OSError:
        return False


def _make(folder: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise NotInstalled(
            "This Python has no venv. Install it: apt-get install python3-venv (Debian, Ubuntu), "
            "or name another Python: make PYTHON=…"
        )
    _say(f"Making .venv with Python {sys.version.split()[0]}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise NotInstalled(f"The environment could not be made: {made.stdout.strip()} {made.stderr.strip()}")


def _install(folder: Path, locks: Sequence[Path]) -> None:
    _say(f"Installing {' and '.join(lock.name for lock in locks)} (a minute or two the first time)")
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--no-input"]
    for lock in locks:
        command += ["-r", str(lock)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if len(said) % LINES_BETWEEN_SIGNS == 0:
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if pip.returncode:
        sys.stderr.writelines(said[-LINES_BETWEEN_SIGNS:])
        raise NotInstalled("pip stopped, see its last lines. Check the network, then run the same again.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(locks: Sequence[str]) -> int:
    """Install and answer with an exit code; problems go to standard error in one line."""
    try:
        install(ROOT, locks)
    except NotInstalled as problem:
        _say(str(problem))
        return os.EX_CANTCREAT
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
