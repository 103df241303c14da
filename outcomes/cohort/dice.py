"""Rules room of floor 3: seeded draws, one independent stream for each subject that is drawn for."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import inf, log, sqrt
from random import Random

DAYS_PER_YEAR = 365.25


class Dice:
    """A stream of draws fixed by its key; nothing drawn from one stream moves another.

    Only `Random.random` is used: its sequence is promised to stay the same from one Python to the next.
    """

    def __init__(self, *key: object) -> None:
        self._random = Random("/".join(str(part) for part in key)).random

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._random()

    def chance(self, share: float) -> bool:
        """True with the probability `share`."""
        return self._random() < share

    def among(self, weights: Mapping[str, float]) -> str:
        """One of the keys, with a probability proportional to its weight. Raises ValueError without any."""
        if not weights:
            raise ValueError("there is nothing to draw from")
        sums = list(accumulate(weights.values()))
        return list(weights)[min(bisect(sums, self._random() * sums[-1]), len(sums) - 1)]

    def between(self, spread: tuple[float, float, float]) -> float:
        """A value of the triangular distribution with the lowest, the most likely and the highest value given."""
        low, mode, high = spread
        if low == high:
            return low
        u, knee = self._random(), (mode - low) / (high - low)
        if u < knee:
            return low + sqrt(u * (high - low) * (mode - low))
        return high - sqrt((1 - u) * (high - low) * (high - mode))

    def whole(self, spread: tuple[float, float, float]) -> int:
        """As `between`, rounded to a whole number."""
        return round(self.between(spread))

    def wait(self, by_month_36: float, pace: Sequence[float]) -> float:
        """Days to an event whose probability by 36 months is given; `pace` weighs the hazard of each year.

        The hazard is constant within a year and after the last one; infinite when the event never comes.
        """
        if by_month_36 <= 0:
            return inf
        first_three = sum(_paced(pace, year) for year in range(3))
        return waited(-log(1 - self._random()), -log(1 - by_month_36) / first_three, pace)


def waited(hazard: float, scale: float, pace: Sequence[float]) -> float:
    """The day on which the cumulative hazard is reached, at `scale` times the pace of each year per year."""
    year = 0
    while year < len(pace) - 1 and hazard > scale * pace[year]:
        hazard -= scale * pace[year]
        year += 1
    rate = scale * _paced(pace, year)
    return DAYS_PER_YEAR * (year + hazard / rate) if rate > 0 else inf


def _paced(pace: Sequence[float], year: int) -> float:
    return pace[min(year, len(pace) - 1)]
