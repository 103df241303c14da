"""Views room of floor 0: what the page of the protocol is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Table = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One card of the page: `rows` for components/description_list.html, `tables` for components/table.html."""

    id: str
    title: str
    text: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def table(
    caption: str,
    columns: Sequence[str | dict[str, Any]],
    rows: Sequence[Sequence[Any]],
    *,
    caption_hidden: bool = False,
) -> Table:
    """Context of components/table.html; a heading is a word, or a column as the component wants it."""
    return {
        "caption": caption,
        "caption_hidden": caption_hidden,
        "columns": [{"label": each} if isinstance(each, str) else each for each in columns],
        "rows": [{"cells": list(cells)} for cells in rows],
    }
