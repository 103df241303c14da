"""Rules room of floor 2: the criteria of the gate as one table, the same for the page that asks and the act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from randomization.strata import NoStratum, StratumKey
from trial.eligibility import Eligibility, Standing
from trial.protocol.schema import Protocol
from trial.states import BEFORE_RANDOMIZATION, ParticipantState


class Criterion(StrEnum):
    """What must hold before an allocation, in the order in which it is asked."""

    STATE = "state"
    RECRUITMENT = "recruitment"
    SCHEME = "scheme"
    SITE = "site"
    CAP = "cap"
    CONSENT = "consent"
    FORMS = "forms"
    ELIGIBILITY = "eligibility"
    STRATUM = "stratum"
    ENROLMENT = "enrolment"


# What must hold before a person says that a participant is eligible; the rest may come later.
BEFORE_ENROLMENT = (Criterion.STATE, Criterion.CONSENT, Criterion.FORMS, Criterion.ELIGIBILITY)


@dataclass(frozen=True)
class Situation:
    """Where a participant, the site and the trial stand at one moment.

    `cap` is the most participants the site may randomize, None without limit, and `randomized` how many it has.
    `consents` are the versions consented to, `submitted` the forms. `bound` says whether the scheme was opened under
    a text that randomizes as the one in force.
    """

    state: ParticipantState
    recruiting: bool
    opened: bool
    bound: bool
    site_open: bool
    cap: int | None
    randomized: int
    consents: frozenset[str]
    submitted: frozenset[str]
    eligibility: Eligibility
    stratum: StratumKey | NoStratum


@dataclass(frozen=True)
class Finding:
    """One criterion judged. `code` says stably what is wrong, "" for nothing; `item` is the address concerned;
    `names` are ids and addresses for the words."""

    criterion: Criterion
    standing: Standing
    code: str = ""
    item: str = ""
    names: tuple[str, ...] = ()
    cell: Mapping[str, str] = field(default_factory=dict)


def judge(protocol: Protocol, now: Situation) -> tuple[Finding, ...]:
    """Every criterion in the order of the table."""
    return tuple(_TABLE[criterion](protocol, now) for criterion in Criterion)


def _met(criterion: Criterion) -> Finding:
    return Finding(criterion, Standing.MET)


def _asked(criterion: Criterion, holds: bool, code: str, *, standing: Standing = Standing.BROKEN) -> Finding:
    return _met(criterion) if holds else Finding(criterion, standing, code)


def _state(_protocol: Protocol, now: Situation) -> Finding:
    return _asked(Criterion.STATE, now.state in BEFORE_RANDOMIZATION, "randomize.state")


def _recruitment(_protocol: Protocol, now: Situation) -> Finding:
    return _asked(Criterion.RECRUITMENT, now.recruiting, "randomize.recruitment")


def _scheme(_protocol: Protocol, now: Situation) -> Finding:
    if not now.opened:
        return Finding(Criterion.SCHEME, Standing.OPEN, "scheme.absent")
    return _asked(Criterion.SCHEME, now.bound, "scheme.protocol")


def _site(_protocol: Protocol, now: Situation) -> Finding:
    return _asked(Criterion.SITE, now.site_open, "site.closed")


def _cap(_protocol: Protocol, now: Situation) -> Finding:
    return _asked(Criterion.CAP, now.cap is None or now.randomized < now.cap, "site.full")


def _consent(protocol: Protocol, now: Situation) -> Finding:
    current = protocol.consent_versions[-1].id
    return _asked(Criterion.CONSENT, current in now.consents, "randomize.consent", standing=Standing.OPEN)


def _forms(protocol: Protocol, now: Situation) -> Finding:
    absent = tuple(form for form in protocol.randomization.needs if form not in now.submitted)
    if not absent:
        return _met(Criterion.FORMS)
    return Finding(Criterion.FORMS, Standing.OPEN, "randomize.form", absent[0], absent)


def _eligibility(_protocol: Protocol, now: Situation) -> Finding:
    broken, waiting = now.eligibility.broken, now.eligibility.open
    if broken:
        address = next((fact.address for each in broken for fact in each.facts), "")
        names = tuple(each.criterion.id for each in broken)
        return Finding(Criterion.ELIGIBILITY, Standing.BROKEN, "randomize.criterion", address, names)
    if waiting:
        missing = tuple(dict.fromkeys(address for each in waiting for address in each.missing))
        item = next(iter(missing), "")
        return Finding(Criterion.ELIGIBILITY, Standing.OPEN, "randomize.incomplete", item, missing)
    return _met(Criterion.ELIGIBILITY)


def _stratum(_protocol: Protocol, now: Situation) -> Finding:
    found = now.stratum
    if isinstance(found, StratumKey):
        return _met(Criterion.STRATUM)
    if found.cell:
        return Finding(Criterion.STRATUM, Standing.BROKEN, "stratum.impossible", cell=found.cell)
    item = next(iter(found.missing), found.factor)
    standing = Standing.OPEN if found.missing else Standing.BROKEN
    return Finding(Criterion.STRATUM, standing, "stratum.open", item, (found.factor, *found.missing))


def _enrolment(_protocol: Protocol, now: Situation) -> Finding:
    enrolled = now.state is ParticipantState.ENROLLED
    return _asked(Criterion.ENROLMENT, enrolled, "randomize.enrolment", standing=Standing.OPEN)


_TABLE: dict[Criterion, Callable[[Protocol, Situation], Finding]] = {
    Criterion.STATE: _state,
    Criterion.RECRUITMENT: _recruitment,
    Criterion.SCHEME: _scheme,
    Criterion.SITE: _site,
    Criterion.CAP: _cap,
    Criterion.CONSENT: _consent,
    Criterion.FORMS: _forms,
    Criterion.ELIGIBILITY: _eligibility,
    Criterion.STRATUM: _stratum,
    Criterion.ENROLMENT: _enrolment,
}
