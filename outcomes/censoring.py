"""Rules room of floor 3: the FDA-style censoring set, as a last day after which nothing counts.

FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics (2018), appendix: events after missed
assessments and after new anticancer therapy are censored at the last adequate assessment before.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from outcomes.assessments import missed_in_a_row
from outcomes.dated import Timeline

MISSED = "before missed assessments"
NEW_THERAPY = "before new anticancer therapy"


@dataclass(frozen=True)
class End:
    """The last day on which an assessment counts, and the words why."""

    on: date
    why: str


def fda_style(timeline: Timeline, event_on: date | None) -> End | None:
    """Where the follow-up ends before the event on `event_on` (None: no event); None when it does not.

    New therapy ends it for those without an event too: else who falls ill later would be followed for a shorter time
    than who does not. Missed assessments matter only right before an event.
    """
    ends = [each for each in (_new_therapy(timeline, event_on), _missed(timeline, event_on)) if each]
    return min(ends, key=lambda end: end.on, default=None)


def _new_therapy(timeline: Timeline, event_on: date | None) -> End | None:
    plan = timeline.history.protocol.endpoints.fda_style
    starts = [dated.on for fact in (plan.new_therapy if plan else ()) for dated in timeline.dates(fact)]
    first = min((on for on in starts if on >= timeline.origin), default=None)
    if first is None or (event_on is not None and first >= event_on):
        return None
    return End(first, NEW_THERAPY)


def _missed(timeline: Timeline, event_on: date | None) -> End | None:
    plan = timeline.history.protocol.endpoints.fda_style
    if plan is None or event_on is None:
        return None
    seen = [day for day in timeline.history.adequate_on if day < event_on]
    last = max(seen, default=timeline.origin)
    row = missed_in_a_row(timeline.history.assessments, after=last, before=event_on)
    if len(row) < plan.missed:
        return None
    return End(row[0].window.opens - timedelta(days=1), MISSED)
