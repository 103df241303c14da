"""Rules room of floor 2: reading an uploaded allocation list.

The list is CSV with the columns `sequence,stratum,arm`; numbers count from 1 without gaps in each stratum.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from randomization.strata import UNSTRATIFIED

COLUMNS = ("sequence", "stratum", "arm")


@dataclass(frozen=True)
class ListProblem:
    """One thing wrong with an uploaded list: the line (1 = heading), what and the remedy."""

    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message} {self.remedy}"


class InvalidList(ValueError):
    """The list cannot be used; `problems` names every line that does not fit."""

    def __init__(self, problems: list[ListProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_list(text: str, *, arms: Iterable[str]) -> dict[str, list[str]]:
    """Arms in order for each stratum key, which is that of no strata. Raises InvalidList naming lines; never the arm of
    a line."""
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InvalidList([ListProblem(1, "The columns do not fit.", f"Use: {','.join(COLUMNS)}.")])
    known = set(arms)
    slots: dict[str, list[str]] = {}
    problems: list[ListProblem] = []
    for line, row in enumerate(reader, start=2):
        found = _problem(line, row, known, slots)
        if found:
            problems.append(found)
        else:
            slots.setdefault(row["stratum"], []).append(row["arm"])
    if not slots and not problems:
        problems.append(ListProblem(2, "The list is empty.", "Give one line for each place."))
    if problems:
        raise InvalidList(problems)
    return slots


def ratio(slots: Mapping[str, list[str]]) -> dict[str, dict[str, int]]:
    """Places per arm in each stratum."""
    return {key: {arm: arms.count(arm) for arm in sorted(set(arms))} for key, arms in slots.items()}


def _problem(
    line: int, row: Mapping[str, str], arms: set[str], slots: Mapping[str, list[str]]
) -> ListProblem | None:
    if row["stratum"] != UNSTRATIFIED:
        return ListProblem(line, "An uploaded list has no strata.", f"Use: {UNSTRATIFIED}.")
    if row["arm"] not in arms:
        return ListProblem(line, "The arm is not in the protocol.", f"Use one of: {', '.join(sorted(arms))}.")
    expected = len(slots.get(row["stratum"], ())) + 1
    if row["sequence"] != str(expected):
        return ListProblem(
            line, f"The sequence is {row['sequence']!r}.", f"Expected {expected}: no gaps, no repeats."
        )
    return None
