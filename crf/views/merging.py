"""Views room of floor 1: what to do with a page that somebody else's save has overtaken. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crf.checks import Reading
from crf.definitions import Stored
from trial.protocol.forms import Form, Item

Held = tuple[Stored | None, str]


@dataclass(frozen=True)
class Step:
    """One item that somebody else changed meanwhile, from `base` to `now`: value and missing reason.

    `clashes`: the reader of the overtaken page has typed something else there; it is kept, not overwritten.
    """

    item: Item
    base: Held
    now: Held
    clashes: bool


def steps(
    form: Form,
    *,
    base: tuple[Mapping[str, Any], Mapping[str, str]],
    now: tuple[Mapping[str, Any], Mapping[str, str]],
    mine: Reading,
) -> list[Step]:
    """Compare three versions item by item: as the page was made, as stored now, as typed."""
    unread = {finding.item for finding in mine.findings}
    found = []
    for item in form.items:
        old, new = _held(base, item), _held(now, item)
        typed = _held((mine.values, mine.missing), item)
        if old == new or (typed == new and item.id not in unread):
            continue
        found.append(Step(item, old, new, clashes=item.id in unread or typed != old))
    return found


def same(mine: Reading, now: tuple[Mapping[str, Any], Mapping[str, str]]) -> bool:
    """Whether what was typed is what is stored: nothing is left to do then."""
    return not mine.findings and (mine.values, mine.missing) == (dict(now[0]), dict(now[1]))


def _held(version: tuple[Mapping[str, Any], Mapping[str, str]], item: Item) -> Held:
    values, missing = version
    return values.get(item.id), missing.get(item.id, "")
