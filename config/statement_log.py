"""The roof's rule that PostgreSQL's log holds no statement with its values: an allocation's would name the arm.

The values stand in the text of the statement. It can be logged because it ran, because it was slow, or because it
failed; after a deadlock, or for a row that breaks a constraint, the error's detail holds them as well.
"""

from django.conf import settings
from django.db import connection

# The values of each setting under which no statement is logged, the one to set first. Under `fatal`, the statement of
# a session that is ended from outside would be.
SAFE = {
    "log_min_error_statement": ("panic",),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
}


def unsafe() -> dict[str, str]:
    """Each setting under which the server that we are connected to could log a value, as it stands.

    Empty outside strict modes and on SQLite, which has no log. Raises DatabaseError.
    """
    if not settings.STRICT or connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(SAFE)])
        standing: dict[str, str] = dict(cursor.fetchall())
    # An older server lacks some, and what they would do.
    return {name: value for name, value in standing.items() if value not in SAFE[name]}


def objection(standing: dict[str, str]) -> str:
    """What is wrong with these settings, a sentence."""
    said = ", ".join(f"{name} = {value}" for name, value in sorted(standing.items()))
    return f"The log of PostgreSQL could hold statements with their values, treatments among them: {said}."


def remedy(standing: dict[str, str]) -> str:
    """The statements with which a superuser of the server puts it right. Raises DatabaseError.

    They name the role that we sign in as, which no setting may say: a superuser's CURRENT_USER is another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(session_user)")
        [role] = cursor.fetchone()
    said = " ".join(f"ALTER ROLE {role} SET {name} = {SAFE[name][0]};" for name in sorted(standing))
    return f"As a superuser of PostgreSQL: {said} Then start again."
