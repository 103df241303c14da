"""Rules room of floor 3: from dated facts to one row per participant in ADTTE shape.

AVAL = ADT − STARTDT in days. CNSR 0 event, 1 censored, 2 competing event; EVENT 1, 0, 2 beside it (CDISC ADaM
Basic Data Structure for time-to-event analyses).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from outcomes import censoring
from outcomes.dated import Dated, Timeline
from outcomes.histories import History
from outcomes.imputation import Imputation
from trial.protocol.endpoints import RANDOMIZATION, CensoringSet, DatedFact, Endpoint
from trial.protocol.vocabulary import in_language

# EVENT → CNSR, stated once so that nobody flips it.
CNSR = {1: 0, 0: 1, 2: 2}
NEVER_ASSESSED = "never assessed"


@dataclass(frozen=True)
class TimeToEvent:
    """One row of ADTTE. Dates are days; `adtf` is D or M where a day or month was imputed, else "".

    `srcvis`, `srcvrep` and `srcrep` are the place of the source record in the casebook, `note` what must be said of it.
    """

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
    srcvis: str
    srcvrep: int | None
    srcrep: int | None
    adtf: str
    note: str


class FindingKind(StrEnum):
    """What is wrong, and in brackets what a finding tells of it: days and partial dates as text, or an address.

    NOT_AFTER_ORIGIN (recorded, origin): an event on the day of the origin, any date before it. AFTER_LATER_FACT
    (recorded, last, item): a contradiction between dates. PERHAPS_BEFORE_CUT_OFF (recorded, taken, cut_off): the date
    is not known well enough to say on which side of the cut-off it lies. CRITERION_NOT_MET (criterion): a criterion
    that a randomized participant breaks.
    """

    NOT_AFTER_ORIGIN = "not_after_origin"
    AFTER_LATER_FACT = "after_later_fact"
    PERHAPS_BEFORE_CUT_OFF = "perhaps_before_cut_off"
    CRITERION_NOT_MET = "criterion_not_met"


@dataclass(frozen=True)
class DerivationFinding:
    """A fact for the site to answer: what is wrong, and the values that say so. `paramcd` is "" for a criterion."""

    usubjid: str
    paramcd: str
    address: str
    kind: FindingKind
    told: dict[str, str]


@dataclass(frozen=True)
class Candidates:
    """The first event or competing event of one participant, and what was found wrong on the way.

    `ended_before`: one of them lies before the origin, not on its day.
    """

    first: tuple[int, Dated] | None
    findings: list[DerivationFinding] = field(default_factory=list)
    ended_before: bool = False


def derive(
    endpoint: Endpoint, histories: Iterable[History], *, imputation: Imputation = Imputation.MIDDLE
) -> tuple[list[TimeToEvent], list[DerivationFinding]]:
    """One row per participant with an origin on or before the cut-off, and what was found wrong on the way.

    An endpoint that describes some arms has rows for those allocated to them. The first event counts, then the first
    competing event, then the last censoring date; facts dated after the cut-off do not count, nor those after the end
    of the data unless declared otherwise. An event wins over a competing event of the same day; the earlier listed
    kind of event wins over the later. An event at or before the origin is listed and set aside, never dropped
    silently; who has one before an origin other than randomization was not at risk there and has no row. One whose
    date is not fully known is listed too where it is taken to lie after the cut-off and may lie before.
    """
    rows: list[TimeToEvent] = []
    findings: list[DerivationFinding] = []
    for history in histories:
        origin = history.look(endpoint.origin)
        described = not endpoint.arms or history.recorded.arm in endpoint.arms
        if not described or not isinstance(origin, date) or origin > history.cut_off:
            continue
        timeline = Timeline(history, origin, imputation)
        found = _candidates(endpoint, timeline)
        findings += found.findings
        if endpoint.origin == RANDOMIZATION or not found.ended_before:
            row, wrong = _ended(endpoint, timeline, found.first)
            rows.append(row)
            findings += wrong
    return rows, findings


def _candidates(endpoint: Endpoint, timeline: Timeline) -> Candidates:
    findings: list[DerivationFinding] = []
    listed: list[tuple[date, int, int, int, Dated]] = []
    ended_before = False
    for event, facts in ((1, endpoint.events), (2, endpoint.competing)):
        for order, fact in enumerate(facts):
            for dated in timeline.dates(fact, at_least=1):
                findings += _after_later_facts(endpoint, timeline, dated)
                if dated.on <= timeline.origin:
                    findings.append(_not_after_origin(endpoint, timeline, dated))
                    ended_before |= dated.on < timeline.origin
                else:
                    listed.append((dated.on, event, order, dated.record.seq, dated))
            findings += [
                _perhaps_before_cut_off(endpoint, timeline, dated)
                for dated in timeline.perhaps_later(fact, at_least=1)
            ]
    if not listed:
        return Candidates(None, findings, ended_before)
    _on, event, _order, _seq, first = min(listed, key=lambda candidate: candidate[:4])
    return Candidates((event, first), findings, ended_before)


def _ended(
    endpoint: Endpoint, timeline: Timeline, first: tuple[int, Dated] | None
) -> tuple[TimeToEvent, list[DerivationFinding]]:
    """The row: the first event, unless the censoring set of the endpoint ends the follow-up before it."""
    end = None
    if endpoint.censoring is CensoringSet.FDA_STYLE:
        end = censoring.fda_style(timeline, first[1].on if first else None)
    if first and end is None:
        return _row(endpoint, timeline, first[1], first[0]), []
    findings: list[DerivationFinding] = []
    kept: list[Dated] = []
    for fact in endpoint.censor:
        for dated in timeline.dates(fact):
            if dated.on < timeline.origin:
                findings.append(_not_after_origin(endpoint, timeline, dated))
            elif end is None or dated.on <= end.on:
                kept.append(dated)
    last = max(kept, key=lambda dated: (dated.on, dated.record.seq), default=None)
    return _row(endpoint, timeline, last, 0, why=end.why if end else ""), findings


def _not_after_origin(endpoint: Endpoint, timeline: Timeline, dated: Dated) -> DerivationFinding:
    kind = FindingKind.NOT_AFTER_ORIGIN
    return _finding(endpoint, timeline, dated, kind, origin=timeline.origin.isoformat())


def _after_later_facts(endpoint: Endpoint, timeline: Timeline, dated: Dated) -> list[DerivationFinding]:
    kind = FindingKind.AFTER_LATER_FACT
    return [
        _finding(endpoint, timeline, dated, kind, last=last.isoformat(), item=address)
        for last, address in dated.passed
    ]


def _perhaps_before_cut_off(endpoint: Endpoint, timeline: Timeline, dated: Dated) -> DerivationFinding:
    days = {"taken": dated.on.isoformat(), "cut_off": timeline.history.cut_off.isoformat()}
    return _finding(endpoint, timeline, dated, FindingKind.PERHAPS_BEFORE_CUT_OFF, **days)


def _finding(
    endpoint: Endpoint, timeline: Timeline, dated: Dated, kind: FindingKind, **told: str
) -> DerivationFinding:
    usubjid, said = timeline.history.recorded.usubjid, {"recorded": dated.recorded, **told}
    return DerivationFinding(usubjid, endpoint.id, dated.fact.on, kind, said)


def _row(
    endpoint: Endpoint, timeline: Timeline, dated: Dated | None, event: int, *, why: str = ""
) -> TimeToEvent:
    recorded, origin = timeline.history.recorded, timeline.origin
    on = dated.on if dated else origin
    words = ", ".join(part for part in (_words(endpoint, dated), why) if part)
    domain, _, variable = dated.fact.on.partition(".") if dated else ("", "", "")
    return TimeToEvent(
        usubjid=recorded.usubjid,
        siteid=recorded.site,
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
        srcseq=dated.record.seq if dated else None,
        srcvis=dated.record.visit if dated else "",
        srcvrep=dated.record.visit_repeat if dated else None,
        srcrep=dated.record.repeat if dated else None,
        adtf=dated.flag if dated else "",
        note=_note(timeline, dated) if dated else "",
    )


def _words(endpoint: Endpoint, dated: Dated | None) -> str:
    if dated is None:
        origin = "randomization" if endpoint.origin == RANDOMIZATION else "origin"
        return f"{origin}: {NEVER_ASSESSED}"
    return said_of(dated.fact)


def said_of(fact: DatedFact) -> str:
    """The English words of a fact, as a row tells them: its label, its type where it has none."""
    return in_language(fact.label, "en") if fact.label else fact.type


def _note(timeline: Timeline, dated: Dated) -> str:
    fact = dated.fact
    if fact.note is None:
        return ""
    noted = fact.note_when is None or timeline.history.holds(fact.note_when, dated.record)
    return in_language(fact.note, "en") if noted else ""
