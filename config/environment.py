"""Reading the environment: refusals that say which variable is missing and what to do."""

import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# What a database serves under each mode, in the words of trial.models.Purpose; tests use any.
PURPOSES = {"demo": "demonstration", "training": "training", "production": "production", "test": ""}
# Exercises are as well guarded as the trial itself.
STRICT = ("training", "production")
DECLARED = (
    "ALLOWED_HOSTS",
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "EMAIL_FROM",
    "EMAIL_HOST",
    "EMAIL_PASSWORD",
    "EMAIL_PORT",
    "EMAIL_SECURITY",
    "EMAIL_USER",
    "EQUIPOISE_MODE",
    "EQUIPOISE_VAR",
    "PUBLIC_URL",
    "SEAL_KEY",
    "SECRET_KEY",
)
HERE = "http://127.0.0.1:8000"
# How mail leaves, and the port where servers expect it.
MAIL_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class MissingSetting(SystemExit):
    """The process cannot start; the text names the variable and the remedy."""


@dataclass(frozen=True)
class Mail:
    """How mail leaves; `host` "" where no server is set up."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool
    sender: str


def mode() -> str:
    """Which kind of installation this is: demo (default), training, production or test."""
    value = os.environ.get("EQUIPOISE_MODE", "demo")
    if value not in PURPOSES:
        raise MissingSetting(f"EQUIPOISE_MODE is {value!r}. Set it to one of: {', '.join(PURPOSES)}.")
    return value


def key(name: str, *, mode: str, folder: Path) -> str:
    """A secret from the environment; a demo makes its own once, readable by its owner only."""
    value = os.environ.get(name, "")
    if value:
        return value
    if mode in STRICT:
        raise MissingSetting(
            f"{name} is not set. {mode.capitalize()} needs it: export {name}=… and start again."
        )
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
    """Names under which this installation answers; a strict mode must say them, others answer to this machine only."""
    value = os.environ.get("ALLOWED_HOSTS", "")
    if not value and mode in STRICT:
        raise MissingSetting(
            f"ALLOWED_HOSTS is not set. {mode.capitalize()} needs the names it is reached by, joined by commas."
        )
    return value.split(",") if value else ["127.0.0.1", "localhost", "[::1]"]


def public_url(*, mode: str) -> str:
    """Where people reach the pages, without a slash at the end: what links in mail begin with.

    Raises MissingSetting where a strict mode lacks it, or would send one-time links through the net unencrypted.
    """
    given = os.environ.get("PUBLIC_URL", "")
    if mode in STRICT and not given.startswith("https://"):
        wrong = f"is {given!r}" if given else "is not set"
        raise MissingSetting(
            f"PUBLIC_URL {wrong}. {mode.capitalize()} needs the address of the pages, such as https://trial.example.org."
        )
    value = (given or HERE).rstrip("/")
    if not value.startswith(("http://", "https://")):
        raise MissingSetting(f"PUBLIC_URL is {value!r}. Write it whole, such as https://trial.example.org.")
    return value


def broker(*, mode: str) -> str:
    """The URL of the broker, "" for none. Raises MissingSetting where a strict mode lacks it."""
    value = os.environ.get("CELERY_BROKER_URL", "")
    if not value and mode in STRICT:
        raise MissingSetting(f"CELERY_BROKER_URL is not set. {mode.capitalize()} needs redis://host:6379/0.")
    return value


def mail() -> Mail:
    """The mail server from EMAIL_HOST and its companions. Raises MissingSetting for what cannot work."""
    host, security = os.environ.get("EMAIL_HOST", ""), os.environ.get("EMAIL_SECURITY") or "starttls"
    if security not in MAIL_PORTS:
        raise MissingSetting(f"EMAIL_SECURITY is {security!r}. Set it to one of: {', '.join(MAIL_PORTS)}.")
    port = os.environ.get("EMAIL_PORT") or str(MAIL_PORTS[security])
    if not port.isdecimal():
        raise MissingSetting(f"EMAIL_PORT is {port!r}. Set it to a number, such as {MAIL_PORTS[security]}.")
    sender = os.environ.get("EMAIL_FROM", "")
    if host and not sender:
        raise MissingSetting("EMAIL_FROM is not set. With EMAIL_HOST it is needed: the sender's address.")
    return Mail(
        host=host,
        port=int(port),
        user=os.environ.get("EMAIL_USER", ""),
        password=os.environ.get("EMAIL_PASSWORD", ""),
        starttls=security == "starttls",
        tls=security == "tls",
        sender=sender,
    )


def database(*, mode: str, folder: Path) -> dict[str, Any]:
    """Django's database settings from DATABASE_URL.

    Raises MissingSetting when a strict mode lacks one, or names SQLite, or the scheme is unknown.
    """
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        if mode in STRICT:
            raise MissingSetting(
                f"DATABASE_URL is not set. {mode.capitalize()} needs postgres://user:password@host/name."
            )
        return sqlite(folder / "equipoise.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if mode in STRICT:
            raise MissingSetting(
                f"DATABASE_URL names SQLite. {mode.capitalize()} needs PostgreSQL (postgres://…)."
            )
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
