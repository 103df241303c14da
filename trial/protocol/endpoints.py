"""Rules: the shape of endpoints.yaml: endpoints, populations, the estimand and the declared analysis."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trial.protocol.vocabulary import DAYS_PER_MONTH, Code, EndpointId, Expr, Name, Part, Source, Text

Months = Annotated[Decimal, Field(gt=0, le=600)]


class DifferenceInterval(StrEnum):
    """How the interval of a difference of survival probabilities is made."""

    WALD = "wald"
    MOVER_LOGLOG = "mover_loglog"


class SurvivalInterval(StrEnum):
    """The scale on which the interval of one survival probability is made."""

    PLAIN = "plain"
    LOG = "log"
    LOGLOG = "loglog"


class DatedFact(Part):
    """The date at address `on`, of each record of its form in which `when` is true (no `when`: each)."""

    on: str
    type: Name
    when: Expr | None = None
    label: Text | None = None


class Endpoint(Part):
    """A time to event: the first of `events`, the first of `competing`, or the last date of `censor`."""

    id: EndpointId
    label: Text
    origin: str = "participant.randomized_on"
    events: tuple[DatedFact, ...] = Field(min_length=1)
    competing: tuple[DatedFact, ...] = ()
    censor: tuple[DatedFact, ...] = Field(min_length=1)


class Population(Part):
    """An analysis set: the participants for whom `rule` is true."""

    id: Code
    label: Text
    rule: Expr


class IntercurrentEvent(Part):
    """Something after randomization that bears on the endpoint, with its strategy (ICH E9(R1))."""

    event: Text
    strategy: Text


class Estimand(Part):
    """The five attributes of ICH E9(R1), in words."""

    population: Text
    treatment: Text
    variable: Text
    intercurrent_events: tuple[IntercurrentEvent, ...] = ()
    summary: Text


class Comparison(Part):
    """Experimental minus control; both are arm ids."""

    experimental: Code
    control: Code


class Analysis(Part):
    """The declared analysis. Margins are percentage points, the primary one first; alpha is one-sided."""

    primary: EndpointId
    population: Code
    ci: DifferenceInterval
    km_interval: SurvivalInterval
    confidence: Decimal = Field(gt=0, lt=1)
    alpha: Decimal = Field(gt=0, lt=Decimal("0.5"))
    margins: tuple[Annotated[Decimal, Field(gt=0, lt=100)], ...] = Field(min_length=1)
    min_at_risk: int = Field(ge=1)
    landmarks_months: tuple[Months, ...] = Field(min_length=1)
    comparisons: tuple[Comparison, ...] = Field(min_length=1)
    source: Source = Source.ASSUMPTION
    note: Text | None = None


class EndpointPlan(Part):
    """All of endpoints.yaml. One month is 30.4375 days, for the horizon and the landmarks only."""

    horizon_months: Months
    endpoints: tuple[Endpoint, ...] = Field(min_length=1)
    populations: tuple[Population, ...] = Field(min_length=1)
    estimand: Estimand
    analysis: Analysis

    @property
    def horizon_days(self) -> Decimal:
        """The horizon in days: 36 months are 1095.75."""
        return self.horizon_months * DAYS_PER_MONTH

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """The endpoint called `endpoint_id`. Raises KeyError when the plan has none."""
        for endpoint in self.endpoints:
            if endpoint.id == endpoint_id:
                return endpoint
        raise KeyError(endpoint_id)
