"""Reads of floor 3."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from outcomes.models import Analysis, Result, Snapshot
from outcomes.snapshot_files import frame, frames
from trial.digest import canonical
from trial.models import Act, Participant, Trial
from trial.protocol.endpoints import EndpointPlan
from trial.selectors import parsed
from trial.states import WorkState

# The acts that change what a later snapshot counts.
COUNTING = ("record.submitted", "record.corrected")
GOING_ON = frozenset({WorkState.QUEUED, WorkState.RUNNING})


def latest_snapshot(trial: Trial) -> Snapshot | None:
    """The newest snapshot of a trial, None before the first."""
    return (
        Snapshot.objects.filter(trial=trial)
        .select_related("taken_by", "protocol")
        .order_by("-number")
        .first()
    )


def latest_snapshots(trials: Sequence[Trial]) -> dict[int, Snapshot]:
    """The newest snapshot of each trial that has one, by the trial's key; number, cut-off and time only. One query."""
    rows = Snapshot.objects.filter(trial__in=trials).only("trial_id", "number", "cut_off", "taken_at")
    return {row.trial_id: row for row in rows.order_by("number")} if trials else {}


def snapshot_of(trial: Trial, number: int) -> Snapshot | None:
    """One snapshot of a trial by its number."""
    return Snapshot.objects.filter(trial=trial, number=number).select_related("taken_by", "protocol").first()


def snapshots(trial: Trial) -> QuerySet[Snapshot]:
    """All snapshots of a trial with the analyses asked for on each, newest first."""
    asked = Analysis.objects.select_related("requested_by").order_by("pk")
    rows = Snapshot.objects.filter(trial=trial).select_related("taken_by", "protocol")
    return rows.prefetch_related(Prefetch("analyses", queryset=asked)).order_by("-number")


def declared(plan: EndpointPlan) -> list[tuple[str, str]]:
    """Endpoint and population of each declared analysis: all endpoints, and the primary one per protocol again."""
    analysis = plan.analysis
    pairs = [(endpoint.id, analysis.population) for endpoint in plan.endpoints]
    if analysis.per_protocol:
        pairs.insert(
            pairs.index((analysis.primary, analysis.population)) + 1,
            (analysis.primary, analysis.per_protocol),
        )
    return pairs


def analyses(snapshot: Snapshot) -> list[Analysis]:
    """The analyses asked for on a snapshot, in the order in which they are declared, with their results.

    The figures stay in the database: they are large and have an address of their own.
    """
    rows = snapshot.analyses.select_related("result").defer("result__figures")
    order = declared(parsed(snapshot.protocol).endpoints)
    return sorted(rows, key=lambda analysis: order.index((analysis.endpoint, analysis.population)))


def results(trial: Trial, *, snapshot: Snapshot) -> list[Result]:
    """The results of one snapshot of a trial, without their figures, oldest first."""
    rows = Result.objects.filter(analysis__snapshot=snapshot, analysis__snapshot__trial=trial)
    return list(rows.select_related("analysis").defer("figures").order_by("pk"))


def result_of(trial: Trial, pk: int) -> Result | None:
    """One result of a trial with its figures."""
    rows = Result.objects.filter(analysis__snapshot__trial=trial, pk=pk)
    return rows.select_related("analysis__snapshot").first()


@dataclass(frozen=True)
class Finding:
    """One thing for the site to answer, however many endpoints it bears on; "" among these is eligibility.

    `kind` and `told` are those of `outcomes.endpoints.DerivationFinding`; "" and `message` in a snapshot of an earlier
    version, which kept English text.
    """

    usubjid: str
    address: str
    kind: str
    told: dict[str, str]
    endpoints: tuple[str, ...]


@dataclass(frozen=True)
class Derived:
    """What a snapshot holds of one participant: rows of ADTTE by column name, and findings."""

    rows: list[dict[str, Any]]
    findings: list[Finding]


def derived_of(participant: Participant, snapshot: Snapshot, *, with_arm: bool) -> Derived:
    """The endpoints of one participant as of a snapshot; `with_arm` also those that tell the arm, and such notes.

    Raises SnapshotChanged.
    """
    hidden = ("adtte_arm", "notes", "findings_arm") if with_arm else ()
    tables = {
        name: table[table["USUBJID"] == participant.usubjid].to_dict("records")
        for name, table in frames(snapshot, "adtte", *hidden).items()
    }
    notes = {row["PARAMCD"]: row["NOTE"] for row in tables.get("notes", [])}
    rows = [{**row, "NOTE": notes.get(row["PARAMCD"], row["NOTE"])} for row in tables["adtte"]]
    told = [each for each in snapshot.manifest["findings"] if each["usubjid"] == participant.usubjid]
    findings = joined(told + _by_field(tables.get("findings_arm", [])))
    return Derived(rows + tables.get("adtte_arm", []), findings)


def findings_of(snapshot: Snapshot, *, with_arm: bool) -> list[Finding]:
    """Everything that the derivation found; `with_arm` also on endpoints that tell the arm. Raises SnapshotChanged."""
    hidden = frame(snapshot, "findings_arm").to_dict("records") if with_arm else []
    return joined(snapshot.manifest["findings"] + _by_field(hidden))


def joined(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Findings as a manifest holds them: what is the same of several endpoints once, in the order of its first."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        told = canonical(row["told"]) if "told" in row else canonical({"message": row["message"]})
        key = (row["usubjid"], row["address"], row.get("kind", ""), told)
        found.setdefault(key, []).append(row["paramcd"])
    return [
        Finding(usubjid, address, kind, json.loads(told), tuple(dict.fromkeys(endpoints)))
        for (usubjid, address, kind, told), endpoints in found.items()
    ]


def _by_field(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the findings' file as the manifest holds them."""
    named = [{name.lower(): value for name, value in row.items()} for row in rows]
    return [{**row, "told": json.loads(row["told"])} if "told" in row else row for row in named]


def changed_since(participant: Participant, snapshot: Snapshot) -> bool:
    """Whether values of the participant were submitted or corrected after the act that the snapshot stands at.

    The chain is asked, not the clock: who saved before the snapshot may commit after it. Importing does the same acts.
    """
    later = Act.objects.filter(chain=participant.trial.key, seq__gt=snapshot.manifest["audit_seq"])
    return later.filter(participant=participant.label, verb__in=COUNTING).exists()


def found(result: Result) -> dict[str, Any]:
    """The values of a result."""
    values: dict[str, Any] = json.loads(result.payload)
    return values
