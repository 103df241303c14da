"""Views room of floor 2: the values that a judgement hangs on, each with the form that holds or lacks it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crf.models import Record
from crf.selectors import records_of
from crf.states import COUNTED, RecordState
from crf.views.places import form_url, record_url
from trial.access import TrialRoom, knows_arm_of
from trial.models import Participant
from trial.protocol.derivations import Lookup
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.revealing import item_tells
from trial.protocol.schema import Protocol
from trial.selectors import protocol_of
from trial.wording import address_words, day, missing_word, value_words, words


@dataclass(frozen=True)
class Held:
    """One value in words; where there is none, `missing` is the reason that was given for it, if any was."""

    label: str
    value: str
    missing: str = ""

    @property
    def lead(self) -> str:
        """The label as it stands before a value: a question keeps its mark, anything else gets a colon."""
        return self.label if self.label.endswith(("?", "？")) else f"{self.label}{_(': ').rstrip()}"


@dataclass
class Origin:
    """One form with the values it holds or lacks; title and address are empty for values that no form holds."""

    title: str
    url: str
    note: str
    values: list[Held] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """All records of one participant as one reader may see them, and of each form the one that counts."""

    participant: Participant
    protocol: Protocol
    everything: list[Record]
    records: dict[str, Record]
    knows_arm: bool

    def behind(self, addresses: Iterable[str], look: Lookup) -> list[Origin]:
        """The values at these addresses by the form they come from, in the order of their first mention."""
        found: dict[str, Origin] = {}
        for address in dict.fromkeys(addresses):
            owner, _dot, name = address.partition(".")
            form = owner if owner in self.protocol.forms else ""
            origin = found.setdefault(form, self._origin(form))
            origin.values.append(self._held(address, form, name, look(address)))
        return list(found.values())

    def form_url(self, form: str) -> str:
        """The address of the record of a form, or of the first place where it may be entered."""
        record = self.records.get(form)
        if record:
            return record_url(self.participant, record)
        visit = next(each for each in self.protocol.visits if form in each.forms)
        trial, label = self.participant.trial.key, self.participant.label
        return form_url(trial, label, visit=visit.id, visit_repeat=1, form=form, repeat=1)

    def _origin(self, form: str) -> Origin:
        if not form:
            return Origin("", "", "")
        return Origin(words(self.protocol.forms[form].title), self.form_url(form), self._state(form))

    def _state(self, form: str) -> str:
        """Who submitted the form and when, or what is still to be done with it."""
        record = self.records.get(form)
        if record is None:
            return _("not entered yet")
        if record.state == RecordState.DRAFT or record.submitted_at is None:
            return _("a draft: values count once it is submitted")
        when = day(record.submitted_at.astimezone(ZoneInfo(self.participant.site.time_zone)))
        return _("%(when)s by %(who)s") % {"when": when, "who": record.submitted_by}

    def _held(self, address: str, form: str, name: str, value: Value | Unknown) -> Held:
        label = address_words(self.protocol, address)
        if form and not self.knows_arm and item_tells(self.protocol.forms[form], [name]):
            return Held(label, "", _("Hidden: it would tell the arm."))
        if value is not UNKNOWN:
            return Held(label, value_words(self.protocol, address, value))
        record = self.records.get(form)
        given = record.missing.get(name, "") if record and record.state in COUNTED else ""
        return Held(label, "", missing_word(given) if given else "")


def evidence_of(where: TrialRoom, participant: Participant) -> Evidence:
    """The first submitted record of each form, else its draft."""
    records: dict[str, Record] = {}
    everything = records_of(participant)
    for record in everything:
        kept = records.get(record.form)
        if kept is None or (kept.state not in COUNTED and record.state in COUNTED):
            records[record.form] = record
    knows = knows_arm_of(where, participant)
    return Evidence(participant, protocol_of(where.trial), everything, records, knows)
