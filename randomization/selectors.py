"""Reads of floor 2: schemes, strata and readiness, never an arm and never the next allocation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crf.models import Record
from crf.selectors import ENTRY_ORDER, lookup, records_without_people
from crf.states import COUNTED
from randomization.criteria import BEFORE_ENROLMENT, Criterion, Situation, judge
from randomization.models import Allocation, Scheme
from randomization.strata import NoStratum, StratumKey, bound_by, factor_addresses, stratum_of
from randomization.wording import sentence
from trial.digest import canonical, sha256
from trial.eligibility import Eligibility, Standing, assess
from trial.models import Act, Participant, Trial
from trial.protocol.derivations import Lookup
from trial.protocol.expressions import Unknown, Value
from trial.protocol.schema import Protocol
from trial.selectors import parsed, protocol_of, version_in_force
from trial.states import ParticipantState, SiteState


@dataclass(frozen=True)
class Step:
    """One criterion of the gate: where it stands, and, unless it is met, what is wrong and what to do.

    `code` is stable, `item` the address concerned; both are empty for a criterion that is met.
    """

    id: Criterion
    standing: Standing
    words: str = ""
    remedy: str = ""
    code: str = ""
    item: str = ""


@dataclass(frozen=True)
class Readiness:
    """What the gate would say of a participant now.

    `token` is a hash of every value that the answer hangs on: a page hands it back, so that nobody is randomized on
    values that she has not seen. `stratum` is None where there is none.
    """

    steps: tuple[Step, ...]
    eligibility: Eligibility
    stratum: StratumKey | None
    token: str

    @property
    def ready(self) -> bool:
        """Whether the participant may be randomized now."""
        return self.obstacle is None

    @property
    def obstacle(self) -> Step | None:
        """The first criterion that is not met."""
        return next((step for step in self.steps if step.standing is not Standing.MET), None)

    @property
    def confirmable(self) -> bool:
        """Whether eligibility may be confirmed now: all that comes before is met, and nobody has done it yet."""
        wanting = {step.id for step in self.steps if step.standing is not Standing.MET}
        return Criterion.ENROLMENT in wanting and wanting.isdisjoint(BEFORE_ENROLMENT)


@dataclass(frozen=True)
class Made:
    """An allocation without its arm: when (UTC), by whom, and the level of every factor as randomized.

    `unknown` are the recorded addresses without a value that were counted as not present.
    """

    at: datetime
    by: str
    levels: Mapping[str, str]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Screening:
    """How somebody stands to the criteria, and the needed forms that are not submitted yet."""

    eligibility: Eligibility
    forms: tuple[str, ...]


def current(participant: Participant) -> Participant:
    """The participant as the database holds her now, with site, trial and protocol."""
    rows = Participant.objects.select_related("site", "trial__protocol").defer("trial__protocol__files")
    return rows.get(pk=participant.pk)


def readiness(participant: Participant, *, among: Sequence[Record] | None = None) -> Readiness:
    """Every criterion of the gate on current values; `participant` comes with its site, trial and protocol.

    `among` are her records in entry order, where they are loaded already.
    """
    protocol = protocol_of(participant.trial)
    records = records_without_people(participant) if among is None else among
    look = lookup(participant, protocol=protocol, among=records)
    forms = frozenset(each.form for each in records if each.state in COUNTED)
    given = dict(participant.consents.values_list("version", "given_on"))
    now = _situation(participant, protocol, look, forms, frozenset(given))
    steps = tuple(
        Step(found.criterion, found.standing, *sentence(found, participant, protocol), found.code, found.item)
        for found in judge(protocol, now)
    )
    stratum = now.stratum if isinstance(now.stratum, StratumKey) else None
    return Readiness(steps, now.eligibility, stratum, _token(participant, protocol, now, look, given))


def scheme_of(trial: Trial) -> Scheme | None:
    """The trial's scheme with the protocol it was opened under, None before it was opened."""
    return Scheme.objects.filter(trial=trial).select_related("protocol").first()


def allocation_of(participant: Participant) -> Made | None:
    """The allocation of a participant, None before it was made."""
    rows = Allocation.objects.filter(participant=participant).defer("arm").select_related("allocated_by")
    made = rows.first()
    if made is None:
        return None
    return Made(made.allocated_at, made.allocated_by.name, made.basis, _doubts(participant))


def screening_of(people: Sequence[Participant], trial: Trial) -> dict[int, Screening]:
    """How far the screening of each of them is, by key; one query for all. `people` come with their sites."""
    protocol = protocol_of(trial)
    held: dict[int, list[Record]] = {each.pk: [] for each in people}
    rows = Record.objects.filter(participant__in=held).select_related("visit").order_by(*ENTRY_ORDER)
    for record in rows:
        held[record.participant_id].append(record)
    found = {}
    for each in people:
        records = held[each.pk]
        forms = {record.form for record in records if record.state in COUNTED}
        wanted = [form for form in protocol.randomization.needs if form not in forms]
        judged = assess(protocol, lookup(each, protocol=protocol, among=records))
        found[each.pk] = Screening(judged, tuple(wanted))
    return found


def _doubts(participant: Participant) -> tuple[str, ...]:
    """What its act says was counted as not present: the values may be known since, the allocation stays as made."""
    acts = Act.objects.filter(chain=participant.trial.key, verb="participant.allocated", refused=False)
    act = acts.filter(participant=participant.label).only("changes").first()
    return tuple(act.changes.get("unknown", "").split(", ")) if act and act.changes.get("unknown") else ()


def _situation(
    participant: Participant,
    protocol: Protocol,
    look: Lookup,
    forms: frozenset[str],
    consents: frozenset[str],
) -> Situation:
    scheme, site = scheme_of(participant.trial), participant.site
    taken = Participant.objects.filter(site=site, randomized_at__isnull=False)
    return Situation(
        state=ParticipantState(participant.state),
        recruiting=participant.trial.recruiting,
        opened=scheme is not None,
        bound=scheme is not None and _bound(scheme, participant.trial),
        site_open=site.state == SiteState.OPEN,
        cap=site.cap,
        randomized=0 if site.cap is None else taken.count(),
        consents=consents,
        submitted=forms,
        eligibility=assess(protocol, look),
        stratum=_stratum(protocol, look),
    )


def _bound(scheme: Scheme, trial: Trial) -> bool:
    """Whether allocations may go on as they began; a scheme that does not know its text has no strata."""
    if scheme.protocol is None or scheme.protocol_id == trial.protocol_id:
        return True
    return bound_by(parsed(scheme.protocol)) == bound_by(protocol_of(trial))


def _stratum(protocol: Protocol, look: Lookup) -> StratumKey | NoStratum:
    try:
        return stratum_of(protocol, look)
    except NoStratum as reason:
        return reason


def _token(
    participant: Participant, protocol: Protocol, now: Situation, look: Lookup, given: Mapping[str, date]
) -> str:
    facts = {fact.address: _written(fact.value) for each in now.eligibility.outcomes for fact in each.facts}
    facts |= {address: _written(look(address)) for address in factor_addresses(protocol)}
    seen: Mapping[str, object] = {
        "participant": participant.pk,
        "protocol": version_in_force(participant.trial).sha256,
        "state": participant.state,
        "site": participant.site.state,
        "recruiting": now.recruiting,
        "consents": sorted([version, day.isoformat()] for version, day in given.items()),
        "forms": sorted(now.submitted & set(protocol.randomization.needs)),
        "facts": facts,
    }
    return sha256(canonical(seen))


def _written(value: Value | Unknown) -> list[str] | str | None:
    if isinstance(value, Unknown):
        return None
    return list(value) if isinstance(value, tuple) else str(value)
