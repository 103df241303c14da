"""The protocol of the main trial, loaded once, and small ways to ask it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from trial.protocol.derivations import with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.loader import load

FOLDER = Path(__file__).parents[3] / "protocols" / "t1-salvage"
LOADED = load(FOLDER)
PROTOCOL = LOADED.protocol
PARAMETERS = PROTOCOL.parameter_values()

Facts = dict[str, Value]


def texts_in(value: Any) -> Iterator[dict[str, str]]:
    """Every text for people inside a dumped protocol: a mapping with an English entry."""
    if isinstance(value, dict):
        if "en" in value:
            yield value
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def looking(facts: Facts) -> Callable[[str], Value | Unknown]:
    """A lookup over these facts, derived values included; every form has at most the record that they make up."""

    def records(form: str) -> list[Facts]:
        mine = {at.partition(".")[2]: value for at, value in facts.items() if at.startswith(f"{form}.")}
        return [mine] if mine else []

    return with_derived(PROTOCOL, lambda address: facts.get(address, UNKNOWN), records)


def fires(form: str, check: str, **values: Value) -> bool:
    """Whether an edit check of a form is true on these answers and nothing else."""
    found = next(each for each in PROTOCOL.forms[form].checks if each.id == check)
    return parse(found.condition).evaluate(lambda address: values.get(address, UNKNOWN)) is True
