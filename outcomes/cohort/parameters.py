"""Rules room of floor 3: the shape of data/cohort.yaml, from which the synthetic cohort is made.

`source` and `note` say where the figures of a group come from.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from outcomes.cohort.quantities import Pace, Positive, Share, Spread, Weights
from outcomes.cohort.screening_parameters import Calendar, CohortSite, People, Screening, Tumour
from trial.protocol import documents
from trial.protocol.problems import Problem, ProtocolError, dotted
from trial.protocol.vocabulary import Code, Part, Source, Text, refuse


class Begin(Part):
    """Whether and when the allocated treatment begins, in days since randomization."""

    given: Share
    cross_over: Share
    refused: Share
    after_days: Spread
    delayed: Share
    delayed_by: Spread

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.given + self.cross_over + self.refused - 1) > 1e-9:
            raise refuse("given, cross_over and refused do not sum to 1", "Let them share one whole")
        return self


class Surgery(Part):
    """What is done and found at total mesorectal excision."""

    procedure: Weights
    r_status: Weights
    residual: Weights
    nodes: Weights
    nodes_examined: Spread
    clavien_dindo: Weights
    stoma: dict[str, Weights]
    stoma_closed: Share
    closed_after: Spread
    stoma_after_crt: Share
    stoma_after_crt_closed: Share
    access: Weights
    mesorectum: Weights
    unreported: Share
    disabled: Share
    stay_days: Spread
    chemotherapy_if_positive: Share
    chemotherapy_after: Spread
    chemotherapy_lasts: Spread


class Radiation(Part):
    """How far chemoradiotherapy is completed. `fractions`: number of fractions → weight, each of `dose_gy`."""

    fractions: Weights
    dose_gy: Positive
    interrupted: Share
    interrupted_days: Spread
    stopped: Share
    capecitabine_full: Share
    capecitabine_reduced: Spread
    surgery_on_request: Share
    surgery_after: Spread
    technique: Weights
    interruption_reasons: Weights
    reduction_reasons: Weights


class Treatment(Part):
    """How the two strategies are carried out."""

    source: Source
    note: Text | None = None
    begin: dict[Code, Begin]
    refusal_after: Spread
    reasons: dict[str, Weights]
    surgery: Surgery
    radiation: Radiation


class Later(Part):
    """What follows with a probability, so many days later."""

    share: Share
    after_days: Spread


class Events(Part):
    """Probabilities by 36 months for each treatment received (`none`: neither), and the pace of their hazards."""

    source: Source
    note: Text | None = None
    by_month_36: dict[Code, dict[Literal["local", "distant", "second_crc", "second_other", "death"], Share]]
    pace: dict[Literal["local", "distant", "second_crc", "second_other", "death"], Pace]
    death_after_local: Later
    death_after_distant: Later
    distant_after_local: Later
    vague: Share
    biopsy: Share
    therapy: dict[str, Weights]
    local_sites: Weights
    distant_sites: Weights
    other_primaries: Weights
    causes: Weights
    death_reported_after: Spread


class Visits(Part):
    """How the schedule is kept. Shares are by visit, except `lost` (by 36 months)."""

    source: Source
    note: Text | None = None
    missed: Share
    missed_again: Share
    late: Share
    late_by: Spread
    incomplete: Share
    cea_not_done: Share
    cea_lost: Share
    cea: Spread
    cea_recurred: Spread
    ecog: Weights
    ecog_recurred: Weights
    ct_with_pelvis: Share
    extra: Share
    lost: Share
    lost_found: Share
    phoned: Share
    phoned_after: Spread
    pace: Pace


class Withdrawals(Part):
    """Probabilities of a withdrawal by 36 months, by level.

    Who refuses all treatment withdraws from treatment on that day.
    """

    source: Source
    note: Text | None = None
    by_month_36: dict[Literal["visits", "all_data"], Share]
    pace: Pace
    reasons: dict[Literal["visits", "all_data"], Weights]


class AdverseEvent(Part):
    """One CTCAE term: the share of those treated who have it, its grades, when after the start and how long.

    Grade 5 is left out: deaths come from the events.
    """

    term: Code
    share: Share
    grades: dict[str, Positive]
    after_days: Spread
    lasts_days: Spread
    men_only: bool = False
    with_stoma: bool = False


class Toxicity(Part):
    """Adverse events by treatment received; serious: the share of those of grade 3 or more."""

    source: Source
    note: Text | None = None
    serious: Share
    related: Share
    vague: Share
    by_treatment: dict[Code, tuple[AdverseEvent, ...]]


class Medicine(Part):
    """One concomitant medicine: who takes it, from when; `before`: begun in some year before screening."""

    drug: str
    indication: str
    share: Share
    received: Code | None = None
    after_days: Spread | None = None
    lasts_days: Spread | None = None


class Medicines(Part):
    """Concomitant treatment."""

    source: Source
    note: Text | None = None
    medicines: tuple[Medicine, ...]


class DeviationKind(Part):
    """One kind of protocol deviation that happens by chance, by its category."""

    category: Code
    important: bool
    share: Share
    after_days: Spread
    text: str


class Deviations(Part):
    """Protocol deviations."""

    source: Source
    note: Text | None = None
    kinds: tuple[DeviationKind, ...]


class CohortParameters(Part):
    """All of data/cohort.yaml."""

    seed: int
    block_sizes: Annotated[tuple[int, ...], Field(min_length=1)]
    randomized: Annotated[int, Field(ge=1)]
    sites: tuple[CohortSite, ...] = Field(min_length=1)
    calendar: Calendar
    people: People
    tumour: Tumour
    screening: Screening
    treatment: Treatment
    events: Events
    visits: Visits
    withdrawals: Withdrawals
    toxicity: Toxicity
    medicines: Medicines
    deviations: Deviations


def read_parameters(text: str, *, file: str) -> CohortParameters:
    """The parameters in a YAML text. Raises ProtocolError with every problem found, by line and key."""
    document, problems = documents.read(file, text)
    if document is None:
        raise ProtocolError(problems)
    try:
        return CohortParameters.model_validate(document.tree)
    except ValidationError as error:
        raise ProtocolError(
            Problem(
                file,
                document.line(each["loc"]),
                dotted(each["loc"]),
                each["msg"],
                each.get("ctx", {}).get(
                    "remedy", "Correct the value; README.md beside it says what it holds"
                ),
            )
            for each in error.errors(include_url=False)
        ) from None
