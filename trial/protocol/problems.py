"""Rules: what is wrong with a protocol folder, where, and what to do about it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True)
class Fault:
    """A rule broken inside a protocol; `path` holds the YAML keys and list positions (from 0) to it."""

    path: Path
    message: str
    remedy: str


@dataclass(frozen=True)
class Problem:
    """A fault located in a file; `line` counts from 1, 0 when the file as a whole is meant."""

    file: str
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        subject = f"{self.key}: " if self.key else ""
        return f"{place}: {subject}{self.message}. {self.remedy}."


class ProtocolError(ValueError):
    """Everything found wrong in one reading of a protocol folder; nothing of it was kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Sequence[Step]) -> str:
    """A path as people write it: `items[2].choices`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def nearest(word: str, valid: Iterable[str]) -> str:
    """The remedy for a word that is not among `valid`: the closest one, else all of them."""
    names = sorted(valid)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"Write one of: {', '.join(names)}" if names else "Define one first: there is none yet"
