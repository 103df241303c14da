"""Writes of floor 1: saving, submitting and correcting a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crf import checks, schedule, selectors
from crf.actions import milestones
from crf.actions.admission import barred
from crf.checks import Finding, Raw, Reading, blocking, item_of
from crf.models import Record, Visit
from crf.selectors import InHand
from crf.states import COUNTED, RECORD, RecordState
from trial import audit
from trial.actions import participants
from trial.models import Participant, Person
from trial.protocol.derivations import Lookup
from trial.protocol.forms import Form
from trial.protocol.revealing import answer_tells
from trial.protocol.schedule import Visit as PlannedVisit
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.selectors import parsed, protocol_of, protocol_version, version_in_force


class EntryRefused(Refusal):
    """What was entered does not pass: `findings` says why, item by item. Nothing was saved."""

    def __init__(self, findings: list[Finding], *, shows_arm: bool = False) -> None:
        super().__init__(
            "entry.findings",
            _("Nothing was saved: %(number)s entries need attention.") % {"number": len(findings)},
            remedy=_("Correct them and submit again."),
            item=findings[0].item,
            # Which item is wrong tells which items were asked, and those may hang on the arm.
            shows_arm=shows_arm,
        )
        self.findings = findings


@dataclass(frozen=True)
class Entry:
    """What somebody typed into one form: answers and missing reasons by item, reasons by soft finding's key.

    `version` is the record's version the person looked at, 0 for a record that did not exist yet. `accepting` is the
    reason for every soft finding that has none of its own: for what is brought in as a whole, never for a page.
    """

    visit: str
    form: str
    raw: Raw
    reasons: Mapping[str, str] = field(default_factory=dict)
    soft_reasons: Mapping[str, str] = field(default_factory=dict)
    accepting: str = ""
    version: int = 0
    visit_repeat: int = 1
    repeat: int = 1


@dataclass(frozen=True)
class _Case:
    """What an entry is about, the participant locked: `records` are all of hers, `form` that of the `protocol`."""

    participant: Participant
    protocol: Protocol
    form: Form
    record: Record
    records: list[Record]

    def look(self, in_hand: InHand) -> Lookup:
        """Answers addresses outside the form, derived values from what was typed."""
        return selectors.lookup(
            self.participant, protocol=self.protocol, but=self.record, in_hand=in_hand, among=self.records
        )


@audit.audited
def save_draft(*, participant: Participant, entry: Entry, by: Person) -> Record:
    """Keep an unfinished form, required items and edit checks left aside.

    Raises EntryRefused for what cannot be read, Refusal for a stale page or a submitted record.
    """
    case = _opened(participant, entry, RecordState.DRAFT)
    record, form = case.record, case.form
    reading = checks.read(form, case.protocol.choices, entry.raw, entry.reasons)
    _refuse(form, list(reading.findings))
    before = _content(record)
    record.state = RecordState.DRAFT
    _fill(record, reading, _given(entry))
    record.protocol = version_in_force(case.participant.trial)
    record.save()
    _record_act("record.saved", record, form, before)
    return record


@audit.audited
def submit(*, participant: Participant, entry: Entry, by: Person) -> Record:
    """Submit a form: from now on every change needs a reason; a milestone of the form is taken with it.

    Raises EntryRefused or Refusal.
    """
    case = _opened(participant, entry, RecordState.SUBMITTED)
    record, form = case.record, case.form
    reading, accepted = _passed(case, entry)
    before = _content(record)
    record.state = RecordState.SUBMITTED
    _fill(record, reading, accepted)
    # A draft may have been begun under an earlier text; the answers were judged by the one in force.
    record.protocol = version_in_force(case.participant.trial)
    record.submitted_at, record.submitted_by = timezone.now(), by
    record.save()
    milestones.take(participant=case.participant, form=form, values=record.values, by=by)
    _record_act("record.submitted", record, form, before)
    return record


@audit.audited
def correct(*, participant: Participant, entry: Entry, reason: str, by: Person) -> Record:
    """Change a submitted record, with the reason why; a milestone of the form follows.

    Raises EntryRefused or Refusal; returns it unchanged when nothing differs.
    """
    if not reason.strip():
        raise Refusal(
            "correct.reason",
            _("A change after submission needs a reason."),
            remedy=_("Say why the value changes, for example: transcription error."),
            item="reason",
        )
    case = _opened(participant, entry, RecordState.CORRECTED)
    record, form = case.record, case.form
    reading, accepted = _passed(case, entry)
    before, values = _content(record), record.values
    now = (record.values, record.missing, record.soft_reasons)
    if (reading.values, reading.missing, accepted) == now:
        return record
    record.state = RecordState.CORRECTED
    _fill(record, reading, accepted)
    record.save()
    milestones.retake(
        participant=case.participant,
        protocol=case.protocol,
        form=form,
        before=values,
        after=record.values,
        # The record of the case is one of them, and holds the corrected values by now.
        records_of=selectors.answers(case.participant, protocol=case.protocol, among=case.records).records_of,
        reason=reason,
        by=by,
    )
    _record_act("record.corrected", record, form, before)
    return record


def _opened(participant: Participant, entry: Entry, to: RecordState) -> _Case:
    """Lock the participant, find or prepare the record; refuse a stale page and a step that may not follow."""
    try:
        return _found(participant, entry, to)
    except Refusal as refusal:
        form = protocol_of(participant.trial).forms.get(entry.form)
        # The reason typed for a refused correction may speak of the arm as the answers would have.
        reveals = form is not None and answer_tells(form, [item.id for item in form.items])
        refusal.shows_arm = refusal.shows_arm or reveals
        raise


def _found(participant: Participant, entry: Entry, to: RecordState) -> _Case:
    participant = participants.locked(participant)
    protocol = protocol_of(participant.trial)
    records = selectors.records_without_people(participant)
    record = next((each for each in records if _place(each) == _place_of(entry)), None)
    if (record.version if record else 0) != entry.version:
        raise Refusal(
            "entry.stale",
            _("Somebody else has saved this form since you opened it."),
            remedy=_("Open it again, look at what changed, then enter your values."),
        )
    if record is None:
        planned = _planned(protocol, entry)
        _admit(participant, protocol, entry, None, records)
        record = _prepared(participant, planned, entry)
    else:
        record.participant = participant
        if record.state in COUNTED:
            protocol = parsed(protocol_version(record.protocol_id))
        _admit(participant, protocol, entry, record, records)
    _check_step(RecordState(record.state), to)
    return _Case(participant, protocol, _form(protocol, entry), record, records)


def _place(record: Record) -> tuple[str, int, str, int]:
    return record.visit.key, record.visit.repeat, record.form, record.repeat


def _place_of(entry: Entry) -> tuple[str, int, str, int]:
    return entry.visit, entry.visit_repeat, entry.form, entry.repeat


def _admit(
    participant: Participant, protocol: Protocol, entry: Entry, record: Record | None, records: list[Record]
) -> None:
    refusal = barred(
        participant,
        protocol,
        _form(protocol, entry),
        record,
        lambda: selectors.lookup(participant, protocol=protocol, among=records),
    )
    if refusal:
        raise refusal


def _planned(protocol: Protocol, entry: Entry) -> PlannedVisit:
    """The visit of the protocol that has the form. Raises Refusal where there is none."""
    planned = next((visit for visit in protocol.visits if visit.id == entry.visit), None)
    if planned is None or entry.form not in planned.forms or (entry.visit_repeat > 1 and not planned.repeats):
        raise _no_place(entry)
    return planned


def _prepared(participant: Participant, planned: PlannedVisit, entry: Entry) -> Record:
    visit = Visit.objects.filter(participant=participant, key=planned.id, repeat=entry.visit_repeat).first()
    if visit is None:
        visit = Visit(participant=participant, key=planned.id, repeat=entry.visit_repeat)
        visit.save()
    return Record(
        participant=participant,
        visit=visit,
        form=entry.form,
        repeat=entry.repeat,
        protocol=version_in_force(participant.trial),
        state=RecordState.EMPTY,
        version=0,
    )


def _no_place(entry: Entry) -> Refusal:
    return Refusal(
        "entry.place",
        _("The protocol has no form %(form)s at visit %(visit)s.")
        % {"form": entry.form, "visit": entry.visit},
        remedy=_("Choose a form from the casebook."),
    )


def _form(protocol: Protocol, entry: Entry) -> Form:
    """The form's definition; a draft may outlive its form when a newer protocol drops it."""
    if entry.form not in protocol.forms:
        raise _no_place(entry)
    return protocol.forms[entry.form]


def _passed(case: _Case, entry: Entry) -> tuple[Reading, dict[str, str]]:
    """What was read, and the reasons given for the soft findings that it raises. Raises EntryRefused."""
    form = case.form
    reading = checks.read(form, case.protocol.choices, entry.raw, entry.reasons)
    outside = case.look(InHand(form, entry.visit_repeat, entry.repeat, reading.values))
    expected = schedule.expected(case.protocol, entry.visit, form, outside)
    found = checks.judge(form, reading, outside, expected=expected)
    given = _given(entry)
    if entry.accepting.strip():
        given = {**{each.key: entry.accepting.strip() for each in found}, **given}
    _refuse(form, blocking(found, given))
    return reading, {each.key: given[each.key] for each in found}


def _given(entry: Entry) -> dict[str, str]:
    return {key: why.strip() for key, why in entry.soft_reasons.items() if why.strip()}


def _refuse(form: Form, findings: list[Finding]) -> None:
    if findings:
        raise EntryRefused(findings, shows_arm=answer_tells(form, {finding.item for finding in findings}))


def _check_step(at: RecordState, to: RecordState) -> None:
    if to in RECORD[at]:
        return
    if to is RecordState.CORRECTED:
        raise Refusal(
            "entry.state",
            _("This form is not submitted yet."),
            remedy=_("Submit it; from then on it is changed by corrections."),
        )
    raise Refusal(
        "entry.state",
        _("This form was submitted already."),
        remedy=_("Open it again and choose Correct: a change after submission needs a reason."),
    )


def _fill(record: Record, reading: Reading, accepted: Mapping[str, str]) -> None:
    record.values, record.missing = reading.values, reading.missing
    record.soft_reasons = dict(accepted)
    record.version += 1


def _content(record: Record) -> dict[str, Any]:
    """Values and missing reasons by item, reasons for soft findings by their key (rule:item)."""
    missing = {item: {"missing": why} for item, why in record.missing.items()}
    return {**record.values, **missing, **record.soft_reasons}


def _record_act(verb: str, record: Record, form: Form, before: dict[str, Any]) -> None:
    after = _content(record)
    changes = {
        item: {"from": before.get(item), "to": after.get(item)}
        for item in sorted({*before, *after})
        if before.get(item) != after.get(item)
    }
    shows_arm = bool(changes) and answer_tells(form, {item_of(name) for name in changes})
    audit.record(
        verb,
        on=f"{record.visit.key}.{record.visit.repeat}/{record.form}.{record.repeat}",
        participant=record.participant,
        changes=changes,
        shows_arm=shows_arm,
    )
