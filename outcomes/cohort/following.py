"""Rules room of floor 3: everything that is written about one participant after randomization."""

from collections.abc import Sequence
from datetime import date

from outcomes.cohort.answers import Answers, Casebook
from outcomes.cohort.calls import Call, calls
from outcomes.cohort.candidates import Candidate
from outcomes.cohort.course import Course, course
from outcomes.cohort.dice import Dice
from outcomes.cohort.event_forms import (
    write_death,
    write_recurrences,
    write_second_primaries,
    write_withdrawals,
)
from outcomes.cohort.parameters import CohortParameters
from outcomes.cohort.screening_parameters import Calendar
from outcomes.cohort.side_forms import write_adverse_events, write_deviations, write_medicines
from outcomes.cohort.treatment_forms import treat, write_stoma
from outcomes.cohort.visit_forms import write_contacts, write_visits
from trial.protocol.schedule import Visit


def follow_up(
    parameters: CohortParameters,
    schedule: Sequence[Visit],
    candidate: Candidate,
    *,
    arm: str,
    randomized_on: date,
    cut_off: date,
    seed: int,
) -> list[Answers]:
    """The forms of a randomized participant up to the cut-off, in the order in which they can be entered.

    Every event lies a drawn number of days after randomization: another calendar with the same weekdays gives
    the same days. `schedule` holds the visits of the protocol; `seed` and the candidate fix everything else.
    """

    def dice(subject: str) -> Dice:
        return Dice(seed, candidate.label, subject)

    book = Casebook(randomized_on)
    horizon = (cut_off - randomized_on).days
    life = course(parameters, arm, book, seed=seed, label=candidate.label, horizon=horizon)
    seen = calls(parameters.visits, schedule, life, book, dice("visits"))
    excised = (candidate.excised_on - randomized_on).days
    write_medicines(parameters.medicines, life, book, dice("medicines"))
    treated = treat(parameters.treatment, life, book, dice("treatment"))
    write_stoma(treated, life, book)
    write_adverse_events(
        parameters.toxicity, life, treated, book, dice("toxicity"), sex=candidate.subject.sex
    )
    write_deviations(parameters.deviations, life, book, dice("deviations"), excised=excised)
    entered = entered_by_then(parameters.calendar, seen, life, dice("lag"))
    write_visits(parameters.visits, entered, book, dice("findings"), rectum_removed=treated.rectum_removed)
    write_recurrences(parameters.events, entered, life, book, dice("recurrences"))
    write_second_primaries(parameters.events, life, book, dice("tumours"))
    write_contacts(parameters.visits, entered, life, book, dice("contacts"))
    write_withdrawals(life, book)
    public = candidate.subject.public_records
    write_death(parameters.events, life, book, dice("death"), public_records=public)
    repeating = {visit.id for visit in schedule if visit.repeats}
    return book.forms(until=cut_off, repeating=repeating)


def entered_by_then(calendar: Calendar, seen: Sequence[Call], life: Course, dice: Dice) -> list[Call]:
    """The visits without those of the last days that nobody has found the time to enter yet."""
    return [
        call
        for call in seen
        if call.day <= life.horizon - calendar.lag_days or dice.chance(calendar.lag_entered)
    ]
