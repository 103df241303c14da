"""The roof's printed documents: the addresses that eligibility and each form of a protocol read."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from config.documents.dictionary import in_casebook_order
from config.documents.markdown import code, table
from crf.rehearsal import Places, classification, places
from trial.protocol import scopes
from trial.protocol.derivations import PREFIX, traced
from trial.protocol.forms import Form
from trial.protocol.problems import Problem, ProtocolError
from trial.protocol.schema import Protocol

HEAD = ("address", "type", "unit", "choices", "may be missing")
BEGIN, END = "<!-- addresses: generate_docs prints from here -->", "<!-- addresses: to here -->"


def readme(path: Path, protocol: Protocol) -> str | None:
    """The README of a protocol folder with its addresses as they are now; None where it asks for none.

    Raises ProtocolError when only one of the two markers is there.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if bool(end) != (END in text or bool(begin)):
        message = f"the list of addresses has no beginning or no end in {path.parent.name}"
        remedy = f"Write the lines `{BEGIN}` and `{END}`, in this order"
        raise ProtocolError([Problem(path.name, 0, "", message, remedy)])
    return f"{before}{begin}\n\n{section(protocol)}\n\n{end}{after}" if end else None


def section(protocol: Protocol) -> str:
    """What eligibility reads, then what each form reads, in the order of the casebook."""
    known = places(protocol)
    parts = [*_eligibility(protocol, known)]
    for name in in_casebook_order(protocol):
        parts += _form(protocol, protocol.forms[name], known)
    return "\n\n".join(parts)


def _eligibility(protocol: Protocol, known: Places) -> Iterator[str]:
    read = _given(protocol, (criterion.rule for criterion in protocol.eligibility), known)
    if not read:
        return
    yield "### Eligibility"
    deciding = classification(protocol)
    if deciding:
        codes = ", ".join(code(each.code) for each in deciding.classes)
        yield f"`risk_class` is {code(PREFIX + deciding.id)}: {codes}, or `incomplete`."
    yield _table(protocol, known, read)


def _form(protocol: Protocol, form: Form, known: Places) -> Iterator[str]:
    """Its own items, and what its checks and skip rules read elsewhere."""
    own = [f"{form.id}.{item.id}" for item in form.items]
    texts = [
        *(item.show_if for item in form.items if item.show_if),
        *(each.condition for each in form.checks),
    ]
    read = _given(protocol, texts, known)
    yield f"### {form.id}: {form.title['en']}"
    yield _table(protocol, known, [*own, *(each for each in read if each not in own)])


def _given(protocol: Protocol, texts: Iterable[str], known: Places) -> list[str]:
    """The addresses that expressions hang on and that can be given, each once, in the order of the expressions."""
    read = dict.fromkeys(each for text in texts for each in traced(text, protocol.derived))
    return [each for each in read if each in known]


def _table(protocol: Protocol, known: Places, addresses: Iterable[str]) -> str:
    return table(HEAD, [_row(protocol, known, each) for each in addresses])


def _row(protocol: Protocol, known: Places, address: str) -> tuple[str, ...]:
    _form, item = known[address]
    return (
        code(address),
        item.type.value,
        item.unit["en"] if item.unit else "",
        ", ".join(code(each) for each in scopes.codes_of(item, protocol)),
        ", ".join(code(each) for each in item.missing),
    )
