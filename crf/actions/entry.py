"""Writes of floor 1: saving, submitting and correcting a record."""

from collections.abc import Iterable, Mapping
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
from trial.selectors import parsed, protocol_of, version_in_force
from trial.states import ParticipantState


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
    """Keep an unfinished form, required items and edit checks left aside.

    Raises EntryRefused for what cannot be read, Refusal for a stale page or a submitted record.
    """
    participant, protocol, record = _opened(participant, entry, RecordState.DRAFT)
    form = _form(protocol, entry)
    reading = checks.read(form, protocol.choices, entry.raw, entry.reasons)
    _refuse(form, list(reading.findings))
    before = _content(record)
    record.state = RecordState.DRAFT
    _fill(record, reading, _given(entry))
    record.protocol = version_in_force(participant.trial)
    record.save()
    _record_act("record.saved", record, form, before)
    return record


@audit.audited
def submit(*, participant: Participant, entry: Entry, by: Person) -> Record:
    """Submit a form: from now on every change needs a reason. Raises EntryRefused or Refusal."""
    participant, protocol, record = _opened(participant, entry, RecordState.SUBMITTED)
    form = _form(protocol, entry)
    reading, accepted = _passed(participant, protocol, form, record, entry)
    before = _content(record)
    record.state = RecordState.SUBMITTED
    _fill(record, reading, accepted)
    # A draft may have been begun under an earlier text; the answers were judged by the one in force.
    record.protocol = version_in_force(participant.trial)
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
    participant, protocol, record = _opened(participant, entry, RecordState.CORRECTED)
    protocol = parsed(record.protocol)
    form = _form(protocol, entry)
    reading, accepted = _passed(participant, protocol, form, record, entry)
    before = _content(record)
    now = (record.values, record.missing, record.soft_reasons)
    if (reading.values, reading.missing, accepted) == now:
        return record
    record.state = RecordState.CORRECTED
    _fill(record, reading, accepted)
    record.save()
    _record_act("record.corrected", record, form, before)
    return record


def _opened(participant: Participant, entry: Entry, to: RecordState) -> tuple[Participant, Protocol, Record]:
    """Lock the participant, find or prepare the record; refuse a stale page and a step that may not follow."""
    try:
        return _found(participant, entry, to)
    except Refusal as refusal:
        form = protocol_of(participant.trial).forms.get(entry.form)
        # The reason typed for a refused correction may speak of the arm as the answers would have.
        refusal.shows_arm = form is not None and _reveals(form, [item.id for item in form.items])
        raise


def _found(participant: Participant, entry: Entry, to: RecordState) -> tuple[Participant, Protocol, Record]:
    participant = participants.locked(participant)
    refusal = closed(participant)
    if refusal:
        raise refusal
    record = (
        Record.objects.filter(
            participant=participant,
            visit__key=entry.visit,
            visit__repeat=entry.visit_repeat,
            form=entry.form,
            repeat=entry.repeat,
        )
        .select_related("visit", "protocol")
        .first()
    )
    if (record.version if record else 0) != entry.version:
        raise Refusal(
            "entry.stale",
            _("Somebody else has saved this form since you opened it."),
            remedy=_("Open it again, look at what changed, then enter your values."),
        )
    protocol = protocol_of(participant.trial)
    record = record or _prepared(participant, protocol, entry)
    _check_step(RecordState(record.state), to)
    return participant, protocol, record


def closed(participant: Participant) -> Refusal | None:
    """Why nothing may be entered: consent before data (21 CFR 11.10(f)), and nothing after it was withdrawn."""
    if participant.state == ParticipantState.WITHDRAWN:
        return Refusal(
            "entry.withdrawn",
            _("The participant has withdrawn: nothing may be entered."),
            remedy=_("What was entered before stays as it is."),
        )
    if participant.state == ParticipantState.SCREENING:
        return Refusal(
            "entry.consent",
            _("No consent is recorded for this participant: nothing may be entered yet."),
            remedy=_("Record the consent first."),
        )
    return None


def _prepared(participant: Participant, protocol: Protocol, entry: Entry) -> Record:
    planned = next((visit for visit in protocol.visits if visit.id == entry.visit), None)
    if planned is None or entry.form not in planned.forms or (entry.visit_repeat > 1 and not planned.repeats):
        raise _no_place(entry)
    visit = Visit.objects.filter(participant=participant, key=entry.visit, repeat=entry.visit_repeat).first()
    if visit is None:
        visit = Visit(participant=participant, key=entry.visit, repeat=entry.visit_repeat)
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


def _passed(
    participant: Participant, protocol: Protocol, form: Form, record: Record, entry: Entry
) -> tuple[Reading, dict[str, str]]:
    """What was read, and the reasons given for the soft findings that it raises. Raises EntryRefused."""
    reading = checks.read(form, protocol.choices, entry.raw, entry.reasons)
    outside = selectors.lookup(participant, but=record, protocol=protocol)
    found = checks.judge(form, reading, outside)
    given = _given(entry)
    _refuse(form, [f for f in found if f.level is CheckLevel.HARD or soft_key(f) not in given])
    return reading, {soft_key(f): given[soft_key(f)] for f in found}


def _given(entry: Entry) -> dict[str, str]:
    return {key: why.strip() for key, why in entry.soft_reasons.items() if why.strip()}


def soft_key(finding: Finding) -> str:
    """The key under which the reason for a soft finding is kept: rule and item."""
    return f"{finding.rule}:{finding.item}"


def _refuse(form: Form, findings: list[Finding]) -> None:
    if findings:
        raise EntryRefused(findings, shows_arm=_reveals(form, {finding.item for finding in findings}))


def _reveals(form: Form, items: Iterable[str]) -> bool:
    """Whether one of the items, or the form as a whole, gives the arm away."""
    known = {item.id: item for item in form.items}
    marks = [form.reveals_arm, *(form.reveals(known[item]) for item in items if item in known)]
    return any(mark is not RevealsArm.NO for mark in marks)


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
    shows_arm = bool(changes) and _reveals(form, {name.rpartition(":")[2] for name in changes})
    audit.record(
        verb,
        on=f"{record.visit.key}.{record.visit.repeat}/{record.form}.{record.repeat}",
        participant=record.participant,
        changes=changes,
        shows_arm=shows_arm,
    )
