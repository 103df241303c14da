"""Rules room of floor 1: the instruments by name, each with its columns of answers and of scores."""

from collections.abc import Callable
from dataclasses import dataclass

from crf.scoring import iief5, ipss, lars, qlq_c30, wexner
from crf.scoring.answers import Answers, Points, Scores


@dataclass(frozen=True)
class Instrument:
    """One instrument: the answers its items may have, the names of its scores, and how they are made."""

    points: Points
    columns: tuple[str, ...]
    scores: Callable[[Answers], Scores]
    optional: frozenset[int] = frozenset()
    """Items that a file may leave out as a column."""

    @property
    def items(self) -> dict[str, int]:
        """Item numbers by the names of their columns: q1, q2 …"""
        return {f"q{item}": item for item in self.points}


INSTRUMENTS: dict[str, Instrument] = {
    "qlq_c30": Instrument(qlq_c30.POINTS, qlq_c30.COLUMNS, qlq_c30.scores),
    "wexner": Instrument(wexner.POINTS, wexner.COLUMNS, wexner.scores),
    "iief5": Instrument(iief5.POINTS, iief5.COLUMNS, iief5.scores),
    "ipss": Instrument(ipss.POINTS, ipss.COLUMNS, ipss.scores, frozenset({ipss.QUALITY_OF_LIFE})),
    "lars": Instrument(lars.POINTS, lars.COLUMNS, lars.scores),
}
