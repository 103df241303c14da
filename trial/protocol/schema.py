"""Rules: the shape of a protocol: protocol.yaml joined with its forms, endpoints and code lists."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from trial.protocol.derived import Derived
from trial.protocol.endpoints import EndpointPlan
from trial.protocol.forms import Choice, Form, Item
from trial.protocol.imports import ImportPlan
from trial.protocol.schedule import AssessmentPlan, Visit
from trial.protocol.vocabulary import Code, Expr, Key, Name, Part, Source, Text, refuse


class Registry(Part):
    """The public record of the trial."""

    name: str
    id: str


class Arm(Part):
    """A planned treatment. The id is immutable; it is what allocations hold."""

    id: Code
    label: Text
    control: bool = False


class ParameterType(StrEnum):
    """What kind of value a parameter states."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"


class Parameter(Part):
    """A stated value with its source, shown as such; imports.yaml reads it as `parameter.<id>`."""

    id: Name
    label: Text
    type: ParameterType
    value: date | Decimal | int | str
    unit: Text | None = None
    source: Source
    note: Text | None = None

    @field_validator("value", mode="plain")
    @classmethod
    def _of_its_type(cls, value: Any, info: ValidationInfo) -> date | Decimal | int | str:
        kind = info.data.get("type")
        match kind, value:
            case ParameterType.TEXT, str():
                return value
            case ParameterType.INTEGER, int() if not isinstance(value, bool):
                return value
            case ParameterType.DECIMAL, int() | Decimal() if not isinstance(value, bool):
                return Decimal(value)
            case ParameterType.DATE, str() | date():
                return _iso_date(value)
        raise refuse("the value is not of the type named by `type`", "Write a value of that type")


def _iso_date(value: str | date) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise refuse("`{value}` is not a date", "Write it like 2024-01-31", value=str(value)) from None


class Quirk(Part):
    """A difference between what a source says and what this system does, shown with the reason."""

    id: Name
    says: Text
    does: Text
    why: Text


class ConsentVersion(Part):
    """A version of the consent text and the first day on which it may be signed."""

    id: Code
    label: Text
    effective_from: date


class CriterionKind(StrEnum):
    """Inclusion criteria must be true, exclusion criteria false."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Criterion(Part):
    """An eligibility criterion over what was recorded and derived.

    `query`: breaking it is also listed as a finding for the site to answer. `note` says where its boundary lies.
    """

    id: Name
    kind: CriterionKind
    label: Text
    rule: Expr
    query: bool = False
    note: Text | None = None
    source: Source = Source.ASSUMPTION


class Level(Part):
    """One level of a stratification factor: a participant has it when the condition is true."""

    code: Code
    label: Text
    when: Expr


class StratificationFactor(Part):
    """A factor of stratification: the codes of one address (`value`), or levels with their conditions."""

    id: Name
    label: Text
    value: str | None = None
    levels: tuple[Level, ...] = ()


class RandomizationMethod(StrEnum):
    """How allocations are made."""

    UPLOADED_LIST = "uploaded_list"
    PERMUTED_BLOCKS = "permuted_blocks"


class Randomization(Part):
    """The public part of the scheme; block sizes are sealed.

    `impossible` lists strata that cannot occur, `needs` the forms to be submitted before an allocation.
    """

    method: RandomizationMethod
    ratio: dict[Code, Annotated[int, Field(ge=1, le=100)]]
    strata: tuple[StratificationFactor, ...] = ()
    impossible: tuple[dict[Name, Code], ...] = ()
    needs: tuple[Name, ...] = ()
    source: Source = Source.ASSUMPTION


class Protocol(Part):
    """One version of a trial's protocol, whole. `no_visits_after` are addresses of dates that end the schedule."""

    trial: Key
    version: int = Field(ge=1)
    title: Text
    demo: bool = False
    registry: Registry | None = None
    design: Text | None = None
    references: tuple[str, ...] = ()
    arms: tuple[Arm, ...] = Field(min_length=2)
    parameters: tuple[Parameter, ...] = ()
    quirks: tuple[Quirk, ...] = ()
    consent_versions: tuple[ConsentVersion, ...] = Field(min_length=1)
    derived: tuple[Derived, ...] = ()
    eligibility: tuple[Criterion, ...] = ()
    randomization: Randomization
    visits: tuple[Visit, ...] = Field(min_length=1)
    assessments: AssessmentPlan | None = None
    no_visits_after: tuple[str, ...] = ()
    codelists: dict[Name, tuple[Choice, ...]] = Field(default_factory=dict)
    forms: dict[Name, Form] = Field(min_length=1)
    endpoints: EndpointPlan
    imports: ImportPlan | None = None

    @property
    def control(self) -> Arm:
        """The control arm (a loaded protocol has exactly one)."""
        return next(arm for arm in self.arms if arm.control)

    def choices(self, item: Item) -> tuple[Choice, ...]:
        """The coded answers of `item`, its code list looked up; empty for an item without."""
        if isinstance(item.choices, str):
            return self.codelists[item.choices]
        return item.choices or ()

    def parameter_values(self) -> Mapping[str, date | Decimal | int | str]:
        """The stated value of every parameter, by id."""
        return {parameter.id: parameter.value for parameter in self.parameters}
