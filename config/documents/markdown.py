"""The roof's printed documents: the small pieces of Markdown that all of them use."""

from collections.abc import Iterable, Sequence

NOTE = (
    "Printed by `python manage.py generate_docs` from the code; a test fails when it is stale. Do not edit."
)


def page(title: str, *parts: str) -> str:
    """A whole document that ends with one line end."""
    return "\n\n".join((f"# {title}", NOTE, *(part for part in parts if part))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are escaped, columns that are empty in every row are left out."""
    body = [[cell(text) for text in row] for row in rows]
    kept = [place for place in range(len(head)) if place == 0 or any(row[place] for row in body)]
    lines = [list(head), ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line[place] for place in kept) + " |" for line in lines)


def cell(text: str) -> str:
    """A text that stays inside its cell and is never taken for HTML outside a code span."""
    escaped = " ".join(text.split()).replace("|", "\\|")
    return escaped if "`" in escaped else escaped.replace("<", "&lt;")


def code(text: str) -> str:
    """A code span, or nothing for nothing."""
    return f"`{text}`" if text else ""
