"""Rules room of floor 3: the shape of data/cohort.yaml as far as randomization.

`source` and `note` say where the figures of a group come from.
"""

from typing import Annotated, Literal

from pydantic import Field

from outcomes.cohort.quantities import Positive, Share, Spread, Weights
from trial.protocol.vocabulary import Code, Name, Part, Source, Text

Address = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


class CohortSite(Part):
    """A site, by its IANA time zone; `share` weighs how many of the participants it recruits."""

    code: Code
    name: Text
    time_zone: str
    share: Positive


class Calendar(Part):
    """The first day of accrual is the Monday `weeks` before the Monday of the demonstration's week.

    The pace of accrual grows linearly to its full height over the first `ramp_weeks`. Forms of the last
    `lag_days` before the cut-off are entered with the probability `lag_entered`.
    """

    source: Source
    note: Text | None = None
    weeks: Annotated[int, Field(ge=1)]
    accrual_weeks: Annotated[int, Field(ge=1)]
    ramp_weeks: Annotated[int, Field(ge=0)]
    lag_days: Annotated[int, Field(ge=0)]
    lag_entered: Share


class People(Part):
    """Who is screened. `public_records`: consents to public death records being asked even after a withdrawal."""

    source: Source
    note: Text | None = None
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


class Tumour(Part):
    """What local excision found. `large`: 30 to 50 mm. `features` are the shares of the four risk features."""

    source: Source
    note: Text | None = None
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


class Screening(Part):
    """Days from local excision to consent and from consent to randomization, and who fails screening and why.

    `missing` holds the share of answers that are missing and the reason, by address.
    """

    source: Source
    note: Text | None = None
    consent_version: Code
    excision_to_consent: Spread
    consent_to_randomization: Spread
    missing: dict[Address, tuple[Share, Code]]
    cea: Spread
    mri_finding: Weights
    failures: tuple[ScreenFailure, ...]
