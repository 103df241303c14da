"""Rules room of floor 1: EORTC QLQ-C30 version 3.0, quality of life.

Fayers and others, The EORTC QLQ-C30 Scoring Manual, 3rd edition, Brussels 2001; summary score: Giesinger and others,
J Clin Epidemiol 2016;69:79-88.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from crf.scoring.answers import Answers, Points, Scores, answered

SUMMARY = "SUMMARY"
# Items 29 and 30 have seven answers, the others four.
POINTS: Points = {item: tuple(range(1, 8 if item > 28 else 5)) for item in range(1, 31)}


@dataclass(frozen=True)
class Scale:
    """A scale: its items, the difference between their highest and lowest answer, and which way it runs."""

    items: tuple[int, ...]
    span: int = 3
    falls: bool = False
    """Whether a higher answer is a lower score: the functional scales."""
    symptom: bool = False
    """Whether a high score is bad: the symptom scales and items."""


SCALES: dict[str, Scale] = {
    "QL2": Scale((29, 30), span=6),
    "PF2": Scale((1, 2, 3, 4, 5), falls=True),
    "RF2": Scale((6, 7), falls=True),
    "EF": Scale((21, 22, 23, 24), falls=True),
    "CF": Scale((20, 25), falls=True),
    "SF": Scale((26, 27), falls=True),
    "FA": Scale((10, 12, 18), symptom=True),
    "NV": Scale((14, 15), symptom=True),
    "PA": Scale((9, 19), symptom=True),
    "DY": Scale((8,), symptom=True),
    "SL": Scale((11,), symptom=True),
    "AP": Scale((13,), symptom=True),
    "CO": Scale((16,), symptom=True),
    "DI": Scale((17,), symptom=True),
    "FI": Scale((28,), symptom=True),
}
COLUMNS = (*SCALES, SUMMARY)
NOT_IN_SUMMARY = ("QL2", "FI")


def scores(answers: Answers) -> Scores:
    """Every scale and the summary score, from 0 to 100 or None, by the names of COLUMNS.

    High is good for QL2, the functional scales PF2 to SF and the summary; for the symptom scales FA to FI it is bad.
    A scale counts when at least half of its items are answered, the summary when its thirteen scales are there.
    Raises ImpossibleAnswer.
    """
    given = answered(answers, POINTS)
    found = {name: _score(scale, given) for name, scale in SCALES.items()}
    return {**found, SUMMARY: _summary(found)}


def _score(scale: Scale, given: Mapping[int, int]) -> float | None:
    values = [given[item] for item in scale.items if item in given]
    if 2 * len(values) < len(scale.items):
        return None
    # The manual's formulas with the mean multiplied out: whole numbers until the one division.
    most, above = len(values) * scale.span, sum(values) - len(values)
    return 100 * (most - above if scale.falls else above) / most


def _summary(found: Mapping[str, float | None]) -> float | None:
    """The mean of all scales but QL2 and FI, symptoms turned round."""
    parts = [
        100 - score if SCALES[name].symptom else score
        for name, score in found.items()
        if name not in NOT_IN_SUMMARY and score is not None
    ]
    return fmean(parts) if len(parts) == len(SCALES) - len(NOT_IN_SUMMARY) else None
