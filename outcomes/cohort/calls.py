"""Rules room of floor 3: on which days a participant is seen, and what is examined then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from outcomes.cohort.answers import Casebook
from outcomes.cohort.course import Course
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import Visits
from trial.protocol.schedule import Visit
from trial.protocol.vocabulary import DAYS_PER_MONTH

EXTRA = "extra"
# Calendar months differ from 30.4375 days by two days at most, a weekend moves a visit by one more: so far
# inside its window a visit stays inside on any calendar.
MARGIN = 6
NEAR = 45
ALWAYS = frozenset({"examination", "cea"})
PELVIC = frozenset({"pelvic_mri", "ct", "rectoscopy"})


@dataclass(frozen=True)
class Call:
    """One follow-up visit: its day since randomization, whether that is past its window, the modalities that took
    place, and the kinds of recurrence that it showed."""

    visit: str
    day: int
    done: frozenset[str]
    late: bool = False
    findings: tuple[str, ...] = ()


def calls(
    parameters: Visits, schedule: Sequence[Visit], course: Course, book: Casebook, dice: Dice
) -> list[Call]:
    """The visits of one participant in the order of their days, those that showed a recurrence included."""
    kept = _kept(parameters, schedule, book, dice)
    kept += _extra(parameters, course, book, dice)
    kept = [call for call in kept if call.day <= course.seen_until]
    for kind, day in (("local", course.disease.local), ("distant", course.disease.distant)):
        if day is not None and course.known(day):
            kept = _showing(kept, kind, book.working_day(day))
    return sorted((call for call in kept if course.known(call.day)), key=lambda call: call.day)


def nominal(visit: Visit) -> int:
    """The day of a monthly target, a month taken as 30.4375 days."""
    return round((visit.target_month or 0) * DAYS_PER_MONTH)


def _kept(parameters: Visits, schedule: Sequence[Visit], book: Casebook, dice: Dice) -> list[Call]:
    found: list[Call] = []
    missed = False
    for visit in schedule:
        if not visit.target_month or visit.counts_from != "participant.randomized_on":
            continue
        width = max(0, (visit.window or (0, 0))[1] - MARGIN)
        offset = dice.whole((-width, 0, width))
        missed = dice.chance(parameters.missed_again if missed else parameters.missed)
        late = dice.chance(parameters.late)
        if late:
            offset = width + MARGIN + dice.whole(parameters.late_by)
        done = _done(parameters, visit, dice)
        if not missed:
            found.append(Call(visit.id, book.working_day(nominal(visit) + offset), done, late))
    return found


def _done(parameters: Visits, visit: Visit, dice: Dice) -> frozenset[str]:
    asked = frozenset(visit.modalities) or ALWAYS
    skipped = dice.among(dict.fromkeys(sorted(asked - ALWAYS) or ["cea"], 1.0))
    without = {skipped} if dice.chance(parameters.incomplete) else set()
    if dice.chance(parameters.cea_not_done):
        without.add("cea")
    return asked - without


def _extra(parameters: Visits, course: Course, book: Casebook, dice: Dice) -> list[Call]:
    day = dice.whole((100, 400, 1500))
    if not dice.chance(parameters.extra) or course.disease.recurred is not None:
        return []
    return [Call(EXTRA, book.working_day(day), ALWAYS | {"rectoscopy"})]


def _showing(kept: list[Call], kind: str, day: int) -> list[Call]:
    """The visits with the recurrence shown at the nearest one with imaging, or at an extra one on its day."""
    near = [call for call in kept if "pelvic_mri" in call.done and abs(call.day - day) <= NEAR]
    if not near:
        return [*kept, Call(EXTRA, day, ALWAYS | PELVIC, findings=(kind,))]
    seen = min(near, key=lambda call: abs(call.day - day))
    showing = replace(seen, done=seen.done | PELVIC, findings=(*seen.findings, kind))
    return [showing if call is seen else call for call in kept]
