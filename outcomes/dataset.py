"""The one bridge from the database to frames, and the one reader of treatment outside floor 2.

Only a snapshot may open it. Frames are named as their files: `adsl` (one row per randomized participant, no arm),
`treatment` (USUBJID, TRT01P), `values` and `values_arm` (one row per item; the second holds what gives the arm away),
`adtte` (one row per participant and endpoint).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from crf.definitions import typed
from crf.selectors import long_frame, participant_facts
from outcomes.endpoints import DerivationFinding, FormRecord, Person, derive
from outcomes.populations import members
from randomization import concealed
from trial.models import Participant, Trial
from trial.protocol.schema import Protocol

ADSL = ("STUDYID", "USUBJID", "SUBJID", "SITEID", "RANDDT", "RFICDT", "STATE")
TREATMENT = ("USUBJID", "TRT01P")
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
ADTTE = (
    "USUBJID",
    "SITEID",
    "PARAMCD",
    "PARAM",
    "STARTDT",
    "ADT",
    "AVAL",
    "CNSR",
    "EVENT",
    "EVNTDESC",
    "CNSDTDSC",
    "SRCDOM",
    "SRCVAR",
    "SRCSEQ",
    "ADTF",
)


@dataclass(frozen=True)
class Frames:
    """Everything a snapshot holds, and what the derivation found wrong."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[DerivationFinding, ...]


def collect(trial: Trial, protocol: Protocol, *, cut_off: date) -> Frames:
    """Read the trial as it is now. The caller holds the audit chain's head, so nobody writes meanwhile."""
    participants = [
        p
        for p in Participant.objects.filter(trial=trial).select_related("site", "trial").order_by("label")
        if p.randomized_on and p.randomized_on <= cut_off
    ]
    arms = concealed.arms(trial)
    values = _values(trial, participants)
    people = [_person(p, protocol, values[p.label]) for p in participants]
    adtte, findings = _adtte(protocol, people, cut_off)
    flat = [row for p in participants for row in values[p.label]]
    return Frames(
        {
            "adsl": _adsl(protocol, participants, people),
            "treatment": pd.DataFrame([(p.usubjid, arms[p.pk]) for p in participants], columns=list(TREATMENT)),
            "values": _frame([r for r in flat if r["REVEALS"] == "no"], VALUES),
            "values_arm": _frame([r for r in flat if r["REVEALS"] != "no"], VALUES),
            "adtte": adtte,
        },
        tuple(findings),
    )


def _frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _values(trial: Trial, participants: list[Participant]) -> dict[str, list[dict[str, Any]]]:
    known = {p.label: p for p in participants}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in long_frame(trial):
        if row["label"] in known:
            rows[row["label"]].append(
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
            )
    return rows


def _person(participant: Participant, protocol: Protocol, rows: list[dict[str, Any]]) -> Person:
    grouped: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for row in rows:
        item = protocol.forms[row["FORM"]].item(row["ITEM"])
        stored = row["VALUE"].split(";") if item.type == "choices" and row["VALUE"] else row["VALUE"]
        place = (row["FORM"], row["VISIT"], row["VISITREP"], row["FORMREP"])
        grouped[place][item.id] = typed(item, int(stored) if item.type == "integer" and stored else stored)
    # Counted within the form: over all forms it would tell how many the participant's arm has.
    counted: Counter[str] = Counter()
    records = []
    for (form, *_place), values in grouped.items():
        counted[form] += 1
        records.append(FormRecord(form, counted[form], values))
    facts = participant_facts(participant)
    return Person(participant.usubjid, participant.site.code, facts, tuple(records))


def _adsl(protocol: Protocol, participants: list[Participant], people: list[Person]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (p.trial.key, p.usubjid, p.label, p.site.code, p.randomized_on, p.consented_on, p.state)
            for p in participants
        ],
        columns=list(ADSL),
    )
    for population in protocol.endpoints.populations:
        inside = members(population, people)
        frame[f"{population.id}FL"] = ["Y" if usubjid in inside else "N" for usubjid in frame["USUBJID"]]
    return frame


def _adtte(
    protocol: Protocol, people: list[Person], cut_off: date
) -> tuple[pd.DataFrame, list[DerivationFinding]]:
    rows: list[dict[str, Any]] = []
    findings: list[DerivationFinding] = []
    for endpoint in protocol.endpoints.endpoints:
        derived, found = derive(endpoint, people, cut_off=cut_off)
        rows += [{name.upper(): value for name, value in vars(row).items()} for row in derived]
        findings += found
    frame = _frame(rows, ADTTE)
    frame["SRCSEQ"] = frame["SRCSEQ"].astype("Int64")
    return frame, findings
