"""Wording room of floor 0: coded things in the reader's words, the same on every page."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, gettext_lazy, gettext_noop, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from trial.protocol.expressions import Unknown, Value
from trial.protocol.forms import Choice, Item, ItemType, MissingReason
from trial.protocol.partial_dates import earliest
from trial.protocol.revealing import ARM
from trial.protocol.schema import Criterion, CriterionKind, Protocol
from trial.protocol.vocabulary import Source, in_language
from trial.refusals import Refusal
from trial.roles import ROLES
from trial.states import ENDED, ParticipantState, SiteState, WorkState

STATES = {
    ParticipantState.SCREENING: gettext_lazy("Screening"),
    ParticipantState.CONSENTED: gettext_lazy("Consented"),
    ParticipantState.ENROLLED: gettext_lazy("Enrolled"),
    ParticipantState.RANDOMIZED: gettext_lazy("Randomized"),
    ParticipantState.COMPLETED: gettext_lazy("Completed"),
    ParticipantState.WITHDRAWN: gettext_lazy("Withdrawn"),
    ParticipantState.SCREEN_FAILED: gettext_lazy("Screen failure"),
}
MISSING = {
    MissingReason.NOT_DONE: gettext_lazy("Not done"),
    MissingReason.UNKNOWN: gettext_lazy("Unknown"),
    MissingReason.NOT_APPLICABLE: gettext_lazy("Not applicable"),
    MissingReason.REFUSED: gettext_lazy("Refused"),
    MissingReason.NOT_ASKED: gettext_lazy("Not asked"),
}
SOURCES = {
    Source.REGISTRY: gettext_lazy("Registry"),
    Source.PUBLICATION: gettext_lazy("Publication"),
    Source.ASSUMPTION: gettext_lazy("Assumption"),
}
# What every expression may name besides items and derived values.
FACTS = {
    "participant.randomized_on": gettext_lazy("Day of randomization"),
    "participant.consented_on": gettext_lazy("Day of consent"),
    "participant.site": gettext_lazy("Site"),
    ARM: gettext_lazy("Arm"),
    "today": gettext_lazy("Today"),
}
# By verb of the trail; a refused act bears the name of the action that was asked for.
VERBS = {
    "analysis.done": gettext_lazy("Analysis finished"),
    "analysis.requested": gettext_lazy("Analysis requested"),
    "audit.downloaded": gettext_lazy("Audit trail downloaded"),
    "data.downloaded": gettext_lazy("Data downloaded"),
    "grant.ended": gettext_lazy("Role ended"),
    "grant.given": gettext_lazy("Role granted"),
    "notification.retried": gettext_lazy("Message sent again"),
    "participant.allocated": gettext_lazy("Allocation made"),
    "participant.consent_restated": gettext_lazy("Consent corrected"),
    "participant.consented": gettext_lazy("Consent recorded"),
    "participant.enrolled": gettext_lazy("Participant enrolled"),
    "participant.randomized": gettext_lazy("Participant randomized"),
    "participant.registered": gettext_lazy("Participant registered"),
    "participant.reinstated": gettext_lazy("Withdrawal taken back"),
    "participant.screen_failed": gettext_lazy("Screen failure recorded"),
    "participant.withdrawn": gettext_lazy("Participant withdrawn"),
    "protocol.activated": gettext_lazy("Protocol activated"),
    "record.corrected": gettext_lazy("Form corrected"),
    "record.saved": gettext_lazy("Draft saved"),
    "record.submitted": gettext_lazy("Form submitted"),
    "records.imported": gettext_lazy("Forms imported"),
    "report.figure_viewed": gettext_lazy("Figure viewed"),
    "report.viewed": gettext_lazy("Report viewed"),
    "scheme.opened": gettext_lazy("Randomization opened"),
    "scheme.uploaded": gettext_lazy("Allocation list uploaded"),
    "person.disabled": gettext_lazy("Account closed"),
    "person.link_shown": gettext_lazy("One-time link shown to be handed over"),
    "person.link_sent": gettext_lazy("One-time link mailed"),
    "site.added": gettext_lazy("Site added"),
    "site.cap": gettext_lazy("Cap of a site changed"),
    "site.described": gettext_lazy("Site renamed or its clock corrected"),
    "site.state": gettext_lazy("Site opened or closed"),
    "snapshot.frozen": gettext_lazy("Snapshot frozen"),
    "token.made": gettext_lazy("API token made"),
    "trial.recruiting": gettext_lazy("Recruitment opened or closed"),
    "token.revoked": gettext_lazy("API token revoked"),
    "activate": gettext_lazy("Activate a protocol"),
    "add": gettext_lazy("Add a site"),
    "change_cap": gettext_lazy("Change the cap of a site"),
    "change_recruiting": gettext_lazy("Open or close recruitment"),
    "change_state": gettext_lazy("Open or close a site"),
    "confirm_eligibility": gettext_lazy("Confirm eligibility"),
    "consent": gettext_lazy("Record consent"),
    "correct": gettext_lazy("Correct a form"),
    "describe": gettext_lazy("Rename a site or correct its clock"),
    "end_grant": gettext_lazy("End a role"),
    "enrol": gettext_lazy("Enrol"),
    "freeze": gettext_lazy("Freeze a snapshot"),
    "grant": gettext_lazy("Grant a role"),
    "invite": gettext_lazy("Invite somebody"),
    "make": gettext_lazy("Make an API token"),
    "open_scheme": gettext_lazy("Open the randomization"),
    "randomize": gettext_lazy("Randomize"),
    "register": gettext_lazy("Register a participant"),
    "reinstate": gettext_lazy("Take back a withdrawal"),
    "restate_consent": gettext_lazy("Correct the consent"),
    "retry": gettext_lazy("Send a message again"),
    "save_draft": gettext_lazy("Save a draft"),
    "send_link": gettext_lazy("Mail a one-time link"),
    "screen_fail": gettext_lazy("Record a screen failure"),
    "submit": gettext_lazy("Submit a form"),
    "upload_list": gettext_lazy("Upload an allocation list"),
    "withdraw": gettext_lazy("Withdraw"),
}
SITE_STATES = {
    SiteState.OPEN: pgettext_lazy("site", "Open"),
    SiteState.CLOSED: pgettext_lazy("site", "Closed"),
}
MESSAGE_STATES = {
    WorkState.QUEUED: pgettext_lazy("message", "Waiting"),
    WorkState.RUNNING: pgettext_lazy("message", "On its way"),
    WorkState.DONE: pgettext_lazy("message", "Sent"),
    WorkState.FAILED: pgettext_lazy("message", "Failed"),
}
# What an act that is about no form can say of itself.
DETAILS = {
    "cap": gettext_lazy("Most participants to randomize"),
    "code": gettext_lazy("Code"),
    "ends_on": gettext_lazy("Last day"),
    "expires_at": gettext_lazy("Expires"),
    "figure": gettext_lazy("Figure"),
    "format": gettext_lazy("Format"),
    "given_on": gettext_lazy("Given on"),
    "name": gettext_lazy("Name"),
    "participant": gettext_lazy("Participant"),
    "person": gettext_lazy("Person"),
    "ratio": gettext_lazy("Ratio"),
    "recruiting": gettext_lazy("Recruiting"),
    "results": gettext_lazy("Results"),
    "revoked_at": gettext_lazy("Ended at"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "scopes": gettext_lazy("May read"),
    "screen_failure": gettext_lazy("Reason of the screen failure"),
    "sha256": gettext_lazy("SHA-256"),
    "seed_sha256": gettext_lazy("SHA-256 of the seed"),
    "snapshot": gettext_lazy("Snapshot"),
    "state": gettext_lazy("State"),
    "stratum": gettext_lazy("Stratum"),
    "supplement_sha256": gettext_lazy("SHA-256 of the supplement"),
    "time_zone": gettext_lazy("Time zone"),
    "token": gettext_lazy("Token"),
    "unknown": gettext_lazy("Counted as not present"),
    "verb": gettext_lazy("Act"),
    "version": gettext_lazy("Version"),
    "what": gettext_lazy("What"),
    "withdrawn_on": gettext_lazy("Withdrawn on"),
}
# Roles are rules and know no Django: their names and sentences are only marked here, and translated where shown.
ROLE_WORDS = (
    gettext_noop("Coordinator"),
    gettext_noop("Registers participants of one site and enters their forms."),
    gettext_noop("Investigator"),
    gettext_noop("Answers for the participants of one site."),
    gettext_noop("Data manager"),
    gettext_noop("Keeps the data of all sites complete and consistent."),
    gettext_noop("Blinded statistician"),
    gettext_noop("Prepares the analysis on data without arms."),
    gettext_noop("Unblinded statistician"),
    gettext_noop("Freezes snapshots and runs the analyses by arm."),
    gettext_noop("DSMB member"),
    gettext_noop("Reviews outcomes by arm and advises whether the trial goes on."),
    gettext_noop("Administrator"),
    gettext_noop("Manages sites, people and grants, and reads the audit trail."),
    gettext_noop("System administrator"),
    gettext_noop("Activates protocols and grants the administrators of trials; sees no participant."),
)


def words(text: Mapping[str, str] | None) -> str:
    """A protocol's own text in the reader's language, "" where there is none."""
    return in_language(dict(text), get_language() or "en") if text else ""


def state_word(state: str) -> str:
    """The word for a participant's state."""
    return str(STATES[ParticipantState(state)])


def verb_words(verb: str) -> str:
    """The words for an act, the verb itself where we have none."""
    return str(VERBS.get(verb, verb))


def detail_word(name: str) -> str:
    """The words for what an act says of itself, its name where we have none."""
    return str(DETAILS.get(name, name))


def detail_value(name: str, value: str) -> str:
    """A role, a state or an act by its word; everything else as it was recorded."""
    if name == "role" and value in ROLES:
        return _(ROLES[value].name)
    if name == "state":
        states = {str(key): word for key, word in (*STATES.items(), *SITE_STATES.items())}
        return str(states.get(value, value))
    return verb_words(value) if name == "verb" else value


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
        return _("; ").join(labels.get(str(code), str(code)) for code in codes)
    if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        return recorded_day(str(value))
    return str(value)


def address_words(protocol: Protocol, address: str) -> str:
    """What stands at an address of the protocol: the label of the item or derived value; the address if none does."""
    if address in FACTS:
        return str(FACTS[address])
    owner, _dot, name = address.partition(".")
    labels = (
        {each.id: each.label for each in protocol.derived}
        if owner == "derived"
        else {each.id: each.label for each in protocol.forms[owner].items}
        if owner in protocol.forms
        else {}
    )
    return words(labels.get(name)) or address


def value_words(protocol: Protocol, address: str, value: Value | Unknown) -> str:
    """A typed value as people read it, with its unit; "" for a missing one."""
    if isinstance(value, Unknown):
        return ""
    owner, _dot, name = address.partition(".")
    if owner in protocol.forms:
        item = protocol.forms[owner].item(name)
        stored = list(value) if isinstance(value, tuple) else str(value)
        return f"{answer(item, protocol.choices(item), stored)} {words(item.unit)}".strip()
    classes = {
        each.code: words(each.label)
        for derived in protocol.derived
        if derived.id == name
        for each in derived.classes
    }
    if owner == "derived" and value in ("yes", "no"):
        return {"yes": _("Yes"), "no": _("No")}[str(value)]
    return day(value) if isinstance(value, date) else classes.get(str(value), str(value))


def quoted(label: str) -> str:
    """A label as it stands within a sentence of ours: a question without its mark."""
    return label.rstrip("?？ ")


def broken_words(criterion: Criterion) -> str:
    """That a criterion keeps somebody out; its label alone reads as if it were true of her."""
    label = {"label": quoted(words(criterion.label))}
    if criterion.kind is CriterionKind.INCLUSION:
        return _("Inclusion criterion not met: %(label)s") % label
    return _("Exclusion criterion present: %(label)s") % label


def unconsented_word(state: str) -> str:
    """What stands where there is no day of consent: whoever has left without one will never have it."""
    return _("never consented") if state in ENDED else _("not yet")


def unrandomized_word(state: str) -> str:
    """What stands where there is no day of randomization: whoever has left before will never have it."""
    return _("not randomized") if state in ENDED else _("not yet")


def sentences(*said: str) -> str:
    """Sentences one after the other, as the reader's language joins them; empty ones are left out."""
    whole, *rest = [each for each in said if each] or [""]
    for each in rest:
        # Chinese sets no space between sentences.
        whole = _("%(sentence)s %(next)s") % {"sentence": whole, "next": each}
    return whole


def refusal_words(refusal: Refusal) -> str:
    """What is wrong and what to do, in one text."""
    return sentences(refusal.message, refusal.remedy)


def arm_words(protocol: Protocol, arm: str) -> str:
    """The label of an arm, its id where the protocol has none."""
    return next((words(each.label) for each in protocol.arms if each.id == arm), arm)


def source_cell(source: Source) -> dict[str, str]:
    """Where a stated value comes from, as a cell of components/cell.html."""
    return {"status": source.value, "label": str(SOURCES[source])}


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


def recorded_day(text: str) -> str:
    """A date that may be partial: 22-Nov-2026, Nov-2026 or 2026; as it stands where it is no date."""
    try:
        first = earliest(text)
    except ValueError:
        return text
    if len(text) == len("2026-11"):
        return formatted(first, pgettext("format of a month", "M-Y"))
    return day(first) if len(text) == len("2026-11-22") else text
