"""Rules: the shape of a case report form, its items and its edit checks."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from trial.protocol.vocabulary import Bounds, Code, Expr, Name, Part, Text


class ItemType(StrEnum):
    """What an item holds: `yesno` the texts `yes` and `no`, `partial_date` an ISO text such as `2025-03`."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    YESNO = "yesno"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    PARTIAL_DATE = "partial_date"


class RevealsArm(StrEnum):
    """Whether blinded readers see it: as it is, not at all, or as pooled counts only."""

    NO = "no"
    YES = "yes"
    CONTENT = "content"


class MissingReason(StrEnum):
    """Why an item has no value."""

    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"


class CheckLevel(StrEnum):
    """`hard` refuses the record, `soft` asks for a reason and raises a query."""

    HARD = "hard"
    SOFT = "soft"


class Choice(Part):
    """One coded answer. The code is immutable and is what is stored; the label is what people read."""

    code: Code
    label: Text


def _named_or_inline(value: Any) -> str:
    return "named" if isinstance(value, str) else "inline"


Choices = Annotated[
    Annotated[Name, Tag("named")] | Annotated[tuple[Choice, ...], Tag("inline")],
    Discriminator(_named_or_inline),
]


class Item(Part):
    """One question. `show_if` may look at earlier items of its own form and at any item of another form.

    `reveals_when_missing`: its values tell nothing of the arm, but why it has none may.
    """

    id: Name
    label: Text
    help: Text | None = None
    type: ItemType
    required: bool = False
    unit: Text | None = None
    hard_range: Bounds | None = None
    soft_range: Bounds | None = None
    choices: Choices | None = None
    show_if: Expr | None = None
    reveals_arm: RevealsArm = RevealsArm.NO
    missing: tuple[MissingReason, ...] = ()
    reveals_when_missing: bool = False


class Check(Part):
    """An edit check: it fires when its condition is true, and stays silent when it is false or unknown."""

    id: Name
    condition: Expr = Field(validation_alias="if", serialization_alias="if")
    level: CheckLevel
    item: Name | None = None
    say: Text


class MilestoneKind(StrEnum):
    """Steps of a participant that a form records besides its answers."""

    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"


class Milestone(Part):
    """What submitting the form does to the participant: `on` is the item with the day.

    A consent names in `version` the item that holds the version of the consent text. The step is taken when `when`,
    over the form's own items, is true (no `when`: always).
    """

    kind: MilestoneKind
    on: Name
    version: Name | None = None
    when: Expr | None = None


class Form(Part):
    """One case report form; `source` says in words where its facts come from.

    It is offered when `applies` is true (no `applies`: always); `participant.arm` may be named there.
    `after_withdrawal`: it may still be entered for a participant who has withdrawn.
    """

    id: Name = Field(validation_alias="form", serialization_alias="form")
    version: int = Field(ge=1)
    title: Text
    source: Text | None = None
    author: Text | None = None
    reviewer: Text | None = None
    reviewed_on: str | None = None
    reveals_arm: RevealsArm = RevealsArm.NO
    applies: Expr | None = None
    milestone: Milestone | None = None
    after_withdrawal: bool = False
    items: tuple[Item, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()

    def item(self, item_id: str) -> Item:
        """The item called `item_id`. Raises KeyError when the form has none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def reveals(self, item: Item) -> RevealsArm:
        """How far `item` gives the arm away, by its own mark or its form's: yes over content over no."""
        marks = {self.reveals_arm, item.reveals_arm}
        for mark in (RevealsArm.YES, RevealsArm.CONTENT):
            if mark in marks:
                return mark
        return RevealsArm.NO

    def row_reveals(self, item: Item) -> RevealsArm:
        """How far the rows of `item` in a data set give the arm away.

        Where a missing reason of it does, all its rows do: a single row left out would tell as much.
        """
        marked = self.reveals(item)
        return RevealsArm.YES if marked is RevealsArm.NO and item.reveals_when_missing else marked
