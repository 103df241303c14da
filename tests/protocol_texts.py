"""Tests: the protocols in protocols/, each read once in a process: that takes a second."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from trial.protocol.loader import LoadedProtocol, load

FOLDER = Path(__file__).parents[1] / "protocols"


@cache
def loaded(trial: str) -> LoadedProtocol:
    """The protocol of a trial as it stands in its folder."""
    return load(FOLDER / trial)


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
