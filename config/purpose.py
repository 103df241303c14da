"""The roof's rule that a process and its database serve one purpose. Imported before any model."""

import sys
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection, connections
from django.utils.module_loading import import_string

from config import statement_log
from config.environment import PURPOSES

# What gunicorn takes for a worker that will never boot: it stops instead of trying for ever.
NEVER = 3


def standing_purpose() -> str:
    """What the database says it is for, "" while it does not. Raises DatabaseError."""
    return str(import_string("trial.selectors.purpose")())


def contradiction(standing: str) -> str:
    """What is wrong with serving a database of that purpose here, "" for nothing."""
    harmless = ("", settings.PURPOSE) if settings.PURPOSE else ("", PURPOSES["demo"])
    if standing in harmless:
        return ""
    mode = next(name for name, served in PURPOSES.items() if served == standing)
    return (
        f"This database is for {standing}, and EQUIPOISE_MODE={settings.MODE} is for {settings.PURPOSE or 'tests'}. "
        f"Set EQUIPOISE_MODE={mode}, or DATABASE_URL to a database of its own."
    )


def require_agreement() -> None:
    """End this process, with a sentence, when its database is for something else or could log what it must not.

    A database that cannot be read yet says nothing; the pages ask it again before they serve from it.
    """
    wrong = ""
    with suppress(DatabaseError):
        wrong = contradiction(standing_purpose()) or _loose_log()
    # Whoever forks afterwards must not share the connection.
    connections.close_all()
    if wrong:
        print(wrong, file=sys.stderr, flush=True)
        raise SystemExit(NEVER)


def _loose_log() -> str:
    standing = statement_log.unsafe()
    return f"{statement_log.objection(standing)} {statement_log.remedy(standing)}" if standing else ""


def purposes_agree(**_: Any) -> list[CheckMessage]:
    """A system check before every command: the database is for what this process is for."""
    if connection.vendor == "sqlite":
        # SQLite never holds more than a demonstration, and looking would make the file.
        return []
    wrong = ""
    with suppress(DatabaseError):
        wrong = contradiction(standing_purpose())
    return [Error(wrong, id="equipoise.E003")] if wrong else []
