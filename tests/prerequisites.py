"""Tests: what they need besides Python packages is found, installed by apt, or named in one line.

Run by `make test` before pytest. With CI=true a missing part is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy import binaries

INSTALL = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends")


@dataclass(frozen=True)
class Part:
    """A program the tests need: how it is found (or raises Missing), and Debian's packages for it."""

    find: Callable[[], object]
    packages: tuple[str, ...]


PARTS = (
    Part(binaries.postgres, ("postgresql",)),
    Part(binaries.redis, ("redis-server",)),
    # Without a font every page is a row of boxes.
    Part(binaries.chromium, ("chromium", "fonts-liberation")),
)


def missing(parts: Sequence[Part]) -> list[tuple[Part, str]]:
    """The parts that are not here, each with the line that says what to install."""
    found: list[tuple[Part, str]] = []
    for part in parts:
        try:
            part.find()
        except binaries.Missing as problem:
            found.append((part, str(problem)))
    return found


def may_install() -> bool:
    """Whether this is a Debian-like machine that we may install on."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_get(packages: Sequence[str]) -> None:
    """Install Debian packages; what apt-get says goes to standard error, and so does its failure."""
    print(f"Installing with apt-get: {' '.join(packages)}", file=sys.stderr, flush=True)
    surroundings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update", "--quiet"), (*INSTALL, *packages)):
        subprocess.run(command, env=surroundings, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False)


def main() -> int:
    """Bring what can be brought; the exit code is 1 when a part is missing under CI=true."""
    absent = missing(PARTS)
    if absent and may_install():
        apt_get([package for part, _ in absent for package in part.packages])
        absent = missing(PARTS)
    for _, line in absent:
        print(f"Missing: {line}", file=sys.stderr)
    if not absent:
        return os.EX_OK
    if os.environ.get("CI") == "true":
        return os.EX_UNAVAILABLE
    print("Tests that need them will be reported as skipped; with CI=true they fail.", file=sys.stderr)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
