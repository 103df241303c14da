"""Rules room of floor 3: from dated facts to one row per participant in ADTTE shape.

AVAL = ADT − STARTDT in days. CNSR 0 event, 1 censored, 2 competing event; EVENT 1, 0, 2 beside it (CDISC ADaM
Basic Data Structure for time-to-event analyses).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from trial.protocol.endpoints import DatedFact, Endpoint
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.partial_dates import earliest, latest
from trial.protocol.vocabulary import in_language

Facts = Mapping[str, Value | Unknown]

# EVENT → CNSR, stated once so that nobody flips it.
CNSR = {1: 0, 0: 1, 2: 2}
ORIGIN = "randomization: never assessed"


@dataclass(frozen=True)
class FormRecord:
    """A counted record: its form, its place among the participant's records of that form, its values by item."""

    form: str
    seq: int
    values: Facts


@dataclass(frozen=True)
class Person:
    """One randomized participant: identifiers, `participant.…` facts and counted records in entry order."""

    usubjid: str
    site: str
    facts: Facts
    records: tuple[FormRecord, ...]


@dataclass(frozen=True)
class TimeToEvent:
    """One row of ADTTE. Dates are days; `adtf` is D or M where a day or month was imputed, else ""."""

    usubjid: str
    siteid: str
    paramcd: str
    param: str
    startdt: date
    adt: date
    aval: int
    cnsr: int
    event: int
    evntdesc: str
    cnsdtdsc: str
    srcdom: str
    srcvar: str
    srcseq: int | None
    adtf: str


@dataclass(frozen=True)
class DerivationFinding:
    """A fact that cannot be as recorded: an event on the day of the origin, or any date before it."""

    usubjid: str
    paramcd: str
    address: str
    message: str


@dataclass(frozen=True)
class _Dated:
    on: date
    fact: DatedFact
    seq: int
    flag: str


def derive(
    endpoint: Endpoint, people: Iterable[Person], *, cut_off: date
) -> tuple[list[TimeToEvent], list[DerivationFinding]]:
    """One row per person with an origin on or before the cut-off, and what was found wrong on the way.

    The first event counts, then the first competing event, then the last censoring date; facts dated after
    `cut_off` do not count. An event wins over a competing event of the same day; the earlier listed kind of
    event wins over the later. An event at or before the origin is listed and set aside, never dropped silently.
    """
    rows: list[TimeToEvent] = []
    findings: list[DerivationFinding] = []
    for person in people:
        origin = person.facts.get(endpoint.origin, UNKNOWN)
        if not isinstance(origin, date) or origin > cut_off:
            continue
        row, found = _derive_one(endpoint, person, origin, cut_off)
        rows.append(row)
        findings += found
    return rows, findings


def _derive_one(
    endpoint: Endpoint, person: Person, origin: date, cut_off: date
) -> tuple[TimeToEvent, list[DerivationFinding]]:
    found: list[DerivationFinding] = []
    candidates: list[tuple[date, int, int, int, _Dated]] = []
    for event, facts in ((1, endpoint.events), (2, endpoint.competing)):
        for order, fact in enumerate(facts):
            for dated in _dates(fact, person, origin, cut_off):
                if dated.on <= origin:
                    found.append(_impossible(endpoint, person, dated, origin))
                else:
                    candidates.append((dated.on, event, order, dated.seq, dated))
    if candidates:
        _on, event, _order, _seq, first = min(candidates, key=lambda candidate: candidate[:4])
        return _row(endpoint, person, origin, first, event), found
    last = _last_censoring(endpoint, person, origin, cut_off, found)
    return _row(endpoint, person, origin, last, 0), found


def _last_censoring(
    endpoint: Endpoint, person: Person, origin: date, cut_off: date, found: list[DerivationFinding]
) -> _Dated | None:
    kept: list[_Dated] = []
    for fact in endpoint.censor:
        for dated in _dates(fact, person, origin, cut_off):
            if dated.on < origin:
                found.append(_impossible(endpoint, person, dated, origin))
            else:
                kept.append(dated)
    return max(kept, key=lambda dated: (dated.on, dated.seq), default=None)


def _dates(fact: DatedFact, person: Person, origin: date, cut_off: date) -> list[_Dated]:
    form, _, item = fact.on.partition(".")
    dates = []
    for record in person.records:
        if record.form != form or not _holds(fact, record, person):
            continue
        read = _read_date(record.values.get(item, UNKNOWN), origin)
        if read is not None and read[0] <= cut_off:
            dates.append(_Dated(read[0], fact, record.seq, read[1]))
    return dates


def _holds(fact: DatedFact, record: FormRecord, person: Person) -> bool:
    if fact.when is None:
        return True

    def look(address: str) -> Value | Unknown:
        if address in person.facts:
            return person.facts[address]
        form, _, item = address.partition(".")
        if form == record.form:
            return record.values.get(item, UNKNOWN)
        return next((each.values.get(item, UNKNOWN) for each in person.records if each.form == form), UNKNOWN)

    return parse(fact.when).evaluate(look) is True


def _read_date(value: Value | Unknown, origin: date) -> tuple[date, str] | None:
    """A date and its imputation flag: a missing day is the 15th, a missing month 1 July, never before the origin
    unless every completion is."""
    if isinstance(value, date):
        return value, ""
    if not isinstance(value, str):
        return None
    low, high = earliest(value), latest(value)
    if low == high:
        return low, ""
    middle, flag = (low.replace(day=15), "D") if len(value) == len("2025-03") else (low.replace(month=7), "M")
    return min(max(middle, origin), high), flag


def _impossible(endpoint: Endpoint, person: Person, dated: _Dated, origin: date) -> DerivationFinding:
    return DerivationFinding(
        person.usubjid,
        endpoint.id,
        dated.fact.on,
        f"{dated.on.isoformat()} is not after the origin {origin.isoformat()}",
    )


def _row(endpoint: Endpoint, person: Person, origin: date, dated: _Dated | None, event: int) -> TimeToEvent:
    on = dated.on if dated else origin
    words = (in_language(dated.fact.label, "en") if dated.fact.label else dated.fact.type) if dated else ORIGIN
    domain, _, variable = dated.fact.on.partition(".") if dated else ("", "", "")
    return TimeToEvent(
        usubjid=person.usubjid,
        siteid=person.site,
        paramcd=endpoint.id,
        param=in_language(endpoint.label, "en"),
        startdt=origin,
        adt=on,
        aval=(on - origin).days,
        cnsr=CNSR[event],
        event=event,
        evntdesc=words if event else "",
        cnsdtdsc="" if event else words,
        srcdom=domain,
        srcvar=variable,
        srcseq=dated.seq if dated else None,
        adtf=dated.flag if dated else "",
    )
