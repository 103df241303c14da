"""Rules: what must hold inside a form, expressions apart."""

from collections.abc import Iterator

from trial.protocol.forms import Form, Item, ItemType, Milestone, MilestoneKind
from trial.protocol.naming import of_type, reserved, unique, unknown
from trial.protocol.partial_dates import written_in_full
from trial.protocol.problems import Fault, Path
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import Bounds

_NUMERIC = {ItemType.INTEGER, ItemType.DECIMAL}
_CODED = {ItemType.CHOICE, ItemType.CHOICES}


def faults(protocol: Protocol) -> Iterator[Fault]:
    """Every rule that a form of the protocol breaks."""
    for name, form in protocol.forms.items():
        path: Path = ("forms", name)
        if form.id != name:
            remedy = f"Write `form: {name}`, or rename the file"
            yield Fault((*path, "form"), f"the file is called {name}.yaml", remedy)
        yield from reserved(form.id, (*path, "form"))
        yield from _review(form, path)
        yield from _items(form, path, protocol)
        yield from _checks(form, path)
        if form.milestone:
            yield from _milestone(form.milestone, form, (*path, "milestone"), protocol)


def _review(form: Form, path: Path) -> Iterator[Fault]:
    if (form.reviewer is None) != (form.reviewed_on is None):
        remedy = "Write `reviewer:` and `reviewed_on:`, or neither"
        yield Fault((*path, "reviewer"), "a review has a person and a day", remedy)
    if form.reviewed_on is not None and written_in_full(form.reviewed_on) is None:
        message = f"`{form.reviewed_on}` is not a date"
        yield Fault((*path, "reviewed_on"), message, "Write it like 2024-01-31")


def _items(form: Form, path: Path, protocol: Protocol) -> Iterator[Fault]:
    yield from unique([item.id for item in form.items], (*path, "items"))
    for number, item in enumerate(form.items):
        place = (*path, "items", number)
        yield from reserved(item.id, (*place, "id"))
        yield from _choices(item, place, protocol)
        yield from _ranges(item, place)
        if item.reveals_when_missing and not item.missing:
            remedy = "Add `missing:`, or remove `reveals_when_missing`"
            yield Fault((*place, "reveals_when_missing"), "the item allows no missing reason", remedy)


def _checks(form: Form, path: Path) -> Iterator[Fault]:
    yield from unique([check.id for check in form.checks], (*path, "checks"))
    items = [item.id for item in form.items]
    for number, check in enumerate(form.checks):
        if check.item:
            yield from unknown(check.item, items, (*path, "checks", number, "item"), "item of this form")


def _choices(item: Item, path: Path, protocol: Protocol) -> Iterator[Fault]:
    path = (*path, "choices")
    if (item.type in _CODED) != bool(item.choices):
        remedy = (
            "Name a code list, or list codes with labels" if item.type in _CODED else "Remove the choices"
        )
        yield Fault(
            path,
            f"an item of type {item.type} {'needs' if item.type in _CODED else 'has no'} choices",
            remedy,
        )
    elif isinstance(item.choices, str):
        yield from unknown(item.choices, protocol.codelists, path, "code list")
    elif item.choices:
        yield from unique([choice.code for choice in item.choices], path, key="code")


def _ranges(item: Item, path: Path) -> Iterator[Fault]:
    for key, bounds in (("hard_range", item.hard_range), ("soft_range", item.soft_range)):
        if bounds and item.type not in _NUMERIC:
            yield Fault((*path, key), f"an item of type {item.type} has no range", "Write a check instead")
        if bounds:
            yield from ordered(bounds, (*path, key))
    if item.hard_range and item.soft_range and not _inside(item.soft_range, item.hard_range):
        remedy = "Narrow the soft range, or widen the hard one"
        yield Fault((*path, "soft_range"), "the soft range reaches beyond the hard one", remedy)


def ordered(bounds: Bounds, path: Path) -> Iterator[Fault]:
    """A fault when a range is empty; null leaves a side open."""
    low, high = bounds
    if low is not None and high is not None and low > high:
        yield Fault(path, f"no value is between {low} and {high}", "Write the smaller number first")


def _inside(inner: Bounds, outer: Bounds) -> bool:
    low = outer[0] is None or inner[0] is None or inner[0] >= outer[0]
    high = outer[1] is None or inner[1] is None or inner[1] <= outer[1]
    return low and high


def _milestone(milestone: Milestone, form: Form, path: Path, protocol: Protocol) -> Iterator[Fault]:
    yield from of_type(form, milestone.on, ItemType.DATE, (*path, "on"))
    yield from _always_answered(form, milestone.on, (*path, "on"))
    if (milestone.kind is MilestoneKind.CONSENT) != (milestone.version is not None):
        remedy = "Write `version:` in the milestone consent, and only there"
        yield Fault((*path, "version"), "a consent has a version, a withdrawal has none", remedy)
    elif milestone.version is not None:
        yield from _version(form, milestone.version, (*path, "version"), protocol)


def _version(form: Form, item_id: str, path: Path, protocol: Protocol) -> Iterator[Fault]:
    yield from of_type(form, item_id, ItemType.CHOICE, path)
    yield from _always_answered(form, item_id, path)
    versions = [version.id for version in protocol.consent_versions]
    for item in form.items:
        listed = not isinstance(item.choices, str) or item.choices in protocol.codelists
        if item.id == item_id and listed:
            for choice in protocol.choices(item):
                yield from unknown(choice.code, versions, path, "consent version")


def _always_answered(form: Form, item_id: str, path: Path) -> Iterator[Fault]:
    """A step of a participant cannot be taken without its day."""
    for item in form.items:
        if item.id == item_id and (not item.required or item.missing or item.show_if):
            remedy = "Write `required: true`, and remove `missing` and `show_if`"
            yield Fault(path, f"`{item_id}` may stay without a value", remedy)
