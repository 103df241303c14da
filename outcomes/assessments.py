"""Rules room of floor 3: which disease assessments are adequate, and which planned ones were missed before a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from crf.schedule import Window, windows
from outcomes.records import FormRecord
from trial.protocol.derivations import Lookup
from trial.protocol.schedule import AssessmentPlan, Modality, ModalityKind, Visit
from trial.protocol.schema import Protocol

_LOOKED_AT = frozenset({ModalityKind.IMAGING, ModalityKind.ENDOSCOPY})


@dataclass(frozen=True)
class Assessment:
    """A planned disease assessment: its window, and the first day in it on which all that it asks was done."""

    window: Window
    adequate_on: date | None


def adequate(
    record: FormRecord, visit: Visit | None, plan: AssessmentPlan, *, until: date = date.max
) -> bool:
    """Whether a record of the assessments' form is adequate for a visit.

    An examination with all imaging and endoscopy that the schedule asks then; where it lists nothing, with any.
    Laboratory values alone are not an assessment, and what is not known to be done was not done. What does not apply
    to the participant (rectoscopy after removal of the rectum) is not asked. What has a date of its own after `until`
    does not count; what has none is of the day of the visit.
    """
    done = {each.id for each in plan.modalities if _done(record, each, until)}
    looks = {each.id for each in plan.modalities if each.kind in _LOOKED_AT}
    if not any(each.kind is ModalityKind.EXAMINATION for each in plan.modalities if each.id in done):
        return False
    if visit is None or not visit.modalities:
        return bool(done & looks)
    applicable = {each.id for each in plan.modalities if each.done not in record.inapplicable}
    return {each for each in visit.modalities if each in looks & applicable} <= done


def _done(record: FormRecord, modality: Modality, until: date) -> bool:
    on = record.values.get(modality.on) if modality.on else None
    return record.values.get(modality.done) == "yes" and not (isinstance(on, date) and on > until)


def adequate_record(protocol: Protocol, record: FormRecord, *, until: date = date.max) -> bool | None:
    """Whether a record is an adequate assessment of its own visit; None when its form holds no assessments."""
    plan = protocol.assessments
    if plan is None or record.form != plan.form:
        return None
    return adequate(record, _visits(protocol).get(record.visit), plan, until=until)


def planned(
    protocol: Protocol, look: Lookup, records: Iterable[FormRecord], *, until: date
) -> tuple[Assessment, ...]:
    """The planned disease assessments in the order of their targets, also those whose window is still open.

    Met by any record dated in the window, whatever visit it was entered under, that holds what the planned visit
    asks; what was done after `until` does not count. Without a schedule or an origin: none.
    """
    plan = protocol.assessments
    if plan is None:
        return ()
    visits = _visits(protocol)
    held = [record for record in records if record.form == plan.form]
    due = [w for w in windows(protocol, look).values() if plan.form in visits[w.visit].forms]
    return tuple(
        _assessment(window, visits[window.visit], held, plan, until)
        for window in sorted(due, key=lambda window: window.target)
    )


def missed_in_a_row(
    assessments: Sequence[Assessment], *, after: date, before: date
) -> tuple[Assessment, ...]:
    """The missed assessments right before a day: their windows opened after `after` and closed before `before`.

    Missed is a window that closed without an adequate assessment in it. `after` is the last adequate assessment,
    planned or not: it ends every row of missed ones.
    """
    between = [each for each in assessments if after < each.window.opens and each.window.closes < before]
    row = list(takewhile(lambda each: each.adequate_on is None, reversed(between)))
    return tuple(reversed(row))


def _visits(protocol: Protocol) -> dict[str, Visit]:
    return {visit.id: visit for visit in protocol.visits}


def _assessment(
    window: Window, visit: Visit, held: Sequence[FormRecord], plan: AssessmentPlan, until: date
) -> Assessment:
    days = [
        day
        for record in held
        if isinstance(day := record.values.get(plan.on), date)
        and window.holds(day)
        and adequate(record, visit, plan, until=until)
    ]
    return Assessment(window, min((day for day in days if day <= until), default=None))
