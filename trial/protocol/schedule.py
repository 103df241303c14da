"""Rules: the shape of the schedule: planned visits, and what makes an assessment adequate."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from trial.protocol.vocabulary import Name, Part, Source, Text


class ModalityKind(StrEnum):
    """Laboratory values alone never make an assessment adequate."""

    EXAMINATION = "examination"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    ENDOSCOPY = "endoscopy"


class Modality(Part):
    """One examination; `done` is the yes-or-no item of the assessments' form that says that it took place.

    `on` is the item with its own day, where the form asks it; without a day it is of the day of the visit.
    """

    id: Name
    label: Text
    kind: ModalityKind
    done: Name
    on: Name | None = None


class AssessmentPlan(Part):
    """Disease assessments: the form that holds them, the item with their date, and what they consist of.

    Adequate is an examination together with all imaging and endoscopy that the schedule asks at that visit; at a
    visit without such a list, an examination together with any imaging or endoscopy.
    """

    form: Name
    on: Name
    modalities: tuple[Modality, ...] = Field(min_length=1)
    source: Source = Source.ASSUMPTION


class Visit(Part):
    """A planned contact: a target in days or calendar months after the date at `counts_from`.

    `window` holds the days allowed before (zero or negative) and after the target, `modalities` what the schedule
    asks then.
    """

    id: Name
    label: Text
    target_day: int | None = None
    target_month: Annotated[int, Field(ge=0)] | None = None
    counts_from: str = "participant.randomized_on"
    window: tuple[int, int] | None = None
    forms: tuple[Name, ...] = Field(min_length=1)
    modalities: tuple[Name, ...] = ()
    unscheduled: bool = False
    repeats: bool = False
    source: Source = Source.ASSUMPTION

    @property
    def has_target(self) -> bool:
        """Whether the visit is planned for a day, counted from another."""
        return self.target_day is not None or self.target_month is not None
