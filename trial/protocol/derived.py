"""Rules: the shape of derived values, computed from what was recorded and never stored: `derived.<id>`."""

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from trial.protocol.vocabulary import Code, Expr, Name, Part, Source, Text, expression_alone, refuse


class CompletedYears(Part):
    """Whole years between two dates, as ages are counted; who is born on 29 February is a year older on 1 March."""

    since: str
    until: str


class DerivedClass(Part):
    """One class of a classification: it applies when its condition is true and no earlier one is true or open."""

    code: Code
    label: Text
    when: Expr
    note: Text | None = None


class Alternative(Part):
    """One of several values, the first of which that is known counts; passed over unless `when` is true."""

    value: Expr
    when: Expr | None = None


ShortAlternative = Annotated[Alternative, BeforeValidator(expression_alone)]


class AnyRecord(Part):
    """Whether some counted record of a form makes the condition true; items are named `form.item`."""

    form: Name
    when: Expr


class Derived(Part):
    """One derived value, in exactly one of five ways. It may name derived values listed above it.

    `completed_years` is an integer. `count_true` is the number of conditions known to be true. `classes` is the code
    of the first class whose condition is true, unknown ("incomplete") as soon as an earlier condition is unknown.
    `first_known` is the first of its values that is not missing, among those whose condition, if any, is true.
    `any_record` is `yes` or `no`.
    """

    id: Name
    label: Text
    completed_years: CompletedYears | None = None
    count_true: tuple[Expr, ...] = ()
    classes: tuple[DerivedClass, ...] = ()
    first_known: tuple[ShortAlternative, ...] = ()
    any_record: AnyRecord | None = None
    incomplete: Text | None = None
    note: Text | None = None
    source: Source = Source.ASSUMPTION

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.completed_years, self.count_true, self.classes, self.first_known, self.any_record)
        if sum(bool(way) for way in ways) != 1:
            remedy = "Write one of: completed_years, count_true, classes, first_known, any_record"
            raise refuse("a derived value is computed in exactly one way", remedy)
        return self
