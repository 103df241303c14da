"""Tests: a protocol of two arms with a schedule of assessments, and histories told in days since randomization.

Randomized 2024-01-01 = day 0, cut-off 2027-06-30 = day 1276.
"""

from datetime import date, timedelta
from typing import Any

from outcomes.endpoints import DerivationFinding, TimeToEvent, derive
from outcomes.histories import History
from outcomes.imputation import Imputation
from outcomes.records import FormRecord, Recorded
from trial.protocol.endpoints import Endpoint
from trial.protocol.schema import Protocol

ORIGIN, CUT_OFF = date(2024, 1, 1), date(2027, 6, 30)
NAMED = {"en": "an endpoint"}

Told = tuple[str, dict[str, object]]


def _form(form: str, **items: str) -> dict[str, Any]:
    return {
        "form": form,
        "version": 1,
        "title": {"en": form},
        "items": [_item(*each) for each in items.items()],
    }


def _item(name: str, kind: str) -> dict[str, Any]:
    label = {"en": name}
    if kind not in CODES:
        return {"id": name, "label": label, "type": kind}
    choices = [{"code": code, "label": {"en": code}} for code in CODES[kind]]
    return {"id": name, "label": label, "type": "choice", "choices": choices}


CODES = {
    "site": ("local", "distant"),
    "organ": ("colorectal", "lung"),
    "arm": ("A", "B"),
    "level": ("treatment", "all_data"),
}
FORMS = [
    _form("base", ecog="integer", born="partial_date"),
    _form("treated", on="date", what="arm"),
    _form("visit", date="date", examined="yesno", cea="yesno", mri="yesno", scope="yesno"),
    _form("contact", date="date"),
    _form("recurrence", first_evidence="partial_date", site="site", biopsied_on="partial_date"),
    _form("second", date="date", organ="organ"),
    _form("therapy", began="partial_date"),
    _form("death", date="partial_date", public="yesno"),
    _form("withdrawal", date="date", level="level"),
]
HIDDEN = {"treated": "yes", "therapy": "content"}

ASSESSED = {"on": "visit.date", "type": "disease_assessment", "when": "record.adequate == 'yes'"}
PELVIC = {
    "on": "visit.date",
    "type": "pelvic_assessment",
    "when": "visit.mri == 'yes' or visit.scope == 'yes'",
}
ALIVE = {"on": "contact.date", "type": "contact_alive"}
LOCAL = {
    "on": "recurrence.first_evidence",
    "type": "local",
    "when": "recurrence.site == 'local'",
    "not_after": ["death.date", "recurrence.biopsied_on"],
}
DISTANT = {
    **LOCAL,
    "type": "distant",
    "when": "recurrence.site == 'distant'",
    "note_when": "derived.treated_on is missing or recurrence.first_evidence < derived.treated_on",
    "note": {"en": "before treatment", "zh-hans": "治疗前"},
}
SECOND = {"on": "second.date", "type": "second_primary_crc", "when": "second.organ == 'colorectal'"}
DEATH = {
    "on": "death.date",
    "type": "death",
    "ends_life": True,
    "despite_withdrawal": "death.public == 'yes'",
}

ENDPOINTS: list[dict[str, Any]] = [
    {"id": "DFS", "events": [LOCAL, DISTANT, SECOND, DEATH], "censor": [ASSESSED], "adjudicated": True},
    {"id": "DFSFDA", "same_as": "DFS", "censoring": "fda_style"},
    {"id": "LRR", "events": [LOCAL], "competing": [DEATH], "censor": [PELVIC]},
    {"id": "OS", "events": [DEATH], "censor": [ALIVE, {"on": "withdrawal.date", "type": "withdrawn"}]},
    {"id": "FROM", "origin": "derived.treated_on", "events": [LOCAL, DISTANT], "censor": [ASSESSED]},
    {"id": "ONLYB", "arms": ["B"], "events": [DEATH], "censor": [ALIVE]},
]
POPULATIONS: list[dict[str, Any]] = [
    {"id": "ITT", "rule": "participant.randomized_on is not missing"},
    {
        "id": "PP",
        "reveals_arm": True,
        "conditions": [
            {"id": "fit", "label": {"en": "Fit"}, "rule": "base.ecog <= 2"},
            {
                "id": "as_allocated",
                "label": {"en": "As allocated"},
                "rule": "treated.what == participant.arm",
            },
        ],
    },
    {"id": "AT", "by": "received", "rule": "treated.on is not missing"},
]


def _visit(name: str, *forms: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": {"en": name.upper()}, "forms": forms, **more}


def _planned(month: int) -> dict[str, Any]:
    asked = ["examination", "cea", "mri", "scope"] if month % 6 == 0 else ["examination", "cea"]
    return _visit(f"m{month:02}", "visit", target_month=month, window=[-14, 14], modalities=asked)


PLAN: dict[str, Any] = {
    "trial": "sample",
    "version": 1,
    "title": {"en": "Sample"},
    "arms": [{"id": "A", "label": {"en": "Arm A"}, "control": True}, {"id": "B", "label": {"en": "Arm B"}}],
    "consent_versions": [{"id": "1", "label": {"en": "First"}, "effective_from": "2024-01-01"}],
    "derived": [{"id": "treated_on", "label": {"en": "Treated on"}, "first_known": ["treated.on"]}],
    "eligibility": [
        {"id": "fit", "kind": "inclusion", "label": {"en": "Fit"}, "rule": "base.ecog <= 2", "query": True},
        {"id": "born", "kind": "inclusion", "label": {"en": "Born"}, "rule": "base.born is not missing"},
    ],
    "randomization": {"method": "permuted_blocks", "ratio": {"A": 1, "B": 1}},
    "no_visits_after": ["death.date"],
    "visits": [
        _visit("screening", "base", "treated"),
        *(_planned(month) for month in range(3, 27, 3)),
        _visit("extra", "visit", unscheduled=True, repeats=True),
        _visit(
            "events", "contact", "recurrence", "second", "therapy", "death", "withdrawal", unscheduled=True
        ),
    ],
    "assessments": {
        "form": "visit",
        "on": "date",
        "modalities": [
            {"id": "examination", "label": {"en": "E"}, "kind": "examination", "done": "examined"},
            {"id": "cea", "label": {"en": "C"}, "kind": "laboratory", "done": "cea"},
            {"id": "mri", "label": {"en": "M"}, "kind": "imaging", "done": "mri"},
            {"id": "scope", "label": {"en": "S"}, "kind": "endoscopy", "done": "scope"},
        ],
    },
    "forms": {form["form"]: {**form, "reveals_arm": HIDDEN.get(form["form"], "no")} for form in FORMS},
    "endpoints": {
        "horizon_months": 36,
        "data_end": [
            {"on": "withdrawal.date", "type": "withdrawn", "when": "withdrawal.level == 'all_data'"}
        ],
        "known_alive": [
            {"on": "visit.date", "type": "visited"},
            {"on": "contact.date", "type": "contact_alive"},
            {"on": "recurrence.first_evidence", "type": "recurred"},
        ],
        "fda_style": {"missed": 2, "new_therapy": [{"on": "therapy.began", "type": "new_therapy"}]},
        "treatment_received": "treated.what",
        "endpoints": [{"label": NAMED, **endpoint} for endpoint in ENDPOINTS],
        "populations": [{"label": NAMED, **population} for population in POPULATIONS],
        "estimand": {key: {"en": key} for key in ("population", "treatment", "variable", "summary")},
        "analysis": {
            "primary": "DFS",
            "population": "ITT",
            "per_protocol": "PP",
            "ci": "wald",
            "km_interval": "plain",
            "confidence": "0.95",
            "alpha": "0.025",
            "margins": [10],
            "min_at_risk": 1,
            "landmarks_months": [12, 36],
            "comparisons": [{"experimental": "B", "control": "A"}],
            "hazard_ratio_margin": "2.38",
        },
    },
}
PROTOCOL = Protocol.model_validate(PLAN)


def day(number: int) -> date:
    """The day so many days after randomization."""
    return ORIGIN + timedelta(days=number)


def person(*told: Told, arm: str = "A", usubjid: str = "T-01-1", randomized_on: date = ORIGIN) -> Recorded:
    """A person with records in the order told; a value at `_visit` or `_known_on` is of the record itself."""
    facts = {
        "participant.randomized_on": randomized_on,
        "participant.consented_on": randomized_on,
        "participant.site": "01",
    }
    counted: dict[str, int] = {}
    records = []
    for form, values in told:
        counted[form] = counted.get(form, 0) + 1
        items = {key: value for key, value in values.items() if not key.startswith("_")}
        place = {"visit": values.get("_visit", "events"), "known_on": values.get("_known_on")}
        records.append(FormRecord(form, counted[form], items, **place))  # type: ignore[arg-type]
    return Recorded(usubjid, "01", facts, tuple(records), arm)


def history(*told: Told, **more: Any) -> History:
    """That person as of the cut-off."""
    return History(person(*told, **more), PROTOCOL, CUT_OFF)


def visit(number: int, *, at: str = "extra", full: bool = True) -> Told:
    """A visit with an examination and CEA, and with MRI and rectoscopy unless it is not full."""
    looked = "yes" if full else "no"
    return "visit", {
        "date": day(number), "examined": "yes", "cea": "yes", "mri": looked, "scope": looked, "_visit": at,
    }  # fmt: skip


def recurrence(when: int | str, site: str = "local", **more: object) -> Told:
    """A recurrence on a day, or on a partial date."""
    on = when if isinstance(when, str) else day(when).isoformat()
    return "recurrence", {"first_evidence": on, "site": site, **more}


def death(number: int, public: str = "no") -> Told:
    """A death on a day."""
    return "death", {"date": day(number), "public": public}


def alive(number: int) -> Told:
    """A contact on a day."""
    return "contact", {"date": day(number)}


def derived(
    endpoint: str, *people: History, imputation: Imputation = Imputation.MIDDLE
) -> tuple[list[TimeToEvent], list[DerivationFinding]]:
    """Rows and findings of an endpoint of the protocol."""
    return derive(PROTOCOL.endpoints.endpoint(endpoint), people, imputation=imputation)


def row(endpoint: str, *told: Told, **more: Any) -> TimeToEvent:
    """The one row of an endpoint for one history in which nothing is wrong."""
    rows, findings = derived(endpoint, history(*told, **more))
    assert findings == []
    assert len(rows) == 1
    return rows[0]


def changed(endpoint: str, **changes: Any) -> Endpoint:
    """An endpoint of the protocol with some keys replaced."""
    given = next(each for each in PLAN["endpoints"]["endpoints"] if each["id"] == endpoint)
    return Endpoint.model_validate({**given, **changes})
