"""Rules: what pydantic says about a value, in the words of the person who wrote the YAML."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic_core import ErrorDetails

from trial.protocol.problems import Step, nearest
from trial.protocol.schema import Protocol

_GENERIC_REMEDY = "Correct the value; protocols/README.md says what each key holds"
_FIXED = {
    "missing": ("this key is missing", "Add it; protocols/README.md says what it holds"),
    "dict_type": ("keys with values are expected here", "Write them like {en: …}, or one a line below"),
    "model_type": ("keys with values are expected here", "Write them one a line below"),
    "tuple_type": ("a list is expected here", "Write it like [a, b], or one entry a line after `- `"),
}


def said(error: ErrorDetails) -> tuple[str, str]:
    """The message and the remedy for one error of a ValidationError."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "protocol":
        return error["msg"], context["remedy"]
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        return "there is no such key here", nearest(key, keys_at(path(error)[:-1]))
    if kind == "enum":
        return f"`{value}` is not a word allowed here", nearest(str(value), _quoted(context["expected"]))
    if kind == "string_type" and isinstance(value, bool | int | Decimal):
        return f"`{value}` is read as a number or as true or false, not as text", "Put it between quotes"
    if kind == "string_type":
        return (
            "a text is expected here",
            "Write one; between quotes if it holds a comma, colon or question mark",
        )
    return error["msg"].replace("Input", "the value", 1), _GENERIC_REMEDY


def path(error: ErrorDetails) -> tuple[Step, ...]:
    """The keys and list positions to the value, without the steps that exist for pydantic only."""
    found: list[Step] = []
    for step in error["loc"]:
        inside_union = found[-1:] == ["choices"] and step in {"named", "inline"}
        if step != "[key]" and not inside_union:
            found.append(step)
    return tuple(found)


def keys_at(place: Sequence[Step]) -> list[str]:
    """The keys that the format knows at a place of the whole protocol."""
    nodes = [_schema()]
    for step in place:
        nodes = [inner for node in nodes for inner in _inside(node, step)]
    return sorted(
        {key for node in nodes for variant in _variants(node) for key in variant.get("properties", {})}
    )


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    return Protocol.model_json_schema(by_alias=True)


def _variants(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        node = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
    yield node
    for other in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _variants(other)


def _inside(node: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
    for variant in _variants(node):
        inner = variant.get("items") if isinstance(step, int) else variant.get("additionalProperties")
        inner = variant.get("properties", {}).get(step, inner)
        if isinstance(inner, dict):
            yield inner


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']+)'", expected)
