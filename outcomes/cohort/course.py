"""Rules room of floor 3: what happens to one participant, before anybody writes it down.

Days are counted from randomization. Each subject is drawn from a stream of its own, so that a changed parameter
moves only what it is about.
"""

from dataclasses import dataclass
from math import inf

from outcomes.cohort.answers import Casebook
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import CohortParameters, Events, Later

NONE = "none"
# A recurrence is not seen before anybody looks.
FIRST_SEEN = 30


@dataclass(frozen=True)
class Therapy:
    """The treatment begun: `received` is an arm or `none`, `status` given, cross_over or refused.

    `decided` is the day on which it began, or was refused.
    """

    allocated: str
    received: str
    status: str
    decided: int
    begun: int | None


@dataclass(frozen=True)
class Disease:
    """Days of the events, None for those that never come; `cause` of death."""

    local: int | None
    distant: int | None
    second_crc: int | None
    second_other: int | None
    death: int | None
    cause: str

    @property
    def recurred(self) -> int | None:
        """The day of the first recurrence."""
        return min((day for day in (self.local, self.distant) if day is not None), default=None)


@dataclass(frozen=True)
class Leaving:
    """Withdrawal (by level) and loss to follow-up. `found`: vital status is learned after the loss."""

    withdrawn: int | None
    level: str
    reason: str
    lost: int | None
    found: bool

    @property
    def silent(self) -> int | None:
        """The day from which the site learns nothing more by visits."""
        return min((day for day in (self.withdrawn, self.lost) if day is not None), default=None)

    def barred(self, day: int) -> bool:
        """Whether a withdrawal, not preceded by a loss, lies before that day."""
        return self.withdrawn is not None and self.withdrawn == self.silent and self.withdrawn < day

    def out_of_reach(self, day: int) -> bool:
        """Whether the participant was lost before that day."""
        return self.lost is not None and self.lost == self.silent and self.lost < day


@dataclass(frozen=True)
class Course:
    """All that happens to one participant, and the last day on which anybody may still see her."""

    therapy: Therapy
    disease: Disease
    leaving: Leaving
    horizon: int

    @property
    def seen_until(self) -> int:
        """The last day of ordinary follow-up: the cut-off, the death, a withdrawal from visits or a loss."""
        days = (self.disease.death, self.leaving.silent)
        return min([self.horizon, *(day for day in days if day is not None)])

    @property
    def reachable_until(self) -> int:
        """The last day on which somebody may still be asked about a participant who was lost."""
        return self.horizon if self.leaving.out_of_reach(self.horizon) else self.seen_until

    def known(self, day: int | None) -> bool:
        """Whether something on that day could still be seen."""
        return day is not None and day <= self.seen_until


def course(
    parameters: CohortParameters, arm: str, book: Casebook, *, seed: int, label: str, horizon: int
) -> Course:
    """The course of one participant with the arm given, up to `horizon` days after randomization."""
    therapy = _therapy(parameters, arm, book, Dice(seed, label, "therapy"))
    disease = _disease(parameters.events, therapy.received, Dice(seed, label, "disease"))
    leaving = _leaving(parameters, Dice(seed, label, "leaving"))
    return Course(therapy, disease, leaving, horizon)


def _therapy(parameters: CohortParameters, arm: str, book: Casebook, dice: Dice) -> Therapy:
    plan = parameters.treatment.begin[arm]
    weights = {"given": plan.given, "cross_over": plan.cross_over, "refused": plan.refused}
    status = dice.among(weights)
    delay = dice.whole(plan.delayed_by) if dice.chance(plan.delayed) else 0
    refused = dice.whole(parameters.treatment.refusal_after)
    if status == "refused":
        return Therapy(arm, NONE, status, refused, None)
    other = next(each for each in parameters.treatment.begin if each != arm)
    received = arm if status == "given" else other
    # Both treatments begin on a weekday.
    begun = book.working_day(dice.whole(parameters.treatment.begin[received].after_days) + delay)
    return Therapy(arm, received, status, begun, begun)


def _disease(events: Events, received: str, dice: Dice) -> Disease:
    shares = events.by_month_36[received]
    first = {kind: dice.wait(share, events.pace[kind]) for kind, share in shares.items()}
    local = max(first["local"], FIRST_SEEN)
    distant = max(min(first["distant"], local + _later(events.distant_after_local, dice)), FIRST_SEEN)
    of_cancer = min(
        local + _later(events.death_after_local, dice), distant + _later(events.death_after_distant, dice)
    )
    death = min(first["death"], of_cancer)
    cause = "rectal_cancer" if of_cancer < first["death"] else "other"

    def alive(day: float) -> int | None:
        return None if day >= death else round(day)

    return Disease(
        local=alive(local),
        distant=alive(distant),
        second_crc=alive(first["second_crc"]),
        second_other=alive(first["second_other"]),
        death=None if death == inf else max(1, round(death)),
        cause=cause,
    )


def _later(step: Later, dice: Dice) -> float:
    """Days until what follows with a probability, infinite when it does not follow."""
    days = dice.whole(step.after_days)
    return days if dice.chance(step.share) else inf


def _leaving(parameters: CohortParameters, dice: Dice) -> Leaving:
    withdrawals = parameters.withdrawals
    days = {level: dice.wait(share, withdrawals.pace) for level, share in withdrawals.by_month_36.items()}
    level = min(days, key=lambda each: days[each])
    reason = dice.among(withdrawals.reasons[level])
    lost = dice.wait(parameters.visits.lost, parameters.visits.pace)
    found = dice.chance(parameters.visits.lost_found)
    return Leaving(
        withdrawn=None if days[level] == inf else max(1, round(days[level])),
        level=level,
        reason=reason,
        lost=None if lost == inf else max(1, round(lost)),
        found=found,
    )
