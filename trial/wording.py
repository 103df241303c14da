"""Wording room of floor 0: coded things in the reader's words, the same on every page."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from trial.protocol.forms import Choice, Item, ItemType, MissingReason
from trial.protocol.partial_dates import earliest
from trial.protocol.vocabulary import in_language
from trial.states import ParticipantState

STATES = {
    ParticipantState.SCREENING: lazy("Screening"),
    ParticipantState.CONSENTED: lazy("Consented"),
    ParticipantState.ENROLLED: lazy("Enrolled"),
    ParticipantState.RANDOMIZED: lazy("Randomized"),
    ParticipantState.COMPLETED: lazy("Completed"),
    ParticipantState.WITHDRAWN: lazy("Withdrawn"),
    ParticipantState.SCREEN_FAILED: lazy("Screen failure"),
}
MISSING = {
    MissingReason.NOT_DONE: lazy("Not done"),
    MissingReason.UNKNOWN: lazy("Unknown"),
    MissingReason.NOT_APPLICABLE: lazy("Not applicable"),
    MissingReason.REFUSED: lazy("Refused"),
    MissingReason.NOT_ASKED: lazy("Not asked"),
}
# By verb of the trail; a refused act bears the name of the action that was asked for.
VERBS = {
    "analysis.done": lazy("Analysis finished"),
    "analysis.requested": lazy("Analysis requested"),
    "audit.downloaded": lazy("Audit trail downloaded"),
    "data.downloaded": lazy("Data downloaded"),
    "grant.ended": lazy("Role ended"),
    "grant.given": lazy("Role granted"),
    "participant.allocated": lazy("Allocation made"),
    "participant.consented": lazy("Consent recorded"),
    "participant.enrolled": lazy("Participant enrolled"),
    "participant.randomized": lazy("Participant randomized"),
    "participant.registered": lazy("Participant registered"),
    "participant.withdrawn": lazy("Participant withdrawn"),
    "protocol.activated": lazy("Protocol activated"),
    "record.corrected": lazy("Form corrected"),
    "record.saved": lazy("Draft saved"),
    "record.submitted": lazy("Form submitted"),
    "records.imported": lazy("Forms imported"),
    "report.figure_viewed": lazy("Figure viewed"),
    "report.viewed": lazy("Report viewed"),
    "scheme.uploaded": lazy("Allocation list uploaded"),
    "site.added": lazy("Site added"),
    "site.state": lazy("Site opened or closed"),
    "snapshot.frozen": lazy("Snapshot frozen"),
    "token.made": lazy("API token made"),
    "token.revoked": lazy("API token revoked"),
    "consent": lazy("Record consent"),
    "correct": lazy("Correct a form"),
    "enrol": lazy("Enrol"),
    "randomize": lazy("Randomize"),
    "register": lazy("Register a participant"),
    "save_draft": lazy("Save a draft"),
    "submit": lazy("Submit a form"),
    "withdraw": lazy("Withdraw"),
}


def words(text: Mapping[str, str] | None) -> str:
    """A protocol's own text in the reader's language, "" where there is none."""
    return in_language(dict(text), get_language() or "en") if text else ""


def state_word(state: str) -> str:
    """The word for a participant's state."""
    return str(STATES[ParticipantState(state)])


def verb_words(verb: str) -> str:
    """The words for an act, the verb itself where we have none."""
    return str(VERBS.get(verb, verb))


def missing_word(reason: str) -> str:
    """The words for a missing reason, as it stands where it is none that we know."""
    known = {str(key): label for key, label in MISSING.items()}
    return str(known.get(reason, reason))


def answer(item: Item, choices: tuple[Choice, ...], value: Any) -> str:
    """A stored value as people read it: labels for codes, 22-Nov-2026 for dates; "" for none."""
    if value is None:
        return ""
    if item.type is ItemType.YESNO:
        return {"yes": _("Yes"), "no": _("No")}.get(str(value), str(value))
    if item.type in (ItemType.CHOICE, ItemType.CHOICES):
        labels = {choice.code: words(choice.label) for choice in choices}
        codes = value if isinstance(value, list) else [value]
        return "; ".join(labels.get(str(code), str(code)) for code in codes)
    if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        return _day(str(value))
    return str(value)


def day(value: date | None) -> str:
    """22-Nov-2026, "" for none."""
    return formatted(value, pgettext("format of a day", "d-M-Y")) if value else ""


def moment(at: datetime, zone: str = "UTC") -> str:
    """22-Nov-2026 18:42 UTC+08:00: the clock of a place, with its offset on that day."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    shown = f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "UTC"
    return f"{day(local)} {local:%H:%M} {shown}"


def _day(text: str) -> str:
    """A date that may be partial: 22-Nov-2026, Nov-2026 or 2026; as it stands where it is no date."""
    try:
        first = earliest(text)
    except ValueError:
        return text
    if len(text) == len("2026-11"):
        return formatted(first, pgettext("format of a month", "M-Y"))
    return day(first) if len(text) == len("2026-11-22") else text
