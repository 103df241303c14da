"""Tests: the protocols in protocols/, each read once in a process: that takes a second."""

from functools import cache
from pathlib import Path

from trial.protocol.loader import LoadedProtocol, load

FOLDER = Path(__file__).parents[1] / "protocols"


@cache
def loaded(trial: str) -> LoadedProtocol:
    """The protocol of a trial as it stands in its folder."""
    return load(FOLDER / trial)
