"""Rules room of floor 3: everybody who is asked to take part, with her forms up to randomization.

The forms are those of the protocol t1-salvage. Who is ineligible breaks exactly the criterion named.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt

from outcomes.cohort.answers import Answers, Casebook
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import CohortParameters
from outcomes.cohort.screening import Subject, baseline, subject
from outcomes.cohort.screening_parameters import ScreenFailure

DECLINED = "declined"
# The last ones are still randomized within the period of accrual.
TAIL_DAYS = 28


@dataclass(frozen=True)
class Candidate:
    """One person asked: `fails` is the criterion she breaks or `declined`, "" for those to be randomized.

    `asked_on` is the day of consent, or of the refusal of it.
    """

    label: str
    site: str
    subject: Subject
    asked_on: date
    excised_on: date
    randomized_on: date | None
    fails: str
    forms: tuple[Answers, ...]


def first_day(today: date, weeks: int) -> date:
    """The Monday so many weeks before the Monday of this week: weekdays fall alike whatever day it is."""
    return today - timedelta(days=today.weekday(), weeks=weeks)


def candidates(parameters: CohortParameters, *, seed: int, start: date) -> list[Candidate]:
    """All candidates in the order of the days on which they were asked; accrual begins on the Monday `start`."""
    kinds = _shuffled(_kinds(parameters), Dice(seed, "order"))
    drawn = [_drawn(parameters, number, kind, seed=seed, start=start) for number, kind in enumerate(kinds, 1)]
    numbers: Counter[str] = Counter()
    labelled = []
    for candidate in sorted(drawn, key=lambda each: (each.asked_on, each.label)):
        numbers[candidate.site] += 1
        labelled.append(replace(candidate, label=f"{candidate.site}-{numbers[candidate.site]:03}"))
    return labelled


def _kinds(parameters: CohortParameters) -> list[ScreenFailure | None]:
    failing = [kind for kind in parameters.screening.failures for _ in range(kind.number)]
    return [*(None for _ in range(parameters.randomized)), *failing]


def _shuffled(kinds: Sequence[ScreenFailure | None], dice: Dice) -> list[ScreenFailure | None]:
    return [kind for _key, kind in sorted(((dice.share(), kind) for kind in kinds), key=lambda pair: pair[0])]


def _drawn(
    parameters: CohortParameters, number: int, kind: ScreenFailure | None, *, seed: int, start: date
) -> Candidate:
    dice = Dice(seed, number, "candidate")
    calendar, screening = parameters.calendar, parameters.screening
    asked = _accrued(calendar.accrual_weeks * 7 - TAIL_DAYS, calendar.ramp_weeks * 7, dice.share())
    book = Casebook(start)
    asked = book.working_day(asked)
    excised = book.working_day(asked - dice.whole(screening.excision_to_consent))
    randomized = book.working_day(asked + dice.whole(screening.consent_to_randomization))
    site = dice.among({each.code: each.share for each in parameters.sites})
    drawn = subject(parameters, dice, kind, asked_on=book.on(asked))
    fails = kind.criterion if kind else ""
    days = (book.on(excised), book.on(asked), book.on(randomized))
    return Candidate(
        label=f"{number:04}",
        site=site,
        subject=drawn,
        asked_on=book.on(asked),
        excised_on=book.on(excised),
        randomized_on=None if fails else book.on(randomized),
        fails=fails,
        forms=() if fails == DECLINED else tuple(baseline(parameters, dice, kind, drawn, *days)),
    )


def _accrued(days: int, ramp: int, share: float) -> int:
    """The day by which this share of the participants is recruited, the pace growing linearly up to day `ramp`."""
    full = days - ramp / 2
    target = share * full
    if target < ramp / 2:
        return int(sqrt(2 * ramp * target))
    return min(days - 1, int(target + ramp / 2))
