"""Views room of floor 1: one participant's casebook as one person may use it."""

from dataclasses import dataclass
from functools import cached_property

from crf import schedule, selectors
from crf.actions.admission import barred
from crf.models import Record
from crf.schedule import Offers, Planned
from crf.selectors import Answers, Cell
from crf.states import COUNTED
from crf.views.places import form_url
from trial.access import TrialRoom, knows_arm_of
from trial.models import Participant
from trial.permissions import Permission
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.forms import Form
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.selectors import protocol_of
from trial.states import ParticipantState


@dataclass(frozen=True)
class Desk:
    """The participant's records, loaded once, and what they answer."""

    where: TrialRoom
    participant: Participant
    protocol: Protocol
    records: list[Record]

    @classmethod
    def of(cls, where: TrialRoom, participant: Participant) -> "Desk":
        """Load everything that the page needs, in one query."""
        return cls(where, participant, protocol_of(where.trial), selectors.records_of(participant))

    @cached_property
    def knows_arm(self) -> bool:
        """Whether she may know the arm of this participant."""
        return knows_arm_of(self.where, self.participant)

    @cached_property
    def answers(self) -> Answers:
        return selectors.answers(self.participant, protocol=self.protocol, among=self.records)

    @cached_property
    def look(self) -> Lookup:
        return with_derived(self.protocol, self.answers.look, self.answers.records_of)

    @cached_property
    def offers(self) -> Offers:
        """Which forms apply, as far as she may know."""
        return schedule.offered_to(self.participant, self.protocol, self.look, knowing=self.knows_arm)

    @cached_property
    def planned(self) -> dict[str, Planned]:
        """The visits with a window, by id, as they stand on this day at the site."""
        entered = ((each.visit.key, each.form) for each in self.records if each.state in COUNTED)
        found = selectors.planned_visits(self.answers, self.look, self.offers, entered)
        return {each.visit.id: each for each in found}

    def shows(self, cell: Cell) -> bool:
        """Whether a form stands in the casebook: not where nothing was begun and nobody may begin it any more."""
        withdrawn = self.participant.state == ParticipantState.WITHDRAWN
        return cell.record is not None or not withdrawn or self._barred(cell.form) is None

    def may_begin(self, form: Form) -> bool:
        """Whether she may begin this form now."""
        enters = self.where.can(Permission.FORM_ENTER, site_id=self.participant.site_id)
        return enters and self.offers(form) and self._barred(form) is None

    def way_to(self, cell: Cell) -> str:
        """The address of a form, "" for one that nobody may begin yet."""
        if cell.record is None and self._barred(cell.form) is not None:
            return ""
        return self.url(cell, visit_repeat=cell.visit_repeat, repeat=cell.repeat)

    def url(self, cell: Cell, *, visit_repeat: int, repeat: int) -> str:
        """The address of a form of the casebook."""
        return form_url(
            self.participant.trial.key,
            self.participant.label,
            visit=cell.visit.id,
            visit_repeat=visit_repeat,
            form=cell.form.id,
            repeat=repeat,
        )

    def _barred(self, form: Form) -> Refusal | None:
        return barred(self.participant, self.protocol, form, None, lambda: self.look)
