"""Triggers that refuse UPDATE, DELETE and TRUNCATE on append-only tables, on both engines."""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION equipoise_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


def tables() -> list[str]:
    """Names of the tables whose rows are never changed: marked models and every history table."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "append_only", False) or hasattr(model, "history_id")
    )


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the missing triggers on the tables that exist in this database."""
    missing_now = missing(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and missing_now:
            cursor.execute(POSTGRES_FUNCTION)
        for table in missing_now:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables of this database that lack at least one of their triggers."""
    names, present = _names(connection), set(connection.introspection.table_names())
    wanted = {table: {f"{table}_no_{verb}" for verb in _verbs(connection)} for table in tables()}
    return [table for table, triggers in wanted.items() if table in present and not triggers <= names]


def install_after_migrate(using: str, **_: Any) -> None:
    """Handler of `post_migrate`: put back what a remade table has lost."""
    install(connections[using])


def _verbs(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    return ("update", "delete", "truncate") if connection.vendor == "postgresql" else ("update", "delete")


def _names(connection: BaseDatabaseWrapper) -> set[str]:
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f'CREATE OR REPLACE TRIGGER "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" '
            f"FOR EACH {level} EXECUTE FUNCTION equipoise_append_only()"
            for verb, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT"))
        ]
    return [
        f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
        for verb in ("update", "delete")
    ]
