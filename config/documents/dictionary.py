"""The roof's printed documents: every form and item of every protocol."""

from collections.abc import Iterable, Iterator

from config.documents.markdown import code, page, table
from trial.protocol.forms import Check, Form, Item, ItemType, RevealsArm
from trial.protocol.loader import LoadedProtocol
from trial.protocol.schema import Protocol
from trial.protocol.vocabulary import Bounds

CHINESE = "zh-hans"
ITEM_HEAD = (
    "item",
    "label",
    "Chinese",
    "type",
    "required",
    "range",
    "codes",
    "shown if",
    "may be missing",
    "arm",
    "help",
)
CHECK_HEAD = ("check", "level", "fires when", "points at", "says")
SEEN = {
    RevealsArm.NO: "",
    RevealsArm.YES: "absent from blinded data",
    RevealsArm.CONTENT: "pooled counts only for blinded readers",
}


def document(protocols: Iterable[LoadedProtocol]) -> str:
    """The data dictionary of the protocols in the order given."""
    return page(
        "Data dictionary",
        "What each item holds. Codes and ids are what is stored and exported; labels are what people read. In "
        "*range*, a value outside the hard range is refused, outside the soft one it needs a reason. In *arm*, empty "
        "means that the item tells nothing about it. The address of an item is `form.item`.",
        *(part for loaded in protocols for part in _protocol(loaded)),
    )


def _protocol(loaded: LoadedProtocol) -> Iterator[str]:
    protocol = loaded.protocol
    yield f"## {protocol.trial}, version {protocol.version}"
    yield f"{protocol.title['en']}.\nSHA-256 of its text: `{loaded.sha256}`."
    for key in in_casebook_order(protocol):
        form = protocol.forms[key]
        yield f"### {key}: {form.title['en']}"
        yield " ".join(_about(protocol, key, form))
        yield table(ITEM_HEAD, [item_row(protocol, form, item) for item in form.items])
        if form.checks:
            yield table(CHECK_HEAD, [check_row(check) for check in form.checks])


def in_casebook_order(protocol: Protocol) -> tuple[str, ...]:
    """Each form once, as the visits name them: the order of the files on a disk is nobody's choice."""
    return tuple(dict.fromkeys(form for visit in protocol.visits for form in visit.forms))


def _about(protocol: Protocol, key: str, form: Form) -> Iterator[str]:
    visits = [
        visit.id + (" (repeats)" if visit.repeats else "") for visit in protocol.visits if key in visit.forms
    ]
    yield f"Form version {form.version}."
    yield f"Entered at: {', '.join(visits)}."
    if form.applies:
        yield f"Offered when {code(' '.join(form.applies.split()))}."
    if form.after_withdrawal:
        yield "Open after a withdrawal too."
    if form.source:
        yield f"Source: {form.source['en'].rstrip('.')}."
    if form.author and form.reviewer:
        yield f"Written by: {form.author['en']}. Reviewed by: {form.reviewer['en']}, {form.reviewed_on or 'no date'}."


def item_row(protocol: Protocol, form: Form, item: Item) -> tuple[str, ...]:
    """One item in the columns of ITEM_HEAD."""
    return (
        code(item.id),
        item.label["en"],
        item.label.get(CHINESE, ""),
        f"{item.type}, {item.unit['en']}" if item.unit else item.type.value,
        "yes" if item.required else "",
        "; ".join(_ranges(item)),
        _codes(protocol, item),
        code(item.show_if or ""),
        ", ".join(item.missing),
        SEEN[form.row_reveals(item)],
        item.help["en"] if item.help else "",
    )


def check_row(check: Check) -> tuple[str, ...]:
    """One edit check in the columns of CHECK_HEAD."""
    return (code(check.id), check.level.value, code(check.condition), code(check.item or ""), check.say["en"])


def _ranges(item: Item) -> Iterator[str]:
    for name, bounds in (("hard", item.hard_range), ("soft", item.soft_range)):
        if bounds:
            yield f"{name} {_span(bounds)}"


def _span(bounds: Bounds) -> str:
    low, high = ("" if bound is None else str(bound) for bound in bounds)
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"


def _codes(protocol: Protocol, item: Item) -> str:
    if item.type is ItemType.YESNO:
        return "yes, no"
    return ", ".join(f"{choice.code} = {choice.label['en']}" for choice in protocol.choices(item))
