"""Reads of floor 1."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from sys import maxsize
from typing import Any

from django.db.models import QuerySet

from crf import schedule
from crf.definitions import Stored, typed, typed_values
from crf.models import Record
from crf.schedule import Offers, Planned
from crf.states import COUNTED, RecordState
from trial.models import Participant, Trial
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.forms import Form
from trial.protocol.schema import Protocol, Visit
from trial.selectors import parsed, protocol_of, protocol_version
from trial.states import ENDED, ParticipantState

# Of the records of one participant: the first of a form is the one that its address names.
ENTRY_ORDER = ("visit__repeat", "repeat", "pk")


@dataclass(frozen=True)
class Cell:
    """One form of one visit in the casebook, with its record where there is one."""

    form: Form
    visit: Visit
    visit_repeat: int
    repeat: int
    record: Record | None

    @property
    def state(self) -> str:
        return self.record.state if self.record else RecordState.EMPTY


@dataclass(frozen=True)
class InHand:
    """A form as somebody is entering it: derived values are computed from what was typed, not from what is stored."""

    form: Form
    visit_repeat: int
    repeat: int
    values: Mapping[str, Stored]


@dataclass(frozen=True)
class ItemChange:
    """One step in the life of an item: who, when (UTC), from, to, why. Values are stored values or reasons."""

    at: datetime
    by: str
    old: Any
    old_missing: str
    new: Any
    new_missing: str
    state: str
    reason: str


@dataclass(frozen=True)
class Saved:
    """One version of a record: when (UTC) and by whom it was saved, stored values and reasons by item."""

    at: datetime
    by: str
    values: dict[str, Any]
    missing: dict[str, str]


def records_of(participant: Participant) -> list[Record]:
    """All records of a participant in entry order, drafts included."""
    return list(_in_order(participant).select_related("visit", "submitted_by"))


def records_without_people(participant: Participant) -> list[Record]:
    """The same, where nobody asks who submitted them: reading each person once for each record takes its time."""
    return list(_in_order(participant).select_related("visit"))


def record_at(
    participant: Participant, *, visit: str, visit_repeat: int, form: str, repeat: int
) -> Record | None:
    """The record at one place of the casebook, None where nothing was entered yet."""
    rows = Record.objects.filter(participant=participant, visit__key=visit, visit__repeat=visit_repeat)
    rows = rows.select_related("visit", "protocol", "submitted_by")
    return rows.filter(form=form, repeat=repeat).first()


def visit_exists(participant: Participant, visit: str, repeats: Iterable[int]) -> bool:
    """Whether something was entered at one of these repeats of a visit."""
    rows = Record.objects.filter(participant=participant, visit__key=visit, visit__repeat__in=[*repeats])
    return rows.exists()


def saved_as(record: Record, version: int) -> Saved | None:
    """What one version of a record held and who saved it; None for a version that never was."""
    rows = record.history.filter(version=version).select_related("history_user")
    row = rows.order_by("-history_id").first()
    if row is None:
        return None
    by = row.history_user.name if row.history_user else ""
    return Saved(at=row.history_date, by=by, values=row.values, missing=row.missing)


def casebook(
    participant: Participant, records: list[Record], offers: Offers
) -> list[tuple[Visit, int, list[Cell]]]:
    """Visits in protocol order, each repeat on its own, with a cell for each record and each form that is offered."""
    protocol = protocol_of(participant.trial)
    table = []
    for visit in protocol.visits:
        repeats = sorted({r.visit.repeat for r in records if r.visit.key == visit.id}) or [1]
        for repeat in repeats:
            cells = _cells(protocol, visit, repeat, records, offers)
            if cells:
                table.append((visit, repeat, cells))
    return table


def lookup(
    participant: Participant,
    *,
    protocol: Protocol,
    but: Record | None = None,
    in_hand: InHand | None = None,
    among: Iterable[Record] | None = None,
) -> Lookup:
    """Answers addresses outside the open form: the first counted record of each form, derived values, the participant
    without her arm, today. `but` is left out; what is `in_hand` stands in its place.

    `among` are the records of the participant in entry order, where they are loaded already.
    """
    answers = Answers(participant, protocol, _held(participant, but, in_hand, among))
    return with_derived(protocol, answers.look, answers.records_of)


@dataclass(frozen=True)
class Answers:
    """What the counted records of one participant and the participant herself answer, derived values apart."""

    participant: Participant
    protocol: Protocol
    held: Mapping[str, Sequence[Mapping[str, Stored]]]

    @cached_property
    def facts(self) -> dict[str, Value | Unknown]:
        return participant_facts(self.participant)

    def look(self, address: str) -> Value | Unknown:
        """The value of the first record of the form, or a fact about the participant."""
        if address in self.facts:
            return self.facts[address]
        form, _, item = address.partition(".")
        values = next(iter(self.held.get(form, ())), None)
        if values is None or form not in self.protocol.forms:
            return UNKNOWN
        return typed(self.protocol.forms[form].item(item), values.get(item))

    def records_of(self, form: str) -> list[Mapping[str, Value | Unknown]]:
        """Every counted record of a form, in order, typed."""
        return [typed_values(self.protocol.forms[form], values) for values in self.held.get(form, ())]


def answers(participant: Participant, *, protocol: Protocol, among: Iterable[Record]) -> Answers:
    """What loaded records answer, drafts left aside."""
    return Answers(participant, protocol, _held(participant, None, None, among))


def planned_visits(
    answers: Answers, look: Lookup, offers: Offers, entered: Iterable[tuple[str, str]]
) -> list[Planned]:
    """The visits with a window as they stand on this day at the site.

    `look` answers derived values, too; `entered` names visit and form of every submitted record.
    """
    forms: dict[str, set[str]] = {}
    for visit, form in entered:
        forms.setdefault(visit, set()).add(form)
    return schedule.planned(
        answers.protocol,
        look,
        offers,
        today=answers.participant.site.today,
        entered=forms,
        ended_on=schedule.ended_on(answers.protocol, look, answers.records_of),
        over=ParticipantState(answers.participant.state) in ENDED,
    )


def _in_order(participant: Participant) -> QuerySet[Record]:
    return Record.objects.filter(participant=participant).order_by(*ENTRY_ORDER)


def _held(
    participant: Participant, but: Record | None, in_hand: InHand | None, among: Iterable[Record] | None
) -> dict[str, list[Mapping[str, Stored]]]:
    rows = records_without_people(participant) if among is None else among
    placed = [
        (row.visit.repeat, row.repeat, row.pk, row.form, row.values)
        for row in rows
        if row.state in COUNTED and (but is None or row.pk != but.pk)
    ]
    if in_hand:
        # A record that does not exist yet comes after those that do.
        key = but.pk if but is not None and but.pk is not None else maxsize
        placed.append((in_hand.visit_repeat, in_hand.repeat, key, in_hand.form.id, in_hand.values))
    held: dict[str, list[Mapping[str, Stored]]] = {}
    for _visit, _repeat, _pk, form, values in sorted(placed, key=itemgetter(0, 1, 2)):
        held.setdefault(form, []).append(values)
    return held


def participant_facts(participant: Participant) -> dict[str, Value | Unknown]:
    """The addresses that every expression may use besides items; the arm is not among them."""
    randomized = participant.randomized_on
    consented = participant.consented_on
    return {
        "participant.randomized_on": UNKNOWN if randomized is None else randomized,
        "participant.consented_on": UNKNOWN if consented is None else consented,
        "participant.site": participant.site.code,
        "today": participant.site.today,
    }


def item_changes(record: Record, item: str) -> list[ItemChange]:
    """The history of one item, oldest first: only the steps that changed it."""
    changes: list[ItemChange] = []
    old: Any = None
    old_missing = ""
    for row in record.history.select_related("history_user").order_by("history_id"):
        new, new_missing = row.values.get(item), row.missing.get(item, "")
        if (new, new_missing) != (old, old_missing):
            changes.append(
                ItemChange(
                    at=row.history_date,
                    by=row.history_user.name if row.history_user else "",
                    old=old,
                    old_missing=old_missing,
                    new=new,
                    new_missing=new_missing,
                    state=row.state,
                    reason=row.history_change_reason or "",
                )
            )
        old, old_missing = new, new_missing
    return changes


def corrected_items(record: Record) -> frozenset[str]:
    """Items whose value or missing reason has changed since the first submission."""
    rows = record.history.exclude(state=RecordState.DRAFT).order_by("history_id").values("values", "missing")
    changed: set[str] = set()
    first: Mapping[str, Any] | None = None
    for row in rows:
        first = first or row
        names = {*row["values"], *row["missing"], *first["values"], *first["missing"]}
        changed |= {n for n in names if _pair(row, n) != _pair(first, n)}
    return frozenset(changed)


def long_frame(trial: Trial) -> Iterator[dict[str, Any]]:
    """One row per item of every counted record: participant, site, visit, form, repeats, item, value, reason, mark.

    `reveals` says how far the item gives the arm away (`no`, `yes`, `content`).
    """
    rows = Record.objects.filter(participant__trial=trial, state__in=COUNTED)
    rows = rows.select_related("participant__site", "visit")
    for record in rows.order_by("participant__label", "form", "visit__key", "visit__repeat", "repeat"):
        form = parsed(protocol_version(record.protocol_id)).forms[record.form]
        for item in form.items:
            value = record.values.get(item.id)
            yield {
                "label": record.participant.label,
                "site": record.participant.site.code,
                "visit": record.visit.key,
                "visit_repeat": record.visit.repeat,
                "form": record.form,
                "repeat": record.repeat,
                "item": item.id,
                "value": ";".join(value)
                if isinstance(value, list)
                else None
                if value is None
                else str(value),
                "missing": record.missing.get(item.id),
                "reveals": form.row_reveals(item).value,
            }


def _pair(row: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return row["values"].get(name), row["missing"].get(name)


def _cells(
    protocol: Protocol, visit: Visit, repeat: int, records: list[Record], offers: Offers
) -> list[Cell]:
    cells = []
    for key in visit.forms:
        found = [r for r in records if (r.visit.key, r.visit.repeat, r.form) == (visit.id, repeat, key)]
        form = protocol.forms[key]
        cells += [Cell(form, visit, repeat, r.repeat, r) for r in found]
        if not found and offers(form):
            cells.append(Cell(form, visit, repeat, 1, None))
    return cells
