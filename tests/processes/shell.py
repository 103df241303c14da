"""Tests: the product's commands as a person types them, in a folder of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import ROOT


@dataclass(frozen=True)
class Answer:
    """How a command ended and everything it said."""

    code: int
    text: str


def manage(var: Path, *arguments: str, **environment: str) -> Answer:
    """Run manage.py as the demonstration's owner would, with its data in `var`."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, "EQUIPOISE_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout + done.stderr)
