"""Rules room of floor 3: what happens to one participant, before anybody writes it down.

Days are counted from randomization. Each subject is drawn from a stream of its own, so that a changed parameter
moves only what it is about.
"""

from dataclasses import dataclass
from math import inf

from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import Begin, CohortParameters, Events, Withdrawals

NONE = "none"
# A recurrence is not seen before anybody looks.
FIRST_SEEN = 30


@dataclass(frozen=True)
class Therapy:
    """The treatment begun: `received` is an arm or `none`, `status` given, cross_over or refused."""

    allocated: str
    received: str
    status: str
    begun: int | None
    delayed: bool


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
        stops = self.withdrawn if self.level in ("visits", "all_data") else None
        return min((day for day in (stops, self.lost) if day is not None), default=None)


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

    def known(self, day: int | None) -> bool:
        """Whether something on that day could still be seen."""
        return day is not None and day <= self.seen_until


def course(parameters: CohortParameters, arm: str, *, seed: int, label: str, horizon: int) -> Course:
    """The course of one participant with the arm given, up to `horizon` days after randomization."""
    therapy = _therapy(parameters, arm, Dice(seed, label, "therapy"))
    disease = _disease(parameters.events, therapy.received, Dice(seed, label, "disease"))
    leaving = _leaving(parameters, Dice(seed, label, "leaving"))
    return Course(therapy, disease, leaving, horizon)


def _therapy(parameters: CohortParameters, arm: str, dice: Dice) -> Therapy:
    plan = parameters.treatment.begin[arm]
    weights = {"given": plan.given, "cross_over": plan.cross_over, "refused": plan.refused}
    status = dice.among(weights)
    delayed = dice.chance(plan.delayed)
    other = next(each for each in parameters.treatment.begin if each != arm)
    received = {"given": arm, "cross_over": other, "refused": NONE}[status]
    begun = _begun(parameters.treatment.begin.get(received, plan), dice, delayed=delayed)
    return Therapy(arm, received, status, None if received == NONE else begun, delayed)


def _begun(plan: Begin, dice: Dice, *, delayed: bool) -> int:
    day = dice.whole(plan.after_days)
    return day + dice.whole(plan.delayed_by) if delayed else day


def _disease(events: Events, received: str, dice: Dice) -> Disease:
    shares = events.by_month_36[received]
    first = {kind: dice.wait(share, events.pace[kind]) for kind, share in shares.items()}
    local = max(first["local"], FIRST_SEEN)
    spread = local + dice.whole((120, 300, 700))
    if dice.chance(events.distant_after_local):
        first["distant"] = min(first["distant"], spread)
    distant = max(first["distant"], FIRST_SEEN)
    of_cancer = min(
        local + dice.whole((240, 500, 1200)) if dice.chance(events.death_after_local) else inf,
        distant + dice.whole((150, 420, 1100)) if dice.chance(events.death_after_distant) else inf,
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


def _leaving(parameters: CohortParameters, dice: Dice) -> Leaving:
    withdrawals: Withdrawals = parameters.withdrawals
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
