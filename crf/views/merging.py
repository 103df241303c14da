"""Views room of floor 1: what to do with a page that somebody else's save has overtaken. Pure."""

from dataclasses import dataclass

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
    base: Reading,
    now: Reading,
    mine: Reading,
) -> list[Step]:
    """Compare three versions item by item: as the page was made, as stored now, as typed."""
    unread = {finding.item for finding in mine.findings}
    found = []
    for item in form.items:
        old, new, typed = held(base, item), held(now, item), held(mine, item)
        if old == new or (typed == new and item.id not in unread):
            continue
        found.append(Step(item, old, new, clashes=item.id in unread or typed != old))
    return found


def same(mine: Reading, now: Reading) -> bool:
    """Whether what was typed is what is stored: nothing is left to do then."""
    return not mine.findings and (mine.values, mine.missing) == (now.values, now.missing)


def held(reading: Reading, item: Item) -> Held:
    """The value of an item and the reason why there is none."""
    return reading.values.get(item.id), reading.missing.get(item.id, "")
