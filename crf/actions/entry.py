"""Writes of floor 1: saving, submitting and correcting a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crf import checks, selectors
from crf.checks import Finding, Raw, Reading
from crf.models import Record, Visit
from crf.states import RECORD, RecordState
from trial import audit
from trial.actions import participants
from trial.models import Participant, Person
from trial.protocol.forms import CheckLevel, Form, RevealsArm
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.selectors import parsed, protocol_of
from trial.states import ParticipantState


class EntryRefused(Refusal):
    """What was entered does not pass: `findings` says why, item by item. Nothing was saved."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(
            "entry.findings",
            _("Nothing was saved: %(number)s entries need attention.") % {"number": len(findings)},
            remedy=_("Correct them and submit again."),
            item=findings[0].item,
        )
        self.findings = findings


@dataclass(frozen=True)
class Entry:
    """What somebody typed into one form: answers and missing reasons by item, reasons for soft findings by rule.

    `version` is the record's version the person looked at, 0 for a record that did not exist yet.
    """

    visit: str
    form: str
    raw: Raw
    reasons: Mapping[str, str] = field(default_factory=dict)
    soft_reasons: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    visit_repeat: int = 1
    repeat: int = 1


@audit.audited
def save_draft(*, participant: Participant, entry: Entry, by: Person) -> Record:
    """Keep what can be read of an unfinished form. Raises Refusal for a stale page or a submitted record."""
    participant, protocol, record = _opened(participant, entry)
    form = _form(protocol, entry)
    reading = checks.read(form, protocol.choices, entry.raw, entry.reasons)
    _refuse([finding for finding in reading.findings])
    before = _content(record)
    _move(record, RecordState.DRAFT)
    _fill(record, reading, entry)
    record.save()
    _record_act("record.saved", record, form, before)
    return record


@audit.audited
def submit(*, participant: Participant, entry: Entry, by: Person) -> Record:
    """Submit a form: from now on every change needs a reason. Raises EntryRefused or Refusal."""
    participant, protocol, record = _opened(participant, entry)
    form = _form(protocol, entry)
    reading = _passed(participant, protocol, form, record, entry)
    before = _content(record)
    _move(record, RecordState.SUBMITTED)
    _fill(record, reading, entry)
    record.submitted_at, record.submitted_by = timezone.now(), by
    record.save()
    _record_act("record.submitted", record, form, before)
    return record


@audit.audited
def correct(*, participant: Participant, entry: Entry, reason: str, by: Person) -> Record:
    """Change a submitted record, with the reason why. Raises EntryRefused or Refusal; returns it unchanged
    when nothing differs."""
    if not reason.strip():
        raise Refusal(
            "correct.reason",
            _("A change after submission needs a reason."),
            remedy=_("Say why the value changes, for example: transcription error."),
            item="reason",
        )
    participant, protocol, record = _opened(participant, entry)
    protocol = parsed(record.protocol) if record.pk else protocol
    form = _form(protocol, entry)
    reading = _passed(participant, protocol, form, record, entry)
    before = _content(record)
    if (reading.values, reading.missing) == (record.values, record.missing):
        return record
    _move(record, RecordState.CORRECTED)
    _fill(record, reading, entry)
    record.save()
    _record_act("record.corrected", record, form, before)
    return record


def _opened(participant: Participant, entry: Entry) -> tuple[Participant, Protocol, Record]:
    """Lock the participant, find or prepare the record, refuse a stale page."""
    participant = participants.locked(participant)
    if participant.state == ParticipantState.WITHDRAWN:
        raise Refusal("entry.withdrawn", _("The participant has withdrawn: nothing may be entered."))
    record = Record.objects.filter(
        participant=participant,
        visit__key=entry.visit,
        visit__repeat=entry.visit_repeat,
        form=entry.form,
        repeat=entry.repeat,
    ).select_related("visit", "protocol").first()
    if (record.version if record else 0) != entry.version:
        raise Refusal(
            "entry.stale",
            _("Somebody else has saved this form since you opened it."),
            remedy=_("Open it again, look at what changed, then enter your values."),
        )
    protocol = protocol_of(participant.trial)
    return participant, protocol, record or _prepared(participant, protocol, entry)


def _prepared(participant: Participant, protocol: Protocol, entry: Entry) -> Record:
    planned = next((visit for visit in protocol.visits if visit.id == entry.visit), None)
    if planned is None or entry.form not in planned.forms or (entry.visit_repeat > 1 and not planned.repeats):
        raise Refusal(
            "entry.place",
            _("The protocol has no form %(form)s at visit %(visit)s.") % {"form": entry.form, "visit": entry.visit},
            remedy=_("Choose a form from the casebook."),
        )
    visit = Visit.objects.filter(participant=participant, key=entry.visit, repeat=entry.visit_repeat).first()
    if visit is None:
        visit = Visit(participant=participant, key=entry.visit, repeat=entry.visit_repeat)
        visit.save()
    return Record(
        participant=participant,
        visit=visit,
        form=entry.form,
        repeat=entry.repeat,
        protocol=participant.trial.protocol,
        state=RecordState.EMPTY,
        version=0,
    )


def _form(protocol: Protocol, entry: Entry) -> Form:
    return protocol.forms[entry.form]


def _passed(participant: Participant, protocol: Protocol, form: Form, record: Record, entry: Entry) -> Reading:
    reading = checks.read(form, protocol.choices, entry.raw, entry.reasons)
    outside = selectors.lookup(participant, but=record, protocol=protocol)
    found = checks.judge(form, reading, outside)
    answered = {rule for rule, why in entry.soft_reasons.items() if why.strip()}
    _refuse([f for f in found if f.level is CheckLevel.HARD or soft_key(f) not in answered])
    return reading


def soft_key(finding: Finding) -> str:
    """The key under which the reason for a soft finding is kept: rule and item."""
    return f"{finding.rule}:{finding.item}"


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise EntryRefused(findings)


def _move(record: Record, to: RecordState) -> None:
    if to not in RECORD[RecordState(record.state)]:
        raise Refusal(
            "entry.state",
            _("This form is %(state)s.") % {"state": record.state},
            remedy=_("Use correction, with a reason, for a form that was submitted."),
        )
    record.state = to


def _fill(record: Record, reading: Reading, entry: Entry) -> None:
    record.values, record.missing = reading.values, reading.missing
    record.soft_reasons = {key: why.strip() for key, why in entry.soft_reasons.items() if why.strip()}
    record.version += 1


def _content(record: Record) -> dict[str, Any]:
    return {**record.values, **{item: {"missing": why} for item, why in record.missing.items()}}


def _record_act(verb: str, record: Record, form: Form, before: dict[str, Any]) -> None:
    after = _content(record)
    changes = {
        item: {"from": before.get(item), "to": after.get(item)}
        for item in sorted({*before, *after})
        if before.get(item) != after.get(item)
    }
    shows_arm = any(form.reveals(form.item(item)) is not RevealsArm.NO for item in changes)
    audit.record(
        verb,
        on=f"{record.visit.key}.{record.visit.repeat}/{record.form}.{record.repeat}",
        participant=record.participant,
        changes=changes,
        shows_arm=shows_arm,
    )
