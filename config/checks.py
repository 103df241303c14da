"""System checks: what must hold before this installation may serve."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection

from config import statement_log
from trial import append_only
from trial.protocol_folders import folders


def protocols_hold_together(**_: Any) -> list[CheckMessage]:
    """Every protocol folder loads: addresses exist and have the type their use needs."""
    return [
        Error(f"{folder.name}/{p.file}:{p.line} {p.message}", hint=p.remedy, id="equipoise.E001")
        for folder in folders(Path(settings.PROTOCOLS))
        for p in folder.problems
    ]


def triggers_stand(*, databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Every append-only table carries its triggers."""
    if not databases:
        return []
    missing = append_only.missing(connection)
    if not missing:
        return []
    return [
        Error(
            f"Append-only triggers are missing on: {', '.join(sorted(missing))}.",
            hint="Find out who removed them, then run: python manage.py migrate --skip-checks",
            id="equipoise.E002",
        )
    ]


def statements_stay_out_of_the_log(**_: Any) -> list[CheckMessage]:
    """A system check before every command: a strict installation's PostgreSQL logs no statement with its values."""
    with suppress(DatabaseError):
        standing = statement_log.unsafe()
        if standing:
            told, remedy = statement_log.objection(standing), statement_log.remedy(standing)
            return [Error(told, hint=remedy, id="equipoise.E004")]
    return []
