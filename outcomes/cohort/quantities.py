"""Rules room of floor 3: the kinds of figures from which the synthetic cohort is drawn.

A share is a probability, a spread is (lowest, most likely, highest), weights need not sum to one, a pace weighs the
hazard of each year.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from trial.protocol.vocabulary import refuse

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Pace = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=3)]


def _in_order(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if not value[0] <= value[1] <= value[2]:
        raise refuse("a spread is out of order", "Write [lowest, most likely, highest]")
    return value


Spread = Annotated[tuple[float, float, float], AfterValidator(_in_order)]
Weights = Annotated[dict[str, Positive], Field(min_length=1)]
