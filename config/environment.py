"""Reading the environment: refusals that say which variable is missing and what to do."""

import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MODES = ("demo", "production", "test")
DECLARED = (
    "ALLOWED_HOSTS",
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "EQUIPOISE_MODE",
    "EQUIPOISE_VAR",
    "SEAL_KEY",
    "SECRET_KEY",
)


class MissingSetting(SystemExit):
    """The process cannot start; the text names the variable and the remedy."""


def mode() -> str:
    """Which kind of installation this is: demo (default), production or test."""
    value = os.environ.get("EQUIPOISE_MODE", "demo")
    if value not in MODES:
        raise MissingSetting(f"EQUIPOISE_MODE is {value!r}. Set it to one of: {', '.join(MODES)}.")
    return value


def key(name: str, *, mode: str, folder: Path) -> str:
    """A secret from the environment; a demo makes its own once, readable by its owner only."""
    value = os.environ.get(name, "")
    if value:
        return value
    if mode == "production":
        raise MissingSetting(f"{name} is not set. Production needs it: export {name}=… and start again.")
    return _kept(folder / f"{name.lower()}.key")


def _kept(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return path.read_text().strip()
    except OSError as error:
        raise MissingSetting(
            f"No permission to keep keys in {path.parent}: {error.strerror}. "
            "Make the folder writable or set EQUIPOISE_VAR to one that is."
        ) from error


def _make(path: Path) -> None:
    """Write a new key that nobody else can read; of two processes the first one's stands."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(urlsafe_b64encode(secrets.token_bytes(32)).decode())
    with suppress(FileExistsError):
        os.link(name, path)
    os.unlink(name)


def hosts(*, mode: str) -> list[str]:
    """Names under which this installation answers; production must say them, others answer to this machine only."""
    value = os.environ.get("ALLOWED_HOSTS", "")
    if not value and mode == "production":
        raise MissingSetting(
            "ALLOWED_HOSTS is not set. Production needs the names it is reached by, joined by commas."
        )
    return value.split(",") if value else ["127.0.0.1", "localhost", "[::1]"]


def database(*, mode: str, folder: Path) -> dict[str, Any]:
    """Django's database settings from DATABASE_URL.

    Raises MissingSetting when production lacks one, or names SQLite, or the scheme is unknown.
    """
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        if mode == "production":
            raise MissingSetting(
                "DATABASE_URL is not set. Production needs postgres://user:password@host/name."
            )
        return sqlite(folder / "equipoise.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if mode == "production":
            raise MissingSetting("DATABASE_URL names SQLite. Production needs PostgreSQL (postgres://…).")
        return sqlite(Path(unquote(url.removeprefix("sqlite:///"))))
    if parts.scheme not in ("postgres", "postgresql"):
        raise MissingSetting(f"DATABASE_URL begins with {parts.scheme!r}. Use postgres:// or sqlite:///.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(query.pop("port", parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite with WAL and IMMEDIATE transactions, so that twenty writers wait instead of failing."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
