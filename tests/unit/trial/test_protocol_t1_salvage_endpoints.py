"""Unit tests, floor 0: endpoints, populations and analysis of the main trial are the declared ones."""

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.trial.salvage_protocol import PARAMETERS, PROTOCOL, Facts, looking
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse


def test_endpoints_count_what_the_protocol_says() -> None:
    told = {
        each.id: (each.origin, [fact.type for fact in each.events], [fact.type for fact in each.competing])
        for each in PROTOCOL.endpoints.endpoints
    }
    start, recur = "participant.randomized_on", ["local_recurrence", "distant_metastasis"]
    disease_free = (start, [*recur, "second_primary_colorectal", "death"], [])
    assert told == {
        "DFS": disease_free,
        "DFSFDA": disease_free,
        "DFSREG": ("derived.first_treatment_on", recur, ["death"]),
        "LRR": (start, ["local_recurrence"], ["death"]),
        "OS": (start, ["death"], []),
        "RFS": (start, [*recur, "death"], []),
        "TMEFREE": (start, ["tme", "death"], []),
        "COLFREE": ("derived.first_fraction_on", ["stoma", "stoma", "death"], []),
    }
    adjudicated = {each.id for each in PROTOCOL.endpoints.endpoints if each.adjudicated}
    assert adjudicated == {"DFS", "DFSFDA", "DFSREG", "LRR", "RFS"}
    assert {each.id: each.arms for each in PROTOCOL.endpoints.endpoints if each.arms} == {
        "TMEFREE": ("CRT",),
        "COLFREE": ("CRT",),
    }


def test_where_times_are_censored() -> None:
    censored = {each.id: {fact.on for fact in each.censor} for each in PROTOCOL.endpoints.endpoints}
    visit = {"follow_up.visit_on"}
    pelvic = {f"follow_up.{each}_on" for each in ("pelvic_mri", "ct", "rectoscopy", "colonoscopy")}
    assert censored["LRR"] == pelvic
    found = {"recurrence.first_evidence", "recurrence.biopsy_on", "second_primary.diagnosed_on"}
    assert censored["OS"] == {
        *visit, *pelvic, *found, "survival_contact.contact_on", "withdrawal.withdrawn_on",
    }  # fmt: skip
    assert PROTOCOL.endpoints.endpoint("OS").censor == PROTOCOL.endpoints.known_alive
    assert {each for each, on in censored.items() if on == visit} == set(censored) - {"LRR", "OS"}
    for each in ("DFS", "DFSFDA", "DFSREG", "RFS"):
        whens = {fact.when for fact in PROTOCOL.endpoints.endpoint(each).censor}
        assert whens == {"record.adequate == 'yes'"}


def test_every_death_counts_once_and_is_known_after_a_withdrawal_only_where_allowed() -> None:
    deaths = [
        fact
        for each in PROTOCOL.endpoints.endpoints
        for fact in (*each.events, *each.competing)
        if fact.on == "death.died_on"
    ]
    assert len(deaths) == len(PROTOCOL.endpoints.endpoints)
    assert {fact.when for fact in deaths} == {None}
    (allowed,) = {fact.despite_withdrawal for fact in deaths}
    rule = parse(str(allowed))
    known: Facts = {"death.source": "public_record", "consent.public_records": "yes"}
    withdrawn: Facts = {"withdrawal.level": "visits"}
    assert rule.evaluate(looking({**known, **withdrawn})) is True
    assert rule.evaluate(looking({**known, **withdrawn, "withdrawal.public_records": "yes"})) is True
    assert rule.evaluate(looking({**known, **withdrawn, "withdrawal.public_records": "no"})) is False
    assert rule.evaluate(looking({**known, "consent.public_records": "no"})) is False
    assert rule.evaluate(looking({**known, "death.source": "relatives"})) is False


@pytest.mark.parametrize("endpoint", ["DFS", "DFSFDA", "RFS"])
def test_a_metastasis_before_any_treatment_is_flagged(endpoint: str) -> None:
    events = PROTOCOL.endpoints.endpoint(endpoint).events
    fact = next(each for each in events if each.type == "distant_metastasis")
    rule = parse(str(fact.note_when))
    found: Facts = {"recurrence.first_evidence": "2024-01-13"}
    assert rule.evaluate(looking(found)) is True
    assert rule.evaluate(looking({**found, "treatment_start.started_on": date(2024, 1, 20)})) is True
    assert rule.evaluate(looking({**found, "treatment_start.started_on": date(2024, 1, 10)})) is False


def test_the_fda_style_set() -> None:
    style = PROTOCOL.endpoints.fda_style
    assert style is not None
    assert style.missed == PARAMETERS["missed_assessments"] == 2
    (therapy,) = style.new_therapy
    rule = parse(str(therapy.when))
    intents = [choice.code for choice in PROTOCOL.codelists["therapy_intent"]]
    new = {each for each in intents if rule.evaluate({"subsequent_therapy.intent": each}) is True}
    assert new == {"curative", "palliative"}
    assert [each.id for each in PROTOCOL.endpoints.endpoints if each.censoring == "fda_style"] == ["DFSFDA"]


PER_PROTOCOL: Facts = {
    "participant.randomized_on": date(2024, 1, 1),
    "participant.consented_on": date(2023, 12, 20),
    "local_excision.excised_on": date(2023, 12, 1),
    "participant.eligible": "yes",
    "derived.important_deviation": "no",
}
OPERATED: Facts = {
    "participant.arm": "TME",
    "treatment_start.treatment": "TME",
    "treatment_start.started_on": date(2024, 1, 20),
    "tme.operated_on": date(2024, 1, 20),
    "tme.r_status": "R0",
}
JUST_EXCISED: Facts = {**OPERATED, "local_excision.excised_on": date(2023, 12, 31)}
IRRADIATED: Facts = {
    "participant.arm": "CRT",
    "treatment_start.treatment": "CRT",
    "treatment_start.started_on": date(2024, 1, 20),
    "radiotherapy.planned_dose_gy": Decimal("50.4"),
    "radiotherapy.given_dose_gy": Decimal("45.36"),
    "chemotherapy.intent": "concurrent",
    "chemotherapy.capecitabine_percent": Decimal(80),
}


def _left_out(facts: Facts) -> list[str]:
    """The conditions of the per-protocol population that are not known to be met."""
    population = next(each for each in PROTOCOL.endpoints.populations if each.id == "PP")

    def look(address: str) -> Value | Unknown:
        return {**PER_PROTOCOL, **facts}.get(address, UNKNOWN)

    return [each.id for each in population.conditions if parse(each.rule).evaluate(look) is not True]


@pytest.mark.parametrize(
    ("facts", "left_out"),
    [
        (OPERATED, []),
        (IRRADIATED, []),
        ({**OPERATED, "treatment_start.started_on": date(2024, 2, 26)}, ["soon_after_excision"]),
        ({**OPERATED, "treatment_start.started_on": date(2024, 2, 23)}, []),
        ({**JUST_EXCISED, "treatment_start.started_on": date(2024, 2, 27)}, ["soon_after_randomization"]),
        ({**JUST_EXCISED, "treatment_start.started_on": date(2024, 2, 26)}, []),
        ({**OPERATED, "tme.r_status": "R1"}, ["r0_tme"]),
        (
            {**OPERATED, "participant.arm": "CRT"},
            ["allocated_begun", "radiotherapy_dose", "capecitabine_dose"],
        ),
        ({**IRRADIATED, "radiotherapy.given_dose_gy": Decimal("45.35")}, ["radiotherapy_dose"]),
        ({**IRRADIATED, "chemotherapy.capecitabine_percent": Decimal("79.9")}, ["capecitabine_dose"]),
        ({**IRRADIATED, "derived.important_deviation": "yes"}, ["no_important_deviation"]),
        ({**IRRADIATED, "participant.eligible": UNKNOWN}, ["eligible"]),
    ],
)
def test_who_is_left_out_of_the_per_protocol_population(facts: Facts, left_out: list[str]) -> None:
    assert _left_out(facts) == left_out


@pytest.mark.parametrize(("eligible", "inside"), [("yes", True), ("no", False), (UNKNOWN, True)])
def test_modified_intention_to_treat_leaves_out_who_is_known_to_be_ineligible(
    eligible: Value | Unknown, inside: bool
) -> None:
    population = next(each for each in PROTOCOL.endpoints.populations if each.id == "mITT")
    facts = {**PER_PROTOCOL, "participant.eligible": eligible}
    assert all(parse(each.rule).evaluate(facts) is True for each in population.conditions) is inside


def test_the_limits_of_the_per_protocol_population_are_the_stated_ones() -> None:
    population = next(each for each in PROTOCOL.endpoints.populations if each.id == "PP")
    rules = {each.id: each.rule for each in population.conditions}
    assert f"<= {PARAMETERS['start_after_excision']}" in rules["soon_after_excision"]
    assert f"<= {PARAMETERS['start_after_randomization']}" in rules["soon_after_randomization"]
    assert f"0.{PARAMETERS['dose_per_protocol']}".rstrip("0") in rules["radiotherapy_dose"]
    assert f">= {PARAMETERS['capecitabine_per_protocol']}" in rules["capecitabine_dose"]


def test_populations_go_by_allocation_or_by_what_was_received() -> None:
    told = {each.id: (each.by, each.reveals_arm) for each in PROTOCOL.endpoints.populations}
    assert told == {
        "ITT": ("allocated", False),
        "mITT": ("allocated", False),
        "PP": ("allocated", True),
        "AT": ("received", True),
        "SAF": ("received", True),
    }
    assert PROTOCOL.endpoints.treatment_received == "treatment_start.treatment"


def test_the_declared_analysis() -> None:
    plan = PROTOCOL.endpoints
    analysis = plan.analysis
    assert plan.horizon_months == 36
    assert (analysis.primary, analysis.population, analysis.per_protocol) == ("DFS", "ITT", "PP")
    assert (analysis.ci, analysis.km_interval) == ("wald", "loglog")
    assert (analysis.confidence, analysis.alpha) == (Decimal("0.95"), PARAMETERS["alpha"])
    assert list(analysis.margins) == [PARAMETERS["margin"]] == [10]
    assert analysis.hazard_ratio_margin == PARAMETERS["hazard_ratio_margin"]
    assert analysis.min_at_risk == PARAMETERS["min_at_risk"] == 10
    assert list(map(int, analysis.landmarks_months)) == [12, 24, 36, 60]
    assert [(pair.experimental, pair.control) for pair in analysis.comparisons] == [("CRT", "TME")]
    assert [look.id for look in analysis.looks] == ["interim", "final"]
    assert str(PARAMETERS["interim_look"]) in analysis.looks[0].at["en"]


def test_the_estimand_names_a_strategy_for_each_intercurrent_event() -> None:
    strategies = [each.strategy["en"] for each in PROTOCOL.endpoints.estimand.intercurrent_events]
    assert len(strategies) == 8
    assert strategies.count("Treatment policy") == 5
    assert strategies[-1] == "Composite"
