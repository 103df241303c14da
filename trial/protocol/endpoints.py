"""Rules: the shape of endpoints.yaml: endpoints, populations, the estimand and the declared analysis."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from trial.protocol.vocabulary import (
    DAYS_PER_MONTH,
    Code,
    EndpointId,
    Expr,
    Name,
    Part,
    Source,
    Text,
    refuse,
)

# What an endpoint takes over from the one named in its `same_as`.
_SHARED = ("origin", "events", "competing", "censor", "adjudicated")
KNOWN_ALIVE = "known_alive"

# The origin of an endpoint that declares no other.
RANDOMIZATION = "participant.randomized_on"

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


class CensoringSet(StrEnum):
    """`treatment_policy`: events count whatever came before. `fda_style`: see `FdaStyle`."""

    TREATMENT_POLICY = "treatment_policy"
    FDA_STYLE = "fda_style"


class Purpose(StrEnum):
    """What an endpoint is for; only the primary one gets a verdict.

    DESCRIBED: in some arms only, and compared with nothing. OTHER_CENSORING and OTHER_ORIGIN are for sensitivity.
    """

    PRIMARY = "primary"
    SECONDARY = "secondary"
    DESCRIBED = "described"
    OTHER_CENSORING = "other_censoring"
    OTHER_ORIGIN = "other_origin"


class DatedFact(Part):
    """The date at address `on`, of each record of its form in which `when` is true (no `when`: each).

    A partial date is never completed to a day after the dates at `not_after`. `despite_withdrawal` says when the fact
    counts although it lies after a withdrawal. `ends_life`: nor is it completed to a day before the last one at
    `known_alive` of the plan. Where `note_when` is true the row carries `note`. In `when`,
    `record.adequate` is `yes` or `no` for records of the assessments' form.
    """

    on: str
    type: Name
    when: Expr | None = None
    label: Text | None = None
    not_after: tuple[str, ...] = ()
    ends_life: bool = False
    despite_withdrawal: Expr | None = None
    note_when: Expr | None = None
    note: Text | None = None


class Endpoint(Part):
    """A time to event: the first of `events`, the first of `competing`, or the last date of `censor`.

    `censor: known_alive` stands for the plan's list of that name.
    `same_as` takes origin, events, competing events and censoring from another endpoint above it. `arms` names the
    arms it describes (none: all, compared). `adjudicated`: its events are to be judged blind; until then they are
    pending and count as reported by the site.
    """

    id: EndpointId
    label: Text
    origin: str = RANDOMIZATION
    same_as: EndpointId | None = None
    censoring: CensoringSet = CensoringSet.TREATMENT_POLICY
    arms: tuple[Code, ...] = ()
    adjudicated: bool = False
    events: tuple[DatedFact, ...] = ()
    competing: tuple[DatedFact, ...] = ()
    censor: tuple[DatedFact, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _shared_or_own(self) -> Self:
        own = [key for key in _SHARED if key in self.model_fields_set]
        if self.same_as and own:
            raise refuse("`{key}` comes from the endpoint in `same_as`", "Remove one of the two", key=own[0])
        return self


class FdaStyle(Part):
    """An event after `missed` or more consecutive missed assessments is censored at the last adequate one before them;
    after new anticancer therapy, at the last adequate one on or before its start."""

    missed: int = Field(ge=1)
    new_therapy: tuple[DatedFact, ...] = ()


class Grouping(StrEnum):
    """By which arm a population is analysed."""

    ALLOCATED = "allocated"
    RECEIVED = "received"


class Condition(Part):
    """One condition of a population; who breaks it is left out for this reason."""

    id: Name
    label: Text
    rule: Expr


class Population(Part):
    """An analysis set: the participants for whom `rule`, or each of `conditions`, is true.

    The rules may name `participant.arm` and `participant.eligible`, the judgement of all criteria. `reveals_arm`:
    membership hangs on the arm, hence is kept from blinded data.
    """

    id: Code
    label: Text
    rule: Expr | None = None
    conditions: tuple[Condition, ...] = ()
    by: Grouping = Grouping.ALLOCATED
    reveals_arm: bool = False

    @model_validator(mode="after")
    def _rule_or_conditions(self) -> Self:
        if (self.rule is None) == (not self.conditions):
            raise refuse("a population has either a rule or conditions", "Write `rule:` or `conditions:`")
        return self


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


class Look(Part):
    """A planned look at the outcomes by arm; `at` says in words when it is due, `rule` what may be concluded."""

    id: Name
    label: Text
    at: Text
    rule: Text | None = None


class Analysis(Part):
    """The declared analysis. Margins are percentage points, the primary one first; alpha is one-sided.

    `per_protocol` names the population in which the primary endpoint is analysed again, to support the verdict.
    """

    primary: EndpointId
    population: Code
    per_protocol: Code | None = None
    ci: DifferenceInterval
    km_interval: SurvivalInterval
    confidence: Decimal = Field(gt=0, lt=1)
    alpha: Decimal = Field(gt=0, lt=Decimal("0.5"))
    margins: tuple[Annotated[Decimal, Field(gt=0, lt=100)], ...] = Field(min_length=1)
    min_at_risk: int = Field(ge=1)
    landmarks_months: tuple[Months, ...] = Field(min_length=1)
    comparisons: tuple[Comparison, ...] = Field(min_length=1)
    hazard_ratio_margin: Annotated[Decimal, Field(gt=1)] | None = None
    looks: tuple[Look, ...] = ()
    source: Source = Source.ASSUMPTION
    note: Text | None = None


class EndpointPlan(Part):
    """All of endpoints.yaml. One month is 30.4375 days, for the horizon and the landmarks only.

    `data_end` are the dates after which nothing about a participant counts (a withdrawal from follow-up), `known_alive`
    those on which a participant was alive.
    `treatment_received` is the address of the arm whose treatment was begun first.
    """

    horizon_months: Months
    data_end: tuple[DatedFact, ...] = ()
    known_alive: tuple[DatedFact, ...] = ()
    fda_style: FdaStyle | None = None
    treatment_received: str | None = None
    endpoints: tuple[Endpoint, ...] = Field(min_length=1)
    populations: tuple[Population, ...] = Field(min_length=1)
    estimand: Estimand
    analysis: Analysis

    @field_validator("endpoints", mode="before")
    @classmethod
    def _with_proof_of_life(cls, endpoints: Any, info: ValidationInfo) -> Any:
        alive = info.data.get("known_alive", ())
        return [
            {**each, "censor": alive}
            if isinstance(each, dict) and each.get("censor") == KNOWN_ALIVE
            else each
            for each in (endpoints if isinstance(endpoints, list) else ())
        ] or endpoints

    @field_validator("endpoints", mode="after")
    @classmethod
    def _with_what_they_share(cls, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        whole: dict[str, Endpoint] = {}
        for endpoint in endpoints:
            model = whole.get(endpoint.same_as or "")
            shared = {key: getattr(model, key) for key in _SHARED} if model else {}
            whole[endpoint.id] = endpoint.model_copy(update=shared)
        return tuple(whole.values()) if len(whole) == len(endpoints) else endpoints

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

    def population(self, population_id: str) -> Population:
        """The population called `population_id`. Raises KeyError when the plan has none."""
        for population in self.populations:
            if population.id == population_id:
                return population
        raise KeyError(population_id)

    def compared(self, endpoint: Endpoint) -> list[Comparison]:
        """The declared comparisons of arms that the endpoint describes."""
        pairs = self.analysis.comparisons
        return [
            each
            for each in pairs
            if not endpoint.arms or {each.experimental, each.control} <= set(endpoint.arms)
        ]

    def purpose(self, endpoint: Endpoint) -> Purpose:
        """What the endpoint is for, by what is declared of it."""
        if endpoint.id == self.analysis.primary:
            return Purpose.PRIMARY
        if not self.compared(endpoint):
            return Purpose.DESCRIBED
        if endpoint.censoring is CensoringSet.FDA_STYLE:
            return Purpose.OTHER_CENSORING
        if endpoint.origin != RANDOMIZATION:
            return Purpose.OTHER_ORIGIN
        return Purpose.SECONDARY
