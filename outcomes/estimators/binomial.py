"""Rules room of floor 3: exact limits of a proportion, for when a curve can say nothing."""

from scipy.special import betaincinv

from outcomes.estimate import Interval


def exact_bound(*, at_least: int, at_most: int, n: int, level: float) -> Interval:
    """Clopper-Pearson limits of a proportion when the number of successes in n is only known as a range.

    The lower limit takes `at_least` successes, the upper `at_most`, so that the coverage is at least
    `level` whichever number in the range is true. With n = 0 nothing is known: 0 to 1.
    """
    tail = (1 - level) / 2
    lower = float(betaincinv(at_least, n - at_least + 1, tail)) if at_least > 0 else 0.0
    upper = float(betaincinv(at_most + 1, n - at_most, 1 - tail)) if at_most < n else 1.0
    return Interval(lower, upper, level)
