"""Rules room of floor 1: answers to the items of an instrument, and what every instrument does with them."""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import TypeAlias

# Item number → answer; an item that is None or absent is missing.
Answers: TypeAlias = Mapping[int, int | None]
# Item number → the answers it may have.
Points: TypeAlias = Mapping[int, tuple[int, ...]]
# Lowest and highest total of a band, both inside it, and its code.
Bands: TypeAlias = tuple[tuple[int, int, str], ...]


class NotApplicable(Enum):
    """That a score does not exist for this person now, such as continence with a stoma; it is not missing."""

    NOT_APPLICABLE = "not_applicable"


NOT_APPLICABLE = NotApplicable.NOT_APPLICABLE

# A number, the code of a band, not applicable, or None: missing.
Score: TypeAlias = int | float | str | NotApplicable | None
Scores: TypeAlias = dict[str, Score]


class ImpossibleAnswer(ValueError):
    """`value` cannot be the answer to `item`; `allowed` is empty when the instrument has no such item."""

    def __init__(self, item: int, value: object, allowed: tuple[int, ...]) -> None:
        super().__init__(f"item {item}: {value!r} is none of {allowed}")
        self.item, self.value, self.allowed = item, value, allowed


def answered(answers: Answers, points: Points) -> dict[int, int]:
    """The items that have an answer, by number. Raises ImpossibleAnswer for one that `points` does not hold."""
    given = {item: value for item, value in answers.items() if value is not None}
    for item, value in given.items():
        allowed = points.get(item, ())
        # True == 1 in Python, and 1.0 too; neither is what somebody ticked.
        if type(value) is not int or value not in allowed:
            raise ImpossibleAnswer(item, value, allowed)
    return given


def total(given: Mapping[int, int], items: Collection[int]) -> int | None:
    """The sum of the answers to `items`, None unless all of them are answered."""
    return sum(given[item] for item in items) if all(item in given for item in items) else None


def band(points: int | None, bands: Bands) -> str | None:
    """The code of the band that a total lies in; None for a missing total and for one that no band holds."""
    if points is None:
        return None
    return next((code for low, high, code in bands if low <= points <= high), None)
