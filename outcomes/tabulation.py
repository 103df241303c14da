"""Rules room of floor 3: the derived tables of a snapshot, those for every reader apart from those that tell the arm.

`adtte` and `adtte_arm` have one row per participant and endpoint; the second holds the endpoints that tell the arm.
`populations` has one row per participant and population, `treatment` one per participant, `notes` what is to be said
of rows of `adtte` that hangs on items telling the arm, `findings_arm` the findings of such endpoints. `completions` has
the times of the primary endpoint with imputed dates at their earliest and at their latest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import pandas as pd

from outcomes.blinding import endpoint_tells_arm, note_tells_arm, population_tells_arm
from outcomes.endpoints import DerivationFinding, FindingKind, TimeToEvent, derive
from outcomes.histories import History
from outcomes.imputation import Imputation
from outcomes.populations import Membership, memberships, received
from outcomes.records import Recorded
from trial.digest import canonical
from trial.eligibility import assess
from trial.protocol.endpoints import Endpoint
from trial.protocol.schema import Protocol

# The tables that must never reach a blinded reader; `values_arm` is made where the records are read.
ARM_TABLES = frozenset(
    {"treatment", "values_arm", "adtte_arm", "populations", "notes", "findings_arm", "completions"}
)

TREATMENT = ("USUBJID", "TRT01P", "TRT01A")
POPULATIONS = ("USUBJID", "POPULATION", "MEMBER", "REASON", "ARM")
COMPLETIONS = ("USUBJID", "PARAMCD", "IMPUTATION", "AVAL", "EVENT")
NOTES = ("USUBJID", "PARAMCD", "NOTE")
# TOLD is canonical JSON.
FINDINGS = ("USUBJID", "PARAMCD", "ADDRESS", "KIND", "TOLD")
ADTTE = tuple(field.name.upper() for field in fields(TimeToEvent))
_COUNTS = ("SRCSEQ", "SRCVREP", "SRCREP")


@dataclass(frozen=True)
class Tabulated:
    """The tables by name; the members of each population whose membership tells nothing of the arm; what was found.

    `pending` counts the facts behind events that still are to be adjudicated, `imputed` those with an imputed date.
    """

    tables: dict[str, pd.DataFrame]
    flags: dict[str, frozenset[str]]
    findings: tuple[DerivationFinding, ...]
    pending: int
    imputed: int


@dataclass(frozen=True)
class _Derived:
    endpoint: Endpoint
    rows: list[TimeToEvent]
    findings: list[DerivationFinding]
    tells_arm: bool


def tabulate(protocol: Protocol, recorded: Iterable[Recorded], *, cut_off: date) -> Tabulated:
    """Everything that is derived from the records up to the cut-off. Pure: equal input, equal tables."""
    histories = [History(each, protocol, cut_off) for each in recorded]
    derived = [_derived(endpoint, protocol, histories) for endpoint in protocol.endpoints.endpoints]
    shown, hidden = (
        [each for each in derived if not each.tells_arm],
        [each for each in derived if each.tells_arm],
    )
    members = {each.id: memberships(each, histories) for each in protocol.endpoints.populations}
    told = {p.id for p in protocol.endpoints.populations if population_tells_arm(p, protocol)}
    return Tabulated(
        {
            "treatment": _treatment(histories),
            "populations": table(
                (_member(each) for found in members.values() for each in found), POPULATIONS
            ),
            "adtte": _adtte([row for each in shown for row in _without_told_notes(each, protocol)]),
            "adtte_arm": _adtte([row for each in hidden for row in each.rows]),
            "notes": _notes(shown, protocol),
            "completions": _completions(protocol, histories),
            "findings_arm": table((_found(f) for each in hidden for f in each.findings), FINDINGS),
        },
        {key: _inside(found) for key, found in members.items() if key not in told},
        (*_ineligible(histories), *(finding for each in shown for finding in each.findings)),
        pending=len(_sources(derived, lambda each, row: each.endpoint.adjudicated and row.event == 1)),
        imputed=len(_sources(derived, lambda each, row: bool(row.adtf))),
    )


def table(rows: Iterable[Mapping[str, Any] | tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows, by name or in this order, as a frame with exactly these columns, empty where there is no row."""
    return pd.DataFrame(list(rows), columns=list(columns))


def _derived(endpoint: Endpoint, protocol: Protocol, histories: Sequence[History]) -> _Derived:
    rows, findings = derive(endpoint, histories)
    return _Derived(endpoint, rows, findings, endpoint_tells_arm(endpoint, protocol))


def _completions(protocol: Protocol, histories: Sequence[History]) -> pd.DataFrame:
    """The primary endpoint again with partial dates completed otherwise: for sensitivity."""
    primary = protocol.endpoints.endpoint(protocol.endpoints.analysis.primary)
    rows = [
        (row.usubjid, row.paramcd, how.value, row.aval, row.event)
        for how in (Imputation.EARLIEST, Imputation.LATEST)
        for row in derive(primary, histories, imputation=how)[0]
    ]
    return table(rows, COMPLETIONS)


def _treatment(histories: Sequence[History]) -> pd.DataFrame:
    rows = ((h.recorded.usubjid, h.recorded.arm, received(h)) for h in histories)
    return table(rows, TREATMENT)


def _member(member: Membership) -> tuple[str, ...]:
    inside, reasons = "Y" if member.inside else "N", ";".join(member.reasons)
    return member.usubjid, member.population, inside, reasons, member.arm


def _inside(members: Iterable[Membership]) -> frozenset[str]:
    return frozenset(member.usubjid for member in members if member.inside)


def _adtte(rows: Iterable[TimeToEvent]) -> pd.DataFrame:
    frame = table((tuple(vars(row).values()) for row in rows), ADTTE)
    return frame.astype(dict.fromkeys(_COUNTS, "Int64"))


def _without_told_notes(derived: _Derived, protocol: Protocol) -> list[TimeToEvent]:
    if not note_tells_arm(derived.endpoint, protocol):
        return derived.rows
    return [replace(row, note="") for row in derived.rows]


def _notes(shown: Iterable[_Derived], protocol: Protocol) -> pd.DataFrame:
    withheld = [each for each in shown if note_tells_arm(each.endpoint, protocol)]
    rows = [(row.usubjid, row.paramcd, row.note) for each in withheld for row in each.rows if row.note]
    return table(rows, NOTES)


def _found(finding: DerivationFinding) -> tuple[str, ...]:
    place = (finding.usubjid, finding.paramcd, finding.address)
    return *place, finding.kind.value, canonical(finding.told)


def _sources(
    derived: Iterable[_Derived], chosen: Callable[[_Derived, TimeToEvent], bool]
) -> set[tuple[str, str, int | None]]:
    """The recorded facts behind the chosen rows, each once; what tells the arm must not show in their number."""
    shown = [each for each in derived if not each.tells_arm]
    return {(row.usubjid, row.srcdom, row.srcseq) for each in shown for row in each.rows if chosen(each, row)}


def _ineligible(histories: Iterable[History]) -> list[DerivationFinding]:
    """Criteria broken by randomized participants whose breach the protocol wants answered by the site."""
    return [
        DerivationFinding(
            history.recorded.usubjid,
            "",
            next((fact.address for fact in outcome.facts), ""),
            FindingKind.CRITERION_NOT_MET,
            {"criterion": outcome.criterion.id},
        )
        for history in histories
        for outcome in assess(history.protocol, history.look).queried
    ]
