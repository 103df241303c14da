"""Unit tests, floor 0: identity, design, eligibility and schedule of the main trial as its registry record has them."""

import re
from datetime import date
from decimal import Decimal
from math import ceil, log
from statistics import NormalDist
from typing import Any

import pytest

from tests.protocol_texts import FOLDER, texts_in
from tests.unit.trial.salvage_protocol import (
    LOADED,
    PARAMETERS,
    PROTOCOL,
    Facts,
    fires,
    looking,
)
from trial.eligibility import assess, with_eligibility
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import ItemType

REGISTRY_QUIRKS = [
    "title_words", "wexner_direction", "qlq_direction", "iief_bands", "dfs_events", "time_origin", "men_only",
]  # fmt: skip


def test_it_is_the_registered_trial_and_no_demo() -> None:
    assert (PROTOCOL.trial, PROTOCOL.version, PROTOCOL.demo) == ("t1-salvage", 1, False)
    assert PROTOCOL.registry is not None
    assert PROTOCOL.registry.id == "NCT06043999"
    assert [(arm.id, arm.control) for arm in PROTOCOL.arms] == [("TME", True), ("CRT", False)]
    assert [version.id for version in PROTOCOL.consent_versions] == ["1"]


def test_every_text_is_in_both_languages() -> None:
    texts = list(texts_in(PROTOCOL.model_dump()))
    assert len(texts) > 900
    assert [text for text in texts if set(text) != {"en", "zh-hans"}] == []


def test_what_is_in_chinese_is_chinese() -> None:
    same = {text["en"] for text in texts_in(PROTOCOL.model_dump()) if text["en"] == text["zh-hans"]}
    assert same == {"CEA", "CT", "Gy", "mg/m²", "ng/mL", "%"}
    foreign = [t for t in texts_in(PROTOCOL.model_dump()) if not re.search(r"[\u4e00-\u9fff]", t["zh-hans"])]
    assert {text["en"] for text in foreign} == same
    assert [t for t in texts_in(PROTOCOL.model_dump()) if re.search(r"[\u4e00-\u9fff]", t["en"])] == []


def test_every_parameter_says_where_it_comes_from() -> None:
    text = (FOLDER / "t1-salvage" / "protocol.yaml").read_text()
    stated = text[text.index("\nparameters:") : text.index("\nquirks:")]
    assert stated.count("\n  - id: ") == stated.count("\n    source: ") == len(PARAMETERS)


def test_what_the_registry_does_not_say_is_called_an_assumption() -> None:
    sources = {parameter.id: parameter.source for parameter in PROTOCOL.parameters}
    declared = {
        "ratio",
        "margin",
        "alpha",
        "power",
        "expected_dfs",
        "participants",
        "hazard_ratio_margin",
        "dose_low",
    }
    assert {sources[each] for each in declared} == {"assumption"}
    assert {each for each, source in sources.items() if source == "publication"} == {
        each for each in sources if each.startswith("published_")
    }
    assert PROTOCOL.randomization.source == PROTOCOL.endpoints.analysis.source == "assumption"
    assert {visit.source for visit in PROTOCOL.visits} == {"assumption"}


def test_every_quirk_of_the_registry_text_is_told_with_its_reason() -> None:
    quirks = [quirk.id for quirk in PROTOCOL.quirks]
    assert quirks[: len(REGISTRY_QUIRKS)] == REGISTRY_QUIRKS
    assert {"thirty_millimetres", "dose_not_stated", "no_pfs", "no_regrowth"} == set(
        quirks[len(REGISTRY_QUIRKS) :]
    )
    for quirk in PROTOCOL.quirks:
        assert all(set(text) == {"en", "zh-hans"} for text in (quirk.says, quirk.does, quirk.why))


def test_the_sample_size_follows_from_the_stated_figures() -> None:
    survival, margin = float(PARAMETERS["expected_dfs"]), float(PARAMETERS["margin"]) / 100
    normal = NormalDist()
    z = normal.inv_cdf(1 - float(PARAMETERS["alpha"])) + normal.inv_cdf(float(PARAMETERS["power"]))
    per_arm = ceil(z**2 * 2 * survival * (1 - survival) / margin**2)
    assert per_arm == PARAMETERS["per_arm_complete"] == 116
    assert 2 * ceil(per_arm / (1 - float(PARAMETERS["loss_to_follow_up"]))) == PARAMETERS["participants"]


def test_the_margin_of_the_hazard_ratio_is_that_of_the_planned_survival() -> None:
    planned = float(PARAMETERS["expected_dfs"])
    wanted = log(planned - 0.10) / log(planned)
    assert PARAMETERS["hazard_ratio_margin"] == Decimal("2.38") == Decimal(f"{wanted:.2f}")


def test_strata_and_the_cell_that_cannot_occur() -> None:
    plan = PROTOCOL.randomization
    assert (plan.method, plan.ratio) == ("permuted_blocks", {"TME": 1, "CRT": 1})
    assert [factor.id for factor in plan.strata] == ["site", "size", "features"]
    assert plan.strata[0].value == "participant.site"
    codes = [[level.code for level in factor.levels] for factor in plan.strata[1:]]
    assert codes == [["lt30", "30to50"], ["0", "1", "2plus"]]
    assert plan.impossible == ({"size": "lt30", "features": "0"},)
    assert plan.needs == ("demography", "screening", "local_excision", "baseline_imaging")


@pytest.mark.parametrize(
    ("size", "level"), [("0", "lt30"), ("29.9", "lt30"), ("30.0", "30to50"), ("50", "30to50"), ("50.1", None)]
)
def test_thirty_millimetres_belong_to_the_larger_size(size: str, level: str | None) -> None:
    look = looking({"local_excision.size_mm": Decimal(size)})
    levels = PROTOCOL.randomization.strata[1].levels
    assert [each.code for each in levels if parse(each.when).evaluate(look) is True] == (
        [level] if level else []
    )


def test_an_unknown_feature_counts_as_not_present_in_the_stratum() -> None:
    look = looking({"local_excision.pni": "yes", "local_excision.grade": "well"})
    levels = PROTOCOL.randomization.strata[2].levels
    assert [each.code for each in levels if parse(each.when).evaluate(look) is True] == ["1"]
    assert looking({})("derived.risk_features") == 0


@pytest.mark.parametrize(
    ("kikuchi", "haggitt", "expected"),
    [
        ("SM3", None, "present"), ("SM2", None, "absent"), (None, "H4", "present"), (None, "H0", "absent"),
        ("SM3", "H4", "present"), ("SM1", "H2", "absent"), ("SM3", "H2", None), ("SM1", "H4", None), (None, None, None),
    ],
)  # fmt: skip
def test_levels_that_contradict_each_other_leave_sm3_unknown(
    kikuchi: str | None, haggitt: str | None, expected: str | None
) -> None:
    facts: Facts = {"local_excision.depth_um": 1500}
    facts |= {"local_excision.kikuchi": kikuchi} if kikuchi else {}
    facts |= {"local_excision.haggitt": haggitt} if haggitt else {}
    assert looking(facts)("derived.sm3") == (expected or UNKNOWN)
    contradict = kikuchi is not None and haggitt is not None and expected is None
    assert fires("local_excision", "levels_contradict", **_own(facts)) is contradict


def _own(facts: Facts) -> Facts:
    return {address.partition(".")[2]: value for address, value in facts.items()}


def test_somebody_is_eligible_after_all() -> None:
    facts: Facts = {
        f"screening.{item.id}": "no"
        for item in PROTOCOL.forms["screening"].items
        if item.type is ItemType.YESNO
    }
    facts |= {
        "screening.adenocarcinoma": "yes",
        "screening.organ_function": "yes",
        "screening.distance_mm": 100,
    }
    facts |= {"screening.cn": "cN0", "screening.cm": "cM0", "screening.asa": "3", "screening.ecog": "2"}
    facts |= {"demography.birth_date": date(1948, 5, 18), "demography.sex": "male"}
    facts |= {"participant.consented_on": date(2024, 5, 17), "local_excision.excised_on": date(2024, 5, 2)}
    facts |= {
        "local_excision.technique": "EMR",
        "local_excision.pt": "pT1",
        "local_excision.resection_plane": "no",
    }
    facts |= {"local_excision.size_mm": Decimal("30.0")}
    assert assess(PROTOCOL, looking(facts)).eligible
    assert with_eligibility(PROTOCOL, looking(facts))("participant.eligible") == "yes"
    plane = {**facts, "local_excision.resection_plane": "yes"}
    assert [each.criterion.id for each in assess(PROTOCOL, looking(plane)).queried] == ["resection_plane"]


@pytest.mark.parametrize(
    ("facts", "end", "zero"),
    [
        ({}, None, 56),
        ({"treatment_start.status": "refused"}, None, 56),
        ({"treatment_start.treatment": "TME", "treatment_start.started_on": 20}, 20, 20),
        ({"treatment_start.treatment": "CRT", "treatment_start.started_on": 20}, None, None),
        ({"treatment_start.treatment": "CRT", "radiotherapy.ended_on": 60}, 60, 60),
        ({"treatment_start.treatment": "CRT", "radiotherapy.ended_on": 60, "tme.operated_on": 500}, 60, 60),
        ({"treatment_start.treatment": "TME", "tme.operated_on": 21, "radiotherapy.ended_on": 500}, 21, 21),
    ],
)
def test_week_zero_is_the_end_of_the_first_treatment(
    facts: dict[str, Any], end: int | None, zero: int | None
) -> None:
    origin = date(2024, 1, 1).toordinal()

    def on(value: Any) -> Any:
        if value is None:
            return UNKNOWN
        return date.fromordinal(origin + value) if isinstance(value, int) else value

    look = looking({at: on(value) for at, value in {**facts, "participant.randomized_on": 0}.items()})
    assert (look("derived.treatment_end"), look("derived.week_zero")) == (on(end), on(zero))


def test_a_deviation_counts_if_important_listed_and_before_the_end_of_treatment() -> None:
    base: Facts = {"treatment_start.treatment": "TME", "tme.operated_on": date(2024, 2, 1)}

    def counted(**deviation: Value) -> Value | Unknown:
        answers = {
            "occurred_on": date(2024, 2, 1),
            "important": "yes",
            "category": "treatment_dose",
            **deviation,
        }
        own = {f"protocol_deviation.{item}": value for item, value in answers.items()}
        return looking({**base, **own})("derived.important_deviation")

    assert counted() == "yes"
    assert counted(occurred_on=date(2024, 2, 2)) == "no"
    assert counted(important="no") == counted(category="assessment") == counted(category="other") == "no"
    assert looking(base)("derived.important_deviation") == "no"


def test_follow_up_visits_hang_on_randomization_in_calendar_months() -> None:
    targets = {v.target_month: v for v in PROTOCOL.visits if v.target_month is not None}
    quarterly, half_yearly, yearly = range(3, 25, 3), range(30, 61, 6), range(72, 121, 12)
    assert list(targets) == [*quarterly, *half_yearly, *yearly]
    for months, parameter in ((quarterly, "quarterly"), (half_yearly, "half_yearly"), (yearly, "yearly")):
        days = PARAMETERS[f"window_{parameter}"]
        assert {targets[month].window for month in months} == {(-days, days)}
    assert [PARAMETERS[f"window_{each}"] for each in ("quarterly", "half_yearly", "yearly")] == [14, 30, 60]
    assert {visit.counts_from for visit in targets.values()} == {"participant.randomized_on"}
    assert {visit.forms for visit in targets.values()} == {("follow_up",)}
    assert [visit.id for visit in targets.values()] == [f"m{month:02}" for month in targets]


def test_what_is_asked_at_each_visit() -> None:
    asked = {visit.target_month: set(visit.modalities) for visit in PROTOCOL.visits if visit.target_month}
    looks = {"pelvic_mri", "rectoscopy", "ct"}
    with_looks = {6, 12, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120}
    assert {month for month, modalities in asked.items() if looks <= modalities} == with_looks
    assert {month for month, modalities in asked.items() if looks & modalities} == with_looks
    assert {month for month, modalities in asked.items() if "colonoscopy" in modalities} == {12, 36, 60}
    assert all({"examination", "cea"} <= modalities for modalities in asked.values())


def test_assessments_are_read_from_the_follow_up_form() -> None:
    plan = PROTOCOL.assessments
    assert plan is not None
    assert (plan.form, plan.on) == ("follow_up", "visit_on")
    kinds = {each.id: each.kind for each in plan.modalities}
    assert kinds == {
        "examination": "examination", "cea": "laboratory", "pelvic_mri": "imaging", "rectoscopy": "endoscopy",
        "ct": "imaging", "colonoscopy": "endoscopy",
    }  # fmt: skip
    assert PROTOCOL.no_visits_after == ("death.died_on",)


def test_the_text_is_hashed_as_a_whole() -> None:
    assert len(LOADED.files) == len(PROTOCOL.forms) + 3
    assert re.fullmatch("[0-9a-f]{64}", LOADED.sha256)
