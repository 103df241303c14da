"""The roof's printed documents: every table of states as a diagram."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from config.documents.markdown import page
from crf.states import COUNTED, RECORD
from trial.states import MESSAGE, PARTICIPANT, SITE, WORK

State = TypeVar("State", bound=StrEnum)


def document() -> str:
    """The states of participants, records, sites and work."""
    counted = " and ".join(COUNTED)
    return page(
        "States",
        "What may follow what. The tables are in `trial/states.py` and `crf/states.py`; actions refuse every "
        "other step. Whether a person may take a step is another question: see [permissions.md](permissions.md).",
        "## Participant",
        diagram(PARTICIPANT),
        "## Record: one form of one visit",
        f"Before anything is entered there is no row: that is `empty`. Only {counted} records count in checks of "
        "other forms, in snapshots and in exports.",
        diagram(RECORD),
        "## Site",
        diagram(SITE),
        "## Work: an analysis",
        "`running` follows itself when a lease has lapsed or its holder is dead and another process takes over.",
        diagram(WORK),
        "## Work: a message",
        "A try that fails puts the message back, to be claimed later and later; one that has failed for good is sent "
        "again when somebody asks.",
        diagram(MESSAGE),
    )


def diagram(transitions: Mapping[State, Sequence[State]]) -> str:
    """A Mermaid diagram of a table of transitions: the first state is the beginning, states without a way on end."""
    return "\n".join(
        ("```mermaid", "stateDiagram-v2", *(f"    {arrow}" for arrow in _arrows(transitions)), "```")
    )


def _arrows(transitions: Mapping[State, Sequence[State]]) -> Iterator[str]:
    first = next(iter(transitions))
    yield f"[*] --> {first}"
    for state, following in transitions.items():
        yield from (f"{state} --> {after}" for after in following)
        if not following:
            yield f"{state} --> [*]"
