"""Rules: what every list of names obeys: each once, none with another meaning, and no word that nobody defined."""

import keyword
from collections.abc import Iterable, Iterator

from trial.protocol.forms import Form, ItemType
from trial.protocol.problems import Fault, Path, nearest

# An expression reads these words as something else than the item or form of that name.
RESERVED = frozenset({*keyword.kwlist, "missing", "today", "participant", "parameter", "derived", "record"})


def unknown(word: str, valid: Iterable[str], path: Path, noun: str) -> Iterator[Fault]:
    """A fault when `word` is not among the `valid` names of a `noun`."""
    names = list(valid)
    if word not in names:
        yield Fault(path, f"there is no {noun} `{word}`", nearest(word, names))


def reserved(word: str, path: Path) -> Iterator[Fault]:
    """A fault when no expression could name `word`."""
    if word in RESERVED:
        yield Fault(
            path, f"`{word}` means something else in expressions", f"Choose another name, such as `{word}_1`"
        )


def unique(ids: Iterable[str], path: Path, key: str = "id") -> Iterator[Fault]:
    """A fault for each name of a list that stands further up already; no `key` where the names are the list."""
    seen: set[str] = set()
    for number, each in enumerate(ids):
        if each in seen:
            place = (*path, number, key) if key else (*path, number)
            yield Fault(place, f"`{each}` stands twice", "Give each its own; do not reuse one")
        seen.add(each)


def of_type(form: Form, item_id: str, wanted: ItemType, path: Path) -> Iterator[Fault]:
    """A fault unless the form has that item and it is of the wanted type."""
    suitable = [item.id for item in form.items if item.type is wanted]
    yield from unknown(item_id, suitable, path, f"item of type {wanted} in the form {form.id} called")
