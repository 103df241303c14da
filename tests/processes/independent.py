"""Tests: the estimates of the verdict computed anew, in a few lines that know nothing of the product."""

from math import sqrt

HORIZON, QUANTILE = 1095.75, 1.959963984540054

# Days to the event or to censoring, and whether it was the event.
Times = list[tuple[int, bool]]


def kaplan_meier(rows: Times) -> tuple[float, float]:
    """S at the horizon and its Greenwood variance."""
    survival, total = 1.0, 0.0
    for day in sorted({t for t, event in rows if event and t <= HORIZON}):
        at_risk = sum(t >= day for t, _event in rows)
        events = sum(t == day and event for t, event in rows)
        survival *= 1 - events / at_risk
        total += events / (at_risk * (at_risk - events))
    return survival, survival**2 * total


def difference(experimental: Times, control: Times) -> tuple[float, float, float]:
    """Experimental minus control at the horizon, and the ends of its Wald interval."""
    (s_e, v_e), (s_c, v_c) = kaplan_meier(experimental), kaplan_meier(control)
    half = QUANTILE * sqrt(v_e + v_c)
    return s_e - s_c, s_e - s_c - half, s_e - s_c + half


def points(value: float) -> str:
    """Percentage points as they are printed, with a minus sign."""
    return f"{100 * value:.2f}".replace("-", "−")


def said(found: tuple[float, float, float]) -> str:
    """A difference and its interval in the words of the demonstration."""
    sign = "+" if found[0] >= 0 else ""
    return f"{sign}{points(found[0])} points (95 % CI {points(found[1])} to {points(found[2])})"
