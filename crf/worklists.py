"""Reads of floor 1: what waits for the staff of a trial, computed when asked, in three queries whatever the size."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from crf import schedule
from crf.definitions import Stored
from crf.models import Record
from crf.schedule import Due, Planned
from crf.selectors import ENTRY_ORDER, Answers, planned_visits
from crf.states import COUNTED, RecordState
from trial.access import TrialRoom, visible_to
from trial.models import Participant
from trial.protocol.derivations import traced, with_derived
from trial.protocol.forms import MilestoneKind
from trial.protocol.schema import Protocol
from trial.selectors import protocol_of
from trial.states import BEFORE_RANDOMIZATION, ENDED

WEEK = timedelta(days=6)
# The arm is not among them: a list of many would let arms be counted.
COLUMNS = (
    "label",
    "state",
    "trial_id",
    "registered_at",
    "consented_on",
    "randomized_at",
    "site__code",
    "site__name",
    "site__time_zone",
)

Held = dict[int, dict[str, list[Mapping[str, Stored]]]]


@dataclass(frozen=True)
class VisitTask:
    """A planned visit that waits, and the first form that is wanting."""

    participant: Participant
    planned: Planned
    form: str


@dataclass(frozen=True)
class FormPlace:
    """One form that was saved: where it stands in the casebook of which participant."""

    participant: Participant
    visit: str
    visit_repeat: int
    form: str
    repeat: int
    state: str
    submitted_at: datetime | None
    key: int


@dataclass(frozen=True)
class Work:
    """Everything that waits in one trial, as far as one person may see it; every list is whole.

    `due`: the window is open within seven days, soonest to close first. `overdue`: it has closed, the oldest first.
    `drafts` and `recent` newest first. `waiting`: not randomized yet, who registered first comes first.
    """

    participants: list[Participant] = field(default_factory=list)
    due: list[VisitTask] = field(default_factory=list)
    overdue: list[VisitTask] = field(default_factory=list)
    drafts: list[FormPlace] = field(default_factory=list)
    recent: list[FormPlace] = field(default_factory=list)

    @cached_property
    def waiting(self) -> list[Participant]:
        found = [each for each in self.participants if each.state in BEFORE_RANDOMIZATION]
        return sorted(found, key=lambda each: (each.registered_at, each.pk))

    @cached_property
    def by_state(self) -> Mapping[str, int]:
        """Number of participants by state."""
        return Counter(each.state for each in self.participants)

    @cached_property
    def overdue_at(self) -> Mapping[str, int]:
        """Number of overdue visits by the code of the site."""
        return Counter(task.participant.site.code for task in self.overdue)

    @cached_property
    def randomized_at(self) -> Mapping[str, int]:
        """Number of randomized participants by the code of the site."""
        return Counter(each.site.code for each in self.participants if each.randomized_at)


def work(where: TrialRoom) -> Work:
    """What waits for her in this trial."""
    protocol = protocol_of(where.trial)
    seen = visible_to(where)
    participants = list(seen.select_related("site").only(*COLUMNS).order_by("label"))
    by_key = {each.pk: each for each in participants}
    places = [
        FormPlace(by_key[row[0]], *row[1:])
        for row in Record.objects.filter(participant__in=seen)
        .order_by("-pk")
        .values_list(
            "participant_id", "visit__key", "visit__repeat", "form", "repeat", "state", "submitted_at", "pk"
        )
    ]
    held = _held(seen, forms_asked(protocol))
    tasks = list(_tasks(protocol, participants, places, held))
    return Work(
        participants=participants,
        due=sorted((each for each in tasks if _soon(each)), key=_closing),
        overdue=sorted((each for each in tasks if each.planned.due is Due.OVERDUE), key=_closing),
        drafts=[place for place in places if place.state == RecordState.DRAFT],
        recent=sorted((p for p in places if p.state in COUNTED), key=_submitted, reverse=True),
    )


def forms_asked(protocol: Protocol) -> set[str]:
    """The forms whose answers decide when planned visits are due."""
    targets = [visit for visit in protocol.visits if visit.has_target]
    texts = [visit.counts_from for visit in targets]
    texts += protocol.no_visits_after
    texts += [protocol.forms[form].applies or "" for visit in targets for form in visit.forms]
    named = {address for text in texts if text for address in traced(text, protocol.derived)}
    leaving = {
        form.id
        for form in protocol.forms.values()
        if form.milestone and form.milestone.kind is MilestoneKind.WITHDRAWAL
    }
    return leaving | ({address.partition(".")[0] for address in named} & set(protocol.forms))


def _held(seen: Any, forms: set[str]) -> Held:
    held: Held = {}
    if forms:
        rows = Record.objects.filter(participant__in=seen, form__in=forms, state__in=COUNTED)
        rows = rows.order_by(*ENTRY_ORDER)
        for participant, form, values in rows.values_list("participant_id", "form", "values"):
            held.setdefault(participant, {}).setdefault(form, []).append(values)
    return held


def _tasks(
    protocol: Protocol, participants: Sequence[Participant], places: Iterable[FormPlace], held: Held
) -> Iterator[VisitTask]:
    entered: dict[int, set[tuple[str, str]]] = {}
    for place in places:
        if place.state in COUNTED:
            entered.setdefault(place.participant.pk, set()).add((place.visit, place.form))
    for participant in participants:
        if participant.state not in ENDED:
            answers = Answers(participant, protocol, held.get(participant.pk, {}))
            yield from _waiting_for(answers, entered.get(participant.pk, set()))


def _waiting_for(answers: Answers, entered: Collection[tuple[str, str]]) -> Iterator[VisitTask]:
    participant, protocol = answers.participant, answers.protocol
    look = with_derived(protocol, answers.look, answers.records_of)
    offers = schedule.offered_to(participant, protocol, look, knowing=False)
    for each in planned_visits(answers, look, offers, entered):
        if each.due in (Due.DUE, Due.OVERDUE, Due.UPCOMING):
            forms = (form for form in each.visit.forms if (each.visit.id, form) not in entered)
            yield VisitTask(participant, each, next(form for form in forms if offers(protocol.forms[form])))


def _soon(task: VisitTask) -> bool:
    """Whether the window is open on one of the next seven days at the site."""
    window, today = task.planned.window, task.participant.site.today
    return task.planned.due in (Due.DUE, Due.UPCOMING) and window.opens <= today + WEEK


def _closing(task: VisitTask) -> tuple[date, date, str]:
    window = task.planned.window
    return window.closes, window.target, task.participant.label


def _submitted(place: FormPlace) -> tuple[float, int]:
    return place.submitted_at.timestamp() if place.submitted_at else 0, place.key
