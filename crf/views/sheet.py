"""Views room of floor 1: one form of one participant, as one person may use it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from crf import checks, schedule, selectors
from crf.actions.admission import barred, closed
from crf.checks import Finding, Reading
from crf.import_rows import MOST_REPEATS
from crf.models import Record
from crf.selectors import InHand
from crf.states import COUNTED, RecordState
from crf.views.places import casebook_url, form_url
from trial.access import TrialRoom, knows_arm_of
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.derivations import Lookup
from trial.protocol.forms import Form, Item
from trial.protocol.revealing import item_tells
from trial.protocol.schema import Protocol, Visit
from trial.refusals import Refusal
from trial.selectors import parsed, protocol_of
from trial.wording import words


@dataclass(frozen=True)
class Sheet:
    """`protocol` is the text the answers are judged by: the record's own once it was submitted."""

    where: TrialRoom
    participant: Participant
    protocol: Protocol
    visit: Visit
    visit_repeat: int
    form: Form
    repeat: int
    record: Record | None

    @property
    def place(self) -> dict[str, Any]:
        """Where it is in the casebook, as the selectors and actions call it."""
        return {
            "visit": self.visit.id,
            "visit_repeat": self.visit_repeat,
            "form": self.form.id,
            "repeat": self.repeat,
        }

    @property
    def counted(self) -> bool:
        """Whether it was submitted, so that every change is a correction."""
        return self.record is not None and self.record.state in COUNTED

    @property
    def permission(self) -> Permission:
        """The right that writing it takes now."""
        return Permission.FORM_CORRECT if self.counted else Permission.FORM_ENTER

    @property
    def may_write(self) -> bool:
        """Whether she has that right here; who may not see every answer may not write any."""
        return self.where.can(self.permission, site_id=self.participant.site_id) and all(
            self.sees(item) for item in self.form.items
        )

    @cached_property
    def closed(self) -> Refusal | None:
        """Why nobody may write now, None when somebody may; silent where the answer would tell her the arm."""
        if not self.knows_arm and schedule.hangs_on_arm(self.protocol, self.form):
            return closed(self.participant, self.protocol)
        return barred(self.participant, self.protocol, self.form, self.record, self._look)

    @cached_property
    def records(self) -> list[Record]:
        """All records of the participant, as they were when first asked for."""
        return selectors.records_without_people(self.participant)

    @property
    def knows_arm(self) -> bool:
        """Whether she may know the arm of this participant."""
        return knows_arm_of(self.where, self.participant)

    def look(self, reading: Reading) -> Lookup:
        """Answers addresses outside the form; derived values see the answers of the reading."""
        in_hand = InHand(self.form, self.visit_repeat, self.repeat, reading.values)
        return selectors.lookup(
            self.participant,
            protocol=self.protocol,
            but=self.record,
            in_hand=in_hand,
            among=self.records,
        )

    def judged(self, reading: Reading) -> list[Finding]:
        """Everything the rules say about these answers at this place."""
        look = self.look(reading)
        expected = schedule.expected(self.protocol, self.visit.id, self.form, look)
        return checks.judge(self.form, reading, look, expected=expected)

    def _look(self) -> Lookup:
        return selectors.lookup(self.participant, protocol=self.protocol, among=self.records)

    def sees(self, item: Item) -> bool:
        """Whether she may see this item: not where it tells an arm that she may not know."""
        return self.knows_arm or not item_tells(self.form, [item.id])

    @property
    def state(self) -> str:
        """The record's state, `empty` where there is none."""
        return self.record.state if self.record else RecordState.EMPTY

    @property
    def title(self) -> str:
        """The form's title."""
        return words(self.form.title)

    @property
    def visit_title(self) -> str:
        """The visit's name, numbered where it repeats."""
        label = words(self.visit.label)
        return f"{label} {self.visit_repeat}" if self.visit.repeats else label

    @property
    def url(self) -> str:
        """The address of its page."""
        return form_url(self.where.trial.key, self.participant.label, **self.place)

    @property
    def casebook_url(self) -> str:
        """The address of the participant's casebook."""
        return casebook_url(self.participant)

    def history_url(self, item: Item) -> str:
        """The address of an item's history, "" where it has none yet."""
        if self.record is None:
            return ""
        place = [self.where.trial.key, self.participant.label, *self.place.values(), item.id]
        return reverse("item_history", args=place)


def sheet_at(
    where: TrialRoom, participant: Participant, *, visit: str, visit_repeat: int, form: str, repeat: int
) -> Sheet:
    """The sheet at a place of the casebook. Raises Http404 where the protocol has none."""
    if max(visit_repeat, repeat) > MOST_REPEATS:
        raise Http404
    record = selectors.record_at(
        participant, visit=visit, visit_repeat=visit_repeat, form=form, repeat=repeat
    )
    protocol = protocol_of(where.trial)
    if record is not None and record.state in COUNTED:
        protocol = parsed(record.protocol)
    planned = next((each for each in protocol.visits if each.id == visit and form in each.forms), None)
    if planned is None or form not in protocol.forms:
        raise Http404
    if record is None and not _offered(participant, planned, visit_repeat, repeat):
        raise Http404
    return Sheet(where, participant, protocol, planned, visit_repeat, protocol.forms[form], repeat, record)


def _offered(participant: Participant, visit: Visit, visit_repeat: int, repeat: int) -> bool:
    """Whether an empty form may be begun there: at a first visit, or at the one after the last."""
    if repeat != 1 or visit_repeat < 1:
        return False
    if visit_repeat == 1:
        return True
    return visit.repeats and selectors.visit_exists(participant, visit.id, (visit_repeat - 1, visit_repeat))
