"""Specification tests: the tables that they go through, also printed to docs/generated/spec.md."""

from pathlib import Path

from config.documents.spec import Table, read

FOLDER = Path(__file__).parent / "tables"


def table(name: str) -> Table:
    """The table in tables/<name>.yaml: `rows` as written, `records` by column.

    Only true, false, null and numbers are converted; `yes`, `no` and dates are texts, as in a protocol.
    """
    return read(FOLDER / f"{name}.yaml")
