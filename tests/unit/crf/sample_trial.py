"""Tests: a protocol of two arms with planned visits, forms that apply to some, consent, withdrawal and death."""

from typing import Any

from trial.protocol.schema import Protocol


def _form(form: str, items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"form": form, "version": 1, "title": {"en": form.capitalize()}, "items": items, **more}


def _item(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": {"en": name.capitalize()}, "type": kind, **more}


def _coded(name: str, *codes: str) -> dict[str, Any]:
    return _item(name, "choice", choices=[{"code": code, "label": {"en": code}} for code in codes])


def _visit(name: str, *forms: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": {"en": name.upper()}, "forms": forms, **more}


FORMS = [
    _form(
        "consent",
        [_coded("version", "1"), _item("given_on", "date"), _coded("sex", "female", "male")],
        milestone={"kind": "consent", "on": "given_on", "version": "version"},
    ),
    _form("visit", [_item("seen_on", "date")]),
    _form("only_b", [_item("note", "text")], applies="participant.arm == 'B'"),
    _form("only_men", [_item("note", "text")], applies="consent.sex == 'male'"),
    _form("treated", [_item("on", "date"), {**_coded("drug", "A", "B"), "reveals_arm": "yes"}]),
    _form("after_treatment", [_item("note", "text")], applies="treated.drug == 'B'"),
    _form("derived_arm", [_item("note", "text")], applies="derived.treated == 'B'"),
    _form("death", [_item("died_on", "partial_date")], after_withdrawal=True),
    _form(
        "withdrawal",
        [_item("withdrawn_on", "date"), _coded("level", "treatment", "visits", "all_data")],
        milestone={
            "kind": "withdrawal",
            "on": "withdrawn_on",
            "when": "level in ['visits', 'all_data']",
        },
    ),
]

PROTOCOL: dict[str, Any] = {
    "trial": "sample",
    "version": 1,
    "title": {"en": "Sample"},
    "arms": [{"id": "A", "label": {"en": "A"}, "control": True}, {"id": "B", "label": {"en": "B"}}],
    "consent_versions": [{"id": "1", "label": {"en": "First"}, "effective_from": "2024-01-01"}],
    "randomization": {"method": "permuted_blocks", "ratio": {"A": 1, "B": 1}},
    "no_visits_after": ["death.died_on"],
    "derived": [{"id": "treated", "label": {"en": "Treated with"}, "first_known": ["treated.drug"]}],
    "visits": [
        _visit("screening", "consent", "treated", "only_men"),
        _visit("m01", "visit", "only_b", target_month=1, window=[-7, 7]),
        _visit("m03", "visit", target_month=3, window=[-14, 14]),
        _visit("w04", "only_b", target_day=28, window=[-7, 7], counts_from="treated.on"),
        _visit("m06", "visit", target_month=6, window=[-14, 14]),
        _visit("extra", "visit", unscheduled=True, repeats=True),
        _visit("events", "death", "withdrawal", "after_treatment", "derived_arm", unscheduled=True),
    ],
    "forms": {form["form"]: form for form in FORMS},
    "endpoints": {
        "horizon_months": 36,
        "endpoints": [{"id": "OS", "label": {"en": "OS"}, "events": [], "censor": []}],
        "populations": [
            {"id": "ITT", "label": {"en": "ITT"}, "rule": "participant.randomized_on is not missing"}
        ],
        "estimand": {key: {"en": key} for key in ("population", "treatment", "variable", "summary")},
        "analysis": {
            "primary": "OS",
            "population": "ITT",
            "ci": "wald",
            "km_interval": "plain",
            "confidence": "0.95",
            "alpha": "0.025",
            "margins": [10],
            "min_at_risk": 10,
            "landmarks_months": [36],
            "comparisons": [{"experimental": "B", "control": "A"}],
        },
    },
}


def protocol(**changes: Any) -> Protocol:
    """The protocol, with other keys where given; what holds between its parts is not checked here."""
    return Protocol.model_validate({**PROTOCOL, **changes})
