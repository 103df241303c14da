"""Rules room of floor 0: the block in which an action writes, and what it will leave in the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


class OutsideAction(RuntimeError):
    """A tracked row was written outside an audited action."""


@dataclass
class Block:
    """One action at work: who acts, why, which history rows and acts it has made so far."""

    actor: Any
    reason: str
    history: list[Any] = field(default_factory=list)
    acts: list[Any] = field(default_factory=list)


_open: ContextVar[tuple[Block, ...]] = ContextVar("writing", default=())


def current() -> Block:
    """The innermost open block; raises OutsideAction where there is none."""
    blocks = _open.get()
    if not blocks:
        raise OutsideAction("This row is written by actions only. Call the action that does it.")
    return blocks[-1]


def nested() -> bool:
    """Whether a block is already open around the caller."""
    return bool(_open.get())


def hand_up(inner: Block) -> None:
    """Leave what an inner block has made to the block around it, whose end will commit both."""
    parent = _open.get()[-2]
    parent.acts += inner.acts
    parent.history += inner.history


@contextmanager
def block(*, actor: Any, reason: str) -> Iterator[Block]:
    """Open a block for the duration of one action."""
    opened = Block(actor=actor, reason=reason)
    token = _open.set((*_open.get(), opened))
    try:
        yield opened
    finally:
        _open.reset(token)


def cite(history_instance: Any, **_: Any) -> None:
    """Receiver of simple_history's notice of a new history row: the open block will cite it."""
    current().history.append(history_instance)
