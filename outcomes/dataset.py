"""The one bridge from the database to frames, and the one reader of treatment outside floor 2.

Only a snapshot may open it. Frames are named as their files: `adsl` (one row per randomized participant, no arm),
`values` and `values_arm` (one row per item; the second holds what gives the arm away), and those of `tabulation`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from django.db.models import Max

from crf.definitions import typed
from crf.models import Record
from crf.selectors import ENTRY_ORDER, long_frame, participant_facts
from crf.states import COUNTED, RecordState
from outcomes.endpoints import DerivationFinding
from outcomes.records import FormRecord, Recorded
from outcomes.tabulation import table, tabulate
from randomization import concealed
from trial.models import Participant, Trial
from trial.protocol.expressions import Unknown, Value
from trial.protocol.forms import MissingReason
from trial.protocol.schema import Protocol
from trial.selectors import parsed, protocol_version

ADSL = ("STUDYID", "USUBJID", "SUBJID", "SITEID", "RANDDT", "RFICDT", "STATE")
VALUES = (
    "USUBJID",
    "SUBJID",
    "SITEID",
    "VISIT",
    "VISITREP",
    "FORM",
    "FORMREP",
    "ITEM",
    "VALUE",
    "MISSING",
    "REVEALS",
)


@dataclass(frozen=True)
class Frames:
    """Everything a snapshot holds, what the derivation found wrong, and what is to be counted in the manifest."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[DerivationFinding, ...]
    counts: dict[str, int]


def collect(trial: Trial, protocol: Protocol, *, cut_off: date) -> Frames:
    """Read the trial as it is now. The caller holds the audit chain's head, so nobody writes meanwhile."""
    participants = [
        p
        for p in Participant.objects.filter(trial=trial).select_related("site", "trial").order_by("label")
        if p.randomized_on and p.randomized_on <= cut_off
    ]
    recorded = _recorded(trial, protocol, participants)
    derived = tabulate(protocol, recorded, cut_off=cut_off)
    values = _values(trial, participants)
    return Frames(
        {
            "adsl": _adsl(participants, derived.flags),
            "values": table((row for row in values if row["REVEALS"] == "no"), VALUES),
            "values_arm": table((row for row in values if row["REVEALS"] != "no"), VALUES),
            **derived.tables,
        },
        derived.findings,
        {
            "records_counted": sum(len(each.records) for each in recorded),
            "records_in_draft": Record.objects.filter(
                participant__in=participants, state=RecordState.DRAFT
            ).count(),
            "adjudications_pending": derived.pending,
            "dates_imputed": derived.imputed,
        },
    )


def _values(trial: Trial, participants: Iterable[Participant]) -> list[dict[str, Any]]:
    known = {p.label: p for p in participants}
    return [
        {
            "USUBJID": known[row["label"]].usubjid,
            "SUBJID": row["label"],
            "SITEID": row["site"],
            "VISIT": row["visit"],
            "VISITREP": row["visit_repeat"],
            "FORM": row["form"],
            "FORMREP": row["repeat"],
            "ITEM": row["item"],
            "VALUE": row["value"],
            "MISSING": row["missing"],
            "REVEALS": row["reveals"],
        }
        for row in long_frame(trial)
        if row["label"] in known
    ]


def _recorded(trial: Trial, protocol: Protocol, participants: Iterable[Participant]) -> list[Recorded]:
    arms = concealed.arms(trial)
    saved = dict(
        Record.history.filter(participant__trial=trial).values_list("id").annotate(last=Max("history_date"))
    )
    records: dict[int, list[Record]] = defaultdict(list)
    rows = Record.objects.filter(participant__trial=trial, state__in=COUNTED).select_related("visit")
    for record in rows.order_by(*ENTRY_ORDER):
        records[record.participant_id].append(record)
    return [
        Recorded(
            p.usubjid,
            p.site.code,
            participant_facts(p),
            tuple(_records(records[p.pk], protocol, saved, ZoneInfo(p.site.time_zone))),
            arms[p.pk],
        )
        for p in participants
    ]


def _records(
    rows: Iterable[Record], protocol: Protocol, saved: Mapping[int, Any], zone: ZoneInfo
) -> Iterable[FormRecord]:
    # Counted within the form: over all forms it would tell how many the participant's arm has.
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row.form] += 1
        yield FormRecord(
            row.form,
            counted[row.form],
            _typed(row, protocol),
            visit=row.visit.key,
            visit_repeat=row.visit.repeat,
            repeat=row.repeat,
            known_on=saved[row.pk].astimezone(zone).date(),
            inapplicable=frozenset(
                i for i, why in row.missing.items() if why == MissingReason.NOT_APPLICABLE
            ),
        )


def _typed(record: Record, protocol: Protocol) -> dict[str, Value | Unknown]:
    """The values as the text that the record was entered under means them.

    An item that is of another type in the protocol of the snapshot cannot be asked there: it is left out.
    """
    entered = parsed(protocol_version(record.protocol_id)).forms[record.form]
    now = protocol.forms.get(record.form)
    kinds = {item.id: item.type for item in now.items} if now else {}
    return {
        item.id: typed(item, record.values.get(item.id))
        for item in entered.items
        if kinds.get(item.id, item.type) is item.type
    }


def _adsl(participants: Iterable[Participant], flags: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    rows = (
        (p.trial.key, p.usubjid, p.label, p.site.code, p.randomized_on, p.consented_on, p.state)
        for p in participants
    )
    frame = table(rows, ADSL)
    for population, inside in flags.items():
        frame[f"{population}FL"] = ["Y" if usubjid in inside else "N" for usubjid in frame["USUBJID"]]
    return frame
