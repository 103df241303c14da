"""Unit tests, floor 0: the demo's protocol says what the published trial and its declared analysis need."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from tests.protocol_texts import FOLDER, loaded, texts_in
from trial.protocol.forms import MissingReason
from trial.protocol.schema import Protocol

DATA = FOLDER / "colon-moertel" / "data"


@pytest.fixture
def protocol() -> Protocol:
    return loaded("colon-moertel").protocol


def test_arms_are_the_codes_of_the_data(protocol: Protocol) -> None:
    assert [arm.id for arm in protocol.arms] == ["Obs", "Lev", "Lev+5FU"]
    assert protocol.control.id == "Obs"
    assert protocol.randomization.method == "uploaded_list"
    assert protocol.randomization.strata == ()
    assert protocol.demo is True


def test_the_declared_analysis(protocol: Protocol) -> None:
    plan = protocol.endpoints
    analysis = plan.analysis
    assert plan.horizon_months == 36
    assert (analysis.primary, analysis.population, analysis.ci) == ("DFS", "ITT", "wald")
    assert (analysis.km_interval, analysis.min_at_risk) == ("loglog", 10)
    assert (analysis.confidence, analysis.alpha) == (Decimal("0.95"), Decimal("0.025"))
    assert list(map(int, analysis.margins)) == [10, 5]
    assert list(map(int, analysis.landmarks_months)) == [12, 24, 36, 60]
    pairs = [(pair.experimental, pair.control) for pair in analysis.comparisons]
    assert pairs == [("Lev+5FU", "Obs"), ("Lev", "Obs")]


def test_endpoints_count_and_censor_as_published(protocol: Protocol) -> None:
    told = {
        endpoint.id: (
            [fact.on for fact in endpoint.events],
            [fact.on for fact in endpoint.competing],
            [(fact.on, fact.when) for fact in endpoint.censor],
        )
        for endpoint in protocol.endpoints.endpoints
    }
    assessed = [("follow_up.contact_on", "follow_up.disease_assessed == 'yes'")]
    alive = [("follow_up.contact_on", "follow_up.vital_status == 'alive'")]
    assert told == {
        "DFS": (["recurrence.first_evidence", "death.date"], [], assessed),
        "LRR": (["recurrence.first_evidence"], ["death.date"], assessed),
        "OS": (["death.date"], [], alive),
    }
    assert {endpoint.origin for endpoint in protocol.endpoints.endpoints} == {"participant.randomized_on"}


def test_every_text_is_in_both_languages(protocol: Protocol) -> None:
    texts = list(texts_in(protocol.model_dump()))
    assert len(texts) > 100
    assert [text for text in texts if set(text) != {"en", "zh-hans"}] == []


def test_what_reveals_the_arm_is_marked(protocol: Protocol) -> None:
    form = protocol.forms["treatment_start"]
    marks = {item.id: form.reveals(item) for item in form.items}
    assert marks == {"treatment": "yes", "started_on": "content"}
    assert {form.reveals_arm for name, form in protocol.forms.items() if name != "treatment_start"} == {"no"}
    assert [choice.code for choice in protocol.choices(form.item("treatment"))] == [
        arm.id for arm in protocol.arms
    ]


def test_every_date_is_checked_against_randomization_and_the_future(protocol: Protocol) -> None:
    dates = [(form, item) for form in protocol.forms.values() for item in form.items if item.type == "date"]
    assert len(dates) == 4
    for form, item in dates:
        hard = {check.condition for check in form.checks if check.level == "hard" and check.item == item.id}
        assert {f"{item.id} < participant.randomized_on", f"{item.id} > today"} <= hard


def test_what_the_public_file_does_not_hold_is_an_assumption_in_words(protocol: Protocol) -> None:
    parameters = {parameter.id: parameter for parameter in protocol.parameters}
    assert parameters["calendar_start"].value == date(1984, 3, 1)
    assert {parameter.source for parameter in protocol.parameters} == {"assumption"}
    assert all(parameter.note for parameter in protocol.parameters)
    assert protocol.imports
    assert len(protocol.imports.sites) == parameters["site_count"].value
    started = protocol.imports.forms[2].values["started_on"]
    assert (started.value, started.missing) == (None, MissingReason.UNKNOWN)


def test_the_data_are_those_of_the_published_trial() -> None:
    with (DATA / "colon.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1858
    assert {arm: len([row for row in rows if row["rx"] == arm]) / 2 for arm in ("Obs", "Lev", "Lev+5FU")} == {
        "Obs": 315,
        "Lev": 310,
        "Lev+5FU": 304,
    }


def test_the_stated_origin_counts_the_disagreeing_nodes_rightly() -> None:
    with (DATA / "colon.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["etype"] == "2"]
    counted = [row for row in rows if row["nodes"]]
    assert len([row for row in counted if (int(row["nodes"]) > 4) != (row["node4"] == "1")]) == 12
    assert (len(rows) - len(counted), len([row for row in rows if not row["differ"]])) == (18, 23)
