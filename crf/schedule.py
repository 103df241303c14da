"""Rules room of floor 1: when planned visits are due, and which forms are offered to whom.

Nothing here is stored: it is computed when asked, from the protocol, what was recorded and the day at the site.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol as Shape

from crf.definitions import Stored
from trial.protocol.derivations import Lookup, RecordsOf, traced
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import Form, MilestoneKind, MissingReason
from trial.protocol.partial_dates import earliest
from trial.protocol.revealing import ARM, tells
from trial.protocol.schedule import AssessmentPlan, Modality, Visit
from trial.protocol.schema import Protocol

Offers = Callable[[Form], bool]


class Due(StrEnum):
    """Where a planned visit stands.

    OVERDUE: the window has closed and nothing was submitted; MISSED once the window of the next visit counted
    from the same day has opened, when it can no longer be made good. For an analysis a visit is missed as soon
    as its window has closed without an adequate assessment: that is judged there, not here. NOT_EXPECTED: the
    schedule of the participant ended before the window closed.
    """

    UPCOMING = "not_due"
    DUE = "due"
    OVERDUE = "overdue"
    MISSED = "missed"
    DONE = "done"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True)
class Window:
    """The days on which a planned visit may take place, both ends included."""

    visit: str
    target: date
    opens: date
    closes: date

    def holds(self, day: date) -> bool:
        """Whether a visit on that day lies in the window."""
        return self.opens <= day <= self.closes


@dataclass(frozen=True)
class Planned:
    """A visit with its window and where it stands."""

    visit: Visit
    window: Window
    due: Due


class Tracked(Shape):
    """Whoever may have been allocated a treatment: the label of the arm, "" before."""

    track: str


def months_after(day: date, months: int) -> date:
    """The same day of the month so many calendar months later, or the last day of a shorter month.

    31 August and six months: 28 February, 29 in leap years. Raises ValueError outside the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def windows(protocol: Protocol, look: Lookup) -> dict[str, Window]:
    """The window of each visit that has a target, by visit, as far as the day that it counts from is known."""
    found = {}
    for visit in protocol.visits:
        start = look(visit.counts_from) if visit.has_target else UNKNOWN
        window = _window(visit, start) if isinstance(start, date) else None
        if window:
            found[visit.id] = window
    return found


def expected(protocol: Protocol, visit: str, form: Form, look: Lookup) -> tuple[str, Window] | None:
    """The item of a form that holds the day of a planned assessment, and the window it should lie in; None where the
    visit has no window or the form is another."""
    plan = protocol.assessments
    window = windows(protocol, look).get(visit) if plan and plan.form == form.id else None
    return (plan.on, window) if plan and window else None


def not_done(
    plan: AssessmentPlan, visit: Visit, values: Mapping[str, Stored], missing: Mapping[str, str]
) -> tuple[Modality, ...]:
    """What the schedule asks at the visit and a record of the assessments' form does not say was done.

    What does not apply to the participant is not asked. Whether the rest is adequate is judged by the analysis.
    """
    return tuple(
        each
        for each in plan.modalities
        if each.id in visit.modalities
        and values.get(each.done) != "yes"
        and missing.get(each.done) != MissingReason.NOT_APPLICABLE
    )


def planned(
    protocol: Protocol,
    look: Lookup,
    offers: Offers,
    *,
    today: date,
    entered: Mapping[str, Collection[str]],
    ended_on: date | None = None,
    over: bool = False,
) -> list[Planned]:
    """Every visit that has a window and a form that is offered, in the order of the protocol, as it stands today.

    `entered` holds the submitted forms by visit: a visit is done when it has some and none is wanting. After
    `ended_on`, and altogether when `over`, nothing is due.
    """
    known = windows(protocol, look)
    end = _end(today, ended_on, over)
    found = []
    for visit in protocol.visits:
        window = known.get(visit.id)
        if window is None:
            continue
        submitted = entered.get(visit.id, ())
        forms = {form for form in visit.forms if offers(protocol.forms[form])}
        if forms or submitted:
            due = standing(
                window,
                today=today,
                done=bool(submitted) and forms <= set(submitted),
                ended_on=end,
                next_opens=_next_opens(protocol, known, visit) if window.closes < today else None,
            )
            found.append(Planned(visit, window, due))
    return found


def standing(
    window: Window,
    *,
    today: date,
    done: bool,
    ended_on: date | None = None,
    next_opens: date | None = None,
) -> Due:
    """Where one visit stands: what was done stays done, what nobody may ask for any more is not due."""
    if done:
        return Due.DONE
    if ended_on is not None:
        return Due.MISSED if window.closes < ended_on else Due.NOT_EXPECTED
    if today < window.opens:
        return Due.UPCOMING
    if today <= window.closes:
        return Due.DUE
    return Due.MISSED if next_opens is not None and next_opens <= today else Due.OVERDUE


def ended_on(protocol: Protocol, look: Lookup, records_of: RecordsOf) -> date | None:
    """The first day on which the schedule of the participant ended, by `no_visits_after` or a withdrawal.

    Of a partial date the earliest day counts: nobody is asked for after a death in that month.
    """
    days = [_day(look(address)) for address in protocol.no_visits_after]
    known = [day for day in [*days, withdrawn_on(protocol, records_of)] if day is not None]
    return min(known, default=None)


def withdrawn_on(protocol: Protocol, records_of: RecordsOf) -> date | None:
    """The first day on which a form of the protocol says that consent was withdrawn."""
    days = [
        _day(record[form.milestone.on])
        for form in protocol.forms.values()
        if form.milestone and form.milestone.kind is MilestoneKind.WITHDRAWAL
        for record in records_of(form.id)
        if takes_step(form, record)
    ]
    return min((day for day in days if day is not None), default=None)


def takes_step(form: Form, values: Mapping[str, Value | Unknown]) -> bool:
    """Whether a record of a form with a milestone takes its step; `values` holds every item of the form."""
    if form.milestone is None:
        return False
    return form.milestone.when is None or parse(form.milestone.when).evaluate(values) is True


def applicable(form: Form, look: Lookup, arm: str) -> bool:
    """Whether the form applies; `arm` is "" where there is none yet."""
    if form.applies is None:
        return True

    def told(address: str) -> Value | Unknown:
        return (arm or UNKNOWN) if address == ARM else look(address)

    return parse(form.applies).evaluate(told) is True


def applies_to(participant: Tracked, form: Form, look: Lookup) -> bool:
    """Whether the form applies to this participant, whatever her arm: only the answer is told."""
    return applicable(form, look, participant.track)


def offered_to(participant: Tracked, protocol: Protocol, look: Lookup, *, knowing: bool) -> Offers:
    """Which forms are offered to somebody who looks at this participant.

    Not `knowing`, she may not know the arm: whatever hangs on it is not offered, since that would tell, and the arm
    is not even asked for.
    """
    known: dict[str, bool] = {}

    def offers(form: Form) -> bool:
        if form.id not in known:
            known[form.id] = (
                applies_to(participant, form, look)
                if knowing
                else not hangs_on_arm(protocol, form) and applicable(form, look, "")
            )
        return known[form.id]

    return offers


def hangs_on_arm(protocol: Protocol, form: Form) -> bool:
    """Whether it would give the arm away if the form applies: by the arm itself, or by an item that reveals it."""
    named = traced(form.applies, protocol.derived) if form.applies else ()
    return any(tells(address, protocol) for address in named)


def _end(today: date, ended_on: date | None, over: bool) -> date | None:
    """The day from which nothing is asked for, None while the schedule runs."""
    if over:
        return ended_on or date.min
    return ended_on if ended_on is not None and ended_on <= today else None


def _window(visit: Visit, start: date) -> Window | None:
    before, after = visit.window or (0, 0)
    try:
        target = (
            start + timedelta(days=visit.target_day)
            if visit.target_day is not None
            else months_after(start, visit.target_month or 0)
        )
        return Window(visit.id, target, target + timedelta(days=before), target + timedelta(days=after))
    except (OverflowError, ValueError):
        # A year beyond the calendar was recorded: there is no such window, and no page should fail for it.
        return None


def _next_opens(protocol: Protocol, known: Mapping[str, Window], visit: Visit) -> date | None:
    later = [
        known[other.id].opens
        for other in protocol.visits
        if other.id in known
        and other.counts_from == visit.counts_from
        and known[other.id].target > known[visit.id].target
    ]
    return min(later, default=None)


def _day(value: Value | Unknown) -> date | None:
    if isinstance(value, date):
        return value
    return earliest(value) if isinstance(value, str) else None
