"""Rules: the shape of imports.yaml, which turns the rows of a file into participants and form records."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from trial.protocol.forms import MissingReason
from trial.protocol.vocabulary import Bounds, Code, Expr, Name, Part, Text, expression_alone, refuse


class ColumnType(StrEnum):
    """What the cells of a column hold; dates are ISO dates."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"


class Column(Part):
    """One column of the source file: its cells are read as `type`; only an `optional` one may be empty."""

    type: ColumnType
    codes: tuple[Code, ...] | None = None
    range: Bounds | None = None
    optional: bool = False


class Fact(Part):
    """A named value: of each row by itself, or (`rows`) of the participant's one such row."""

    value: Expr
    rows: Expr | None = None


class Given(Part):
    """Where a value comes from: an expression, recoded by `codes`, or a reason why there is none."""

    value: Expr | None = None
    codes: dict[str, Code] | None = None
    missing: MissingReason | None = None


ShortFact = Annotated[Fact, BeforeValidator(expression_alone)]
ShortGiven = Annotated[Given, BeforeValidator(expression_alone)]


def _inside_data(value: str) -> str:
    name = value.removeprefix("data/")
    if name == value or "/" in name or "\\" in name or not name.endswith(".csv") or name.startswith("."):
        raise refuse("`{value}` is no CSV file of the folder `data/`", "Write `data/<name>.csv`", value=value)
    return value


class ImportSite(Part):
    """A site that the import needs; `time_zone` is an IANA name."""

    code: Code
    name: Text
    time_zone: str = "UTC"


class RowRule(Part):
    """Something the mapping relies on: a row for which the condition is true stops the import."""

    id: Name
    condition: Expr = Field(validation_alias="if", serialization_alias="if")
    say: Text


class ParticipantMapping(Part):
    """Who takes part: one participant a row where `rows` is true; `arm` feeds the allocation list only."""

    rows: Expr
    label: str
    site: ShortGiven
    consented_on: Expr
    randomized_on: Expr
    arm: ShortGiven


class FormMapping(Part):
    """One record of `form` at `visit` for each row where `rows` is true."""

    form: Name
    visit: Name
    rows: Expr
    values: dict[Name, ShortGiven]


class ImportPlan(Part):
    """All of imports.yaml; expressions see the columns, the facts defined so far and `parameter.<id>`."""

    source: Annotated[str, AfterValidator(_inside_data)]
    row_key: Name
    columns: dict[Name, Column]
    sites: tuple[ImportSite, ...] = Field(min_length=1)
    facts: dict[Name, ShortFact] = Field(default_factory=dict)
    refuse: tuple[RowRule, ...] = ()
    participants: ParticipantMapping
    forms: tuple[FormMapping, ...] = ()


_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)(?::0([1-9]))?\}")


def placeholders(label: str) -> list[tuple[str, int]]:
    """The names in a label and the width to which each is filled with zeros: `{site}-{id:04}`: site 0, id 4.

    Raises ValueError when a bracket belongs to none of them.
    """
    if re.search(r"[{}]", _PLACEHOLDER.sub("", label)):
        raise ValueError(label)
    return [(name, int(width or 0)) for name, width in _PLACEHOLDER.findall(label)]


def filled(label: str, values: Mapping[str, object]) -> str:
    """The label with each name replaced by its value."""
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]).zfill(int(found[2] or 0)), label)
