"""Specification, floor 3: the endpoints and populations of the main trial, as histories and what follows from them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from config.documents.spec import Cell
from crf.definitions import stored, typed
from outcomes.endpoints import derive
from outcomes.histories import History
from outcomes.populations import memberships
from outcomes.records import FormRecord, Recorded
from tests.protocol_texts import loaded
from tests.spec.tables import table
from trial.protocol.expressions import UNKNOWN

PROTOCOL = loaded("t1-salvage").protocol
TABLE = table("derivations")
RANDOMIZED, CUT_OFF = date(2024, 1, 1), date(2027, 6, 30)
VISITS = {visit.id: visit for visit in PROTOCOL.visits}
MODALITIES = {each.id: each.done for each in PROTOCOL.assessments.modalities} if PROTOCOL.assessments else {}
CODES = {0: "C", 1: "E", 2: "X"}


def day(text: str) -> str:
    """A number of days since randomization as a date; a date, a month or a year as it stands."""
    days = text.isdecimal() and int(text) < RANDOMIZED.year - 1
    return (RANDOMIZED + timedelta(days=int(text))).isoformat() if days else text


@dataclass
class Told:
    """The records of one participant, as they are told."""

    records: list[FormRecord] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def add(self, form: str, at: str, **answers: str) -> None:
        """A counted record, its answers read as the form reads what is typed."""
        self.counted[form] += 1
        items = {item.id: item for item in PROTOCOL.forms[form].items}
        assert answers.keys() <= items.keys(), answers
        values = {
            name: typed(item, stored(item, PROTOCOL.choices(item), answers[name]))
            if name in answers
            else UNKNOWN
            for name, item in items.items()
        }
        self.records.append(FormRecord(form, self.counted[form], values, visit=at))

    def visit(self, on: str, at: str, *done: str, pelvis: str = "no", imaging: str = "") -> None:
        """A follow-up visit at which these modalities were done that day, imaging and endoscopy on their own."""
        answers = {"visit_on": day(on), **dict.fromkeys(MODALITIES.values(), "no")}
        for modality in done:
            answers[MODALITIES[modality]] = "yes"
            if modality in ("pelvic_mri", "rectoscopy", "ct", "colonoscopy"):
                answers[f"{modality}_on"] = day(imaging or on)
        if "ct" in done:
            answers["ct_pelvis"] = pelvis
        self.add("follow_up", at, **answers)


Phrase = Callable[..., None]


def _died(told: Told, on: str, public: str | None) -> None:
    told.add("death", "death", died_on=day(on), cause="other", source="public_record" if public else "site")


def _recurred(told: Told, kind: str, on: str, biopsy: str | None) -> None:
    more = {"biopsy": "yes", "biopsy_on": day(biopsy)} if biopsy else {}
    told.add("recurrence", "recurrence", kind=kind, first_evidence=day(on), **more)


def _withdrew(told: Told, on: str, level: str, records: str | None) -> None:
    more = {"public_records": "no"} if records else {}
    told.add("withdrawal", "withdrawal", withdrawn_on=day(on), level=level, **more)


def _irradiated(told: Told, first: str, last: str, given: str | None) -> None:
    doses = {"planned_dose_gy": "50.0", "given_dose_gy": given or "50.0"}
    told.add("radiotherapy", "treatment", started_on=day(first), ended_on=day(last), **doses)


def _operated(told: Told, on: str, residual: str, nodes: str) -> None:
    told.add("tme", "treatment", operated_on=day(on), r_status=residual, pn=nodes, stoma="no")


# The phrases of a history, and what each of them records.
PHRASES: dict[str, Phrase] = {
    r"assessed (\d+) at (\w+)": lambda told, on, at: told.visit(on, at, *VISITS[at].modalities, pelvis="yes"),
    r"assessed (\d+)": lambda told, on: told.visit(on, "extra", "examination", "ct"),
    r"rectoscopy (\d+)": lambda told, on: told.visit(on, "extra", "examination", "rectoscopy"),
    r"seen (\d+) at (\w+)": lambda told, on, at: told.visit(on, at, "examination", "cea"),
    r"CEA (\d+) at (\w+)": lambda told, on, at: told.visit(on, at, "cea"),
    r"(local|distant) recurrence (\S+)(?: biopsy (\S+))?": _recurred,
    r"second (colorectal|other) cancer (\S+)": lambda told, kind, on: told.add(
        "second_primary", "second_primary", kind=kind, diagnosed_on=day(on)
    ),
    r"dies (\S+)( by public record)?": _died,
    r"visit (\d+) at (\w+) with imaging (\d+)": lambda told, on, at, seen: told.visit(
        on, at, *VISITS[at].modalities, imaging=seen
    ),
    r"important (\w+) deviation (\d+)": lambda told, category, on: told.add(
        "protocol_deviation", "deviation", category=category, important="yes", occurred_on=day(on)
    ),
    r"alive (\d+)": lambda told, on: told.add(
        "survival_contact", "contact", contact_on=day(on), source="phone", vital_status="alive"
    ),
    r"withdraws (\d+) from (\w+)( and records)?": _withdrew,
    r"begins (TME|CRT) (\S+)": lambda told, what, on: told.add(
        "treatment_start", "treatment", status="given", treatment=what, started_on=day(on)
    ),
    r"refuses": lambda told: told.add("treatment_start", "treatment", status="refused"),
    r"operated (\d+) (R\d) (pN\d)": _operated,
    r"radiotherapy (\d+) to (\d+)(?: of ([\d.]+) Gy)?": _irradiated,
    r"capecitabine (\d+)": lambda told, percent: told.add(
        "chemotherapy", "treatment", intent="concurrent", capecitabine_percent=percent
    ),
    r"stoma (\d+)": lambda told, on: told.add("stoma_log", "stoma", event="created", happened_on=day(on)),
    r"(\w+) therapy (\d+)": lambda told, intent, on: told.add(
        "subsequent_therapy", "new_therapy", started_on=day(on), intent=intent
    ),
}
# Phrases about the time before randomization, the last about a participant of whom nothing follows.
CHANGES = {
    "records refused": ("consent.public_records", "no"),
    "size 20": ("local_excision.size_mm", "20"),
    "excised 28 days before": ("local_excision.excised_on", "2023-12-04"),
    "excised 64 days before": ("local_excision.excised_on", "2023-10-29"),
    "excised 31 days after": ("local_excision.excised_on", "2024-02-01"),
    "nothing recorded": ("consent.public_records", "yes"),
}


def person(arm: str, history: str) -> History:
    """An eligible participant with the history."""
    told, phrases = Told(), history.split("; ")
    before = dict(CHANGES[phrase] for phrase in phrases if phrase in CHANGES)
    _screened(told, before)
    for phrase in phrases:
        if phrase not in CHANGES:
            _tell(told, phrase)
    facts = {
        "participant.randomized_on": RANDOMIZED,
        "participant.consented_on": RANDOMIZED,
        "participant.site": "01",
    }
    return History(Recorded("T", "01", facts, tuple(told.records), arm), PROTOCOL, CUT_OFF)


def _screened(told: Told, changes: dict[str, str]) -> None:
    base: dict[str, Cell] = {str(address): value for address, value in table("eligible_participant").rows}
    base |= {"consent.public_records": "yes", "local_excision.excised_on": "2023-12-12", **changes}
    del base["participant.consented_on"]
    forms = sorted({address.partition(".")[0] for address in base})
    for form in forms:
        own = {
            address.partition(".")[2]: str(value)
            for address, value in base.items()
            if address.startswith(f"{form}.")
        }
        told.add(form, "screening", **own)


def _tell(told: Told, phrase: str) -> None:
    for pattern, record in PHRASES.items():
        if found := re.fullmatch(pattern, phrase):
            record(told, *found.groups())
            return
    raise AssertionError(f"no phrase of a history: {phrase}")


def answer(who: History, asked: str) -> str:
    """What comes of one endpoint or population, in the words of the table."""
    name, _, rest = asked.partition(" ")
    populations = {each.id: each for each in PROTOCOL.endpoints.populations}
    if name in populations:
        member = memberships(populations[name], [who])[0]
        word = "in" if rest == "in" else member.arm
        return f"{name} {word}" if member.inside else f"{name} out {' '.join(member.reasons)}"
    rows, findings = derive(PROTOCOL.endpoints.endpoint(name), [who])
    finding = " finding" if findings else ""
    if not rows:
        return f"{name} none{finding}"
    row = rows[0]
    kind = " local" if rest.endswith("local") and row.evntdesc == "Local recurrence" else ""
    flag, noted = f" {row.adtf}" if row.adtf else "", " noted" if row.note else ""
    return f"{name} {row.aval} {CODES[row.event]}{flag}{kind}{noted}{finding}"


@pytest.mark.shows("END-01", "END-02")
@pytest.mark.parametrize("row", TABLE.records, ids=lambda row: str(row["case"]))
def test_a_history_gives_the_answers_of_the_table(row: dict[str, Cell]) -> None:
    who = person(str(row["arm"]), str(row["history"]))
    expected = str(row["answers"]).split("; ")
    assert [answer(who, each) for each in expected] == expected


@pytest.mark.shows("END-01")
def test_the_table_holds_every_vector_of_the_specification_and_every_endpoint() -> None:
    assert {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} <= {row["case"] for row in TABLE.records}
    asked = {each.split()[0] for row in TABLE.records for each in str(row["answers"]).split("; ")}
    endpoints = {each.id for each in PROTOCOL.endpoints.endpoints}
    assert asked == endpoints | {each.id for each in PROTOCOL.endpoints.populations}
