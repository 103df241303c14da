"""Rules room of floor 3: the shape of data/cohort.yaml, from which the synthetic cohort is made.

A spread is (lowest, most likely, highest); weights need not sum to one; a share is a probability.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from trial.protocol import documents
from trial.protocol.imports import ImportSite
from trial.protocol.problems import Problem, ProtocolError, dotted
from trial.protocol.vocabulary import Code, Name, Part, Source, Text, refuse

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Pace = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=3)]
Address = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


def _in_order(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if not value[0] <= value[1] <= value[2]:
        raise refuse("a spread is out of order", "Write [lowest, most likely, highest]")
    return value


Spread = Annotated[tuple[float, float, float], AfterValidator(_in_order)]
Weights = Annotated[dict[str, Positive], Field(min_length=1)]


class Stated(Part):
    """A group of parameters with the source of its figures."""

    source: Source
    note: Text | None = None


class CohortSite(ImportSite):
    """A site; `share` weighs how many of the participants it recruits."""

    share: Positive


class Calendar(Stated):
    """The first day of accrual is the Monday `weeks` before the Monday of the demonstration's week.

    The pace of accrual grows linearly to its full height over the first `ramp_weeks`. Forms of the last
    `lag_days` before the cut-off are entered with the probability `lag_entered`.
    """

    weeks: Annotated[int, Field(ge=1)]
    accrual_weeks: Annotated[int, Field(ge=1)]
    ramp_weeks: Annotated[int, Field(ge=0)]
    lag_days: Annotated[int, Field(ge=0)]
    lag_entered: Share


class People(Stated):
    """Who is screened. `public_records`: consents to public death records being asked even after a withdrawal."""

    age: Spread
    male: Share
    height_cm: dict[str, Spread]
    weight_kg: dict[str, Spread]
    smoking: dict[str, Weights]
    diabetes: Share
    cardiovascular: Share
    family_history: Share
    asa: Weights
    ecog: Weights
    distance_mm: Spread
    public_records: Share


class Tumour(Stated):
    """What local excision found. `large`: 30 to 50 mm. `features` are the shares of the four risk features."""

    large: Share
    size_mm: dict[Literal["small", "large"], Spread]
    features: dict[Literal["grade", "lvi", "pni", "sm3"], Share]
    pedunculated: Share
    technique: Weights
    budding: Weights
    margin_mm: Spread


class ScreenFailure(Part):
    """So many candidates who break one criterion (its id) by these answers, or who decline.

    `age` in completed years; an answer of null is missing for the reason in `missing`.
    """

    criterion: Name
    number: Annotated[int, Field(ge=1)]
    age: int | None = None
    sex: Literal["female", "male"] | None = None
    answers: dict[Address, str] = Field(default_factory=dict)
    missing: dict[Address, Code] = Field(default_factory=dict)
    without: tuple[Address, ...] = ()


class Screening(Stated):
    """Days from local excision to consent and from consent to randomization, and who fails screening and why.

    `missing` holds the share of answers that are missing and the reason, by address.
    """

    consent_version: Code
    excision_to_consent: Spread
    consent_to_randomization: Spread
    missing: dict[Address, tuple[Share, Code]]
    cea: Spread
    mri_finding: Weights
    failures: tuple[ScreenFailure, ...]


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


class Treatment(Stated):
    """How the two strategies are carried out."""

    begin: dict[Code, Begin]
    refusal_after: Spread
    reasons: dict[Literal["cross_over", "refused"], Weights]
    surgery: Surgery
    radiation: Radiation


class Later(Part):
    """What follows with a probability, so many days later."""

    share: Share
    after_days: Spread


class Events(Stated):
    """Probabilities by 36 months for each treatment received (`none`: neither), and the pace of their hazards."""

    by_month_36: dict[Code, dict[Literal["local", "distant", "second_crc", "second_other", "death"], Share]]
    pace: dict[Literal["local", "distant", "second_crc", "second_other", "death"], Pace]
    death_after_local: Later
    death_after_distant: Later
    distant_after_local: Later
    vague: Share
    biopsy: Share
    therapy: dict[Literal["local", "distant"], Weights]
    local_sites: Weights
    distant_sites: Weights
    other_primaries: Weights
    causes: Weights
    death_reported_after: Spread


class Visits(Stated):
    """How the schedule is kept. Shares are by visit, except `lost` (by 36 months)."""

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


class Withdrawals(Stated):
    """Probabilities of a withdrawal by 36 months, by level.

    Who refuses all treatment withdraws from treatment on that day.
    """

    by_month_36: dict[Literal["visits", "all_data"], Share]
    pace: Pace
    reasons: dict[Literal["visits", "all_data"], Weights]


class AdverseEvent(Part):
    """One CTCAE term: the share of those treated who have it, its grades, when after the start and how long.

    Grade 5 is left out: deaths come from the events.
    """

    term: Code
    share: Share
    grades: dict[Literal["1", "2", "3", "4"], Positive]
    after_days: Spread
    lasts_days: Spread
    men_only: bool = False
    with_stoma: bool = False


class Toxicity(Stated):
    """Adverse events by treatment received; serious: the share of those of grade 3 or more."""

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


class Medicines(Stated):
    """Concomitant treatment."""

    medicines: tuple[Medicine, ...]


class DeviationKind(Part):
    """One kind of protocol deviation that happens by chance, by its category."""

    category: Code
    important: bool
    share: Share
    after_days: Spread
    text: str


class Deviations(Stated):
    """Protocol deviations."""

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
