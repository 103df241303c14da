"""Tests: what somebody with the database's password can do before writing past the actions."""

from django.db import connection

from trial import append_only


def drop_triggers() -> None:
    """Take the triggers of append-only tables away, until the test's transaction ends."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table whose rows await a deferred check cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in append_only.tables():
            for verb in ("update", "delete", "truncate"):
                if connection.vendor == "postgresql":
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{verb}" ON "{table}"')
                else:
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"')
