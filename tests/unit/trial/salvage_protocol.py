"""The protocol of the main trial, loaded once, and small ways to ask it."""

from collections.abc import Callable

from tests.protocol_texts import loaded
from trial.protocol.derivations import with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse

LOADED = loaded("t1-salvage")
PROTOCOL = LOADED.protocol
PARAMETERS = PROTOCOL.parameter_values()

Facts = dict[str, Value]


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
