"""Unit tests, floor 1: values that nobody recorded are read and judged as a record would be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crf.rehearsal import Rehearsal, Unusable, UnusableValues, classification, rehearse
from tests.protocol_texts import loaded

PROTOCOL = loaded("t1-salvage").protocol
COLON = loaded("colon-moertel").protocol
TODAY = date(2024, 6, 1)
PATHOLOGY: dict[str, object] = {
    "local_excision.excised_on": "2024-05-02",
    "local_excision.technique": "ESD",
    "local_excision.pt": "pT1",
    "local_excision.size_mm": 29,
    "local_excision.grade": "well",
    "local_excision.lvi": "no",
    "local_excision.pni": "no",
    "local_excision.kikuchi": "SM1",
    "local_excision.resection_plane": "no",
}


def tried(given: dict[str, Any], form: str = "local_excision", today: date = TODAY) -> Rehearsal:
    return rehearse(PROTOCOL, PROTOCOL.forms[form], given, today=today)


def rules(given: dict[str, Any], form: str = "local_excision") -> list[tuple[str, str, str]]:
    return [(each.rule, each.level.value, each.item) for each in tried(given, form).findings]


def refused(given: dict[str, Any]) -> tuple[Unusable, ...]:
    with pytest.raises(UnusableValues) as caught:
        tried(given)
    return caught.value.unusable


@pytest.mark.shows("TRY-01")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"local_excision.lvi": None}, [("required", "hard", "lvi")]),
        ({"local_excision.lvi": " "}, [("required", "hard", "lvi")]),
        ({"local_excision.lvi": {"missing": "unknown"}}, []),
        ({"local_excision.size_mm": 201}, [("hard_range", "hard", "size_mm")]),
        ({"local_excision.size_mm": Decimal("80.5")}, [("soft_range", "soft", "size_mm")]),
        ({"local_excision.size_mm": 5.9}, [("unit_of_size", "soft", "size_mm")]),
        ({"local_excision.haggitt": "H4"}, [("levels_contradict", "soft", "haggitt")]),
        ({"local_excision.excised_on": "2024-06-02"}, [("in_the_future", "hard", "excised_on")]),
        ({"local_excision.excised_on": "2024-06-02", "today": "2024-06-02"}, []),
        ({"demography.birth_date": "2024-05-03"}, [("before_birth", "hard", "excised_on")]),
        ({"participant.consented_on": "2024-07-26"}, [("long_ago", "soft", "excised_on")]),
        ({"participant.randomized_on": "2024-05-01"}, [("after_randomization", "hard", "excised_on")]),
    ],
)
def test_a_form_has_the_findings_of_its_items_and_checks(
    change: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert rules({**PATHOLOGY, **change}) == expected


def test_only_the_form_asked_for_is_judged() -> None:
    assert ("required", "hard", "sex") in rules({}, "demography")
    assert rules({**PATHOLOGY, "demography.height_cm": 400}) == []


def test_an_item_that_does_not_apply_after_another_forms_answer_is_found() -> None:
    answered = {"screening.pregnant_lactating": "no"}
    assert ("hidden", "hard", "pregnant_lactating") in rules(
        {**answered, "demography.sex": "male"}, "screening"
    )
    assert ("hidden", "hard", "pregnant_lactating") not in rules(
        {**answered, "demography.sex": "female"}, "screening"
    )


def test_codes_may_be_numbers_and_numbers_texts() -> None:
    with_numbers = tried({"screening.ecog": 3, "local_excision.size_mm": Decimal("3E+1")})
    with_texts = tried({"screening.ecog": "3", "local_excision.size_mm": "30"})
    assert with_numbers.eligibility == with_texts.eligibility


def test_nothing_known_is_not_eligible_for_want_of_consent_and_of_an_open_class() -> None:
    found = tried({})
    assert found.eligible is False
    assert [each.criterion.id for each in found.reasons] == ["informed_consent"]
    assert found.classified is not None
    assert found.classified.code is None


def test_what_is_open_is_named_while_nothing_is_broken() -> None:
    found = tried({"participant.consented_on": "2024-05-17"})
    assert found.eligible is None
    assert {"age", "intermediate_risk", "performance"} <= {each.criterion.id for each in found.reasons}


def test_derived_values_that_are_known_are_computed() -> None:
    known = tried(PATHOLOGY).computed
    assert (known["sm3"], known["risk_features"], known["risk_class"]) == ("absent", 0, "low")
    assert "age_at_consent" not in known


@pytest.mark.parametrize(("given", "answer"), [({}, "no"), ({"subsequent_therapy.type": "surgery"}, "yes")])
def test_a_form_of_which_something_is_given_has_one_record(given: dict[str, Any], answer: str) -> None:
    assert tried(given).computed["later_surgery"] == answer


def test_the_form_that_is_judged_has_a_record_of_which_nothing_is_known() -> None:
    assert "later_surgery" not in tried({}, "subsequent_therapy").computed


def test_the_class_that_decides_is_the_one_that_a_criterion_reads() -> None:
    deciding = classification(PROTOCOL)
    assert deciding is not None
    assert deciding.id == "risk_class"
    assert {each.code for each in deciding.classes} == {"not_invasive", "high", "intermediate", "low"}


def test_a_protocol_without_criteria_has_no_class_and_keeps_nobody_out() -> None:
    found = rehearse(COLON, COLON.forms["baseline"], {}, today=TODAY)
    assert (found.classified, found.eligible, found.reasons) == (None, True, ())


@pytest.mark.shows("TRY-01")
@pytest.mark.parametrize(
    ("address", "nearest"),
    [
        ("screening.ecg", "screening.ecog"),
        ("ecog", "screening.ecog"),
        ("local_excison.size_mm", "local_excision.size_mm"),
        ("participant.consented", "participant.consented_on"),
        ("participant.today", "today"),
        ("participant.eligible", "participant.site"),
    ],
)
def test_an_unknown_address_is_refused_with_the_nearest_one(address: str, nearest: str) -> None:
    assert refused({address: 1}) == (Unusable(address, nearest=nearest),)


@pytest.mark.shows("TRY-01")
def test_an_unknown_address_is_refused_even_without_a_value() -> None:
    assert [each.address for each in refused({"screening.ecg": None})] == ["screening.ecg"]


@pytest.mark.shows("TRY-01")
def test_a_computed_value_cannot_be_given() -> None:
    assert refused({"derived.risk_class": "low"}) == (Unusable("derived.risk_class", computed=True),)


@pytest.mark.shows("TRY-01")
@pytest.mark.parametrize(
    ("address", "value", "rule"),
    [
        ("screening.ecog", 9, "choices"),
        ("screening.ecog", True, "choices"),
        ("screening.adenocarcinoma", True, "yesno"),
        ("screening.adenocarcinoma", "maybe", "yesno"),
        ("screening.distance_mm", Decimal("60.5"), "integer"),
        ("screening.distance_mm", [60], "integer"),
        ("local_excision.size_mm", "thirty", "decimal"),
        ("local_excision.size_mm", Decimal("1E+999999999"), "decimal"),
        ("local_excision.size_mm", float("nan"), "decimal"),
        ("local_excision.size_mm", {"missing": 1}, "decimal"),
        ("local_excision.size_mm", {"missing": ""}, "decimal"),
        ("local_excision.size_mm", {"missing": "unknown", "value": 30}, "decimal"),
        ("local_excision.size_mm", {"missing": "refused"}, "missing_reason"),
        ("screening.cn", {"missing": "unknown"}, "missing_reason"),
        ("demography.birth_date", 1964, "date"),
        ("demography.birth_date", "1964-02-30", "date"),
        ("recurrence.first_evidence", "spring", "partial_date"),
        ("participant.consented_on", "17.5.2024", "date"),
        ("participant.consented_on", {"missing": "unknown"}, "missing_reason"),
        ("today", "tomorrow", "date"),
        ("recurrence.evidence", ["imaging", "guess"], "choices"),
    ],
)
def test_a_value_that_its_item_cannot_hold_is_refused(address: str, value: object, rule: str) -> None:
    (only,) = refused({**PATHOLOGY, address: value})
    assert only.address == address
    assert only.finding is not None
    assert only.finding.rule == rule


@pytest.mark.parametrize("value", [5, True, ["a"], {"a": "b"}])
def test_only_a_text_is_a_text(value: object) -> None:
    assert [each.address for each in refused({"demography.history": value})] == ["demography.history"]
    assert [each.address for each in refused({"participant.site": value})] == ["participant.site"]
    assert tried({"demography.history": "none", "participant.site": "01"})


def test_everything_that_cannot_be_used_is_told_at_once() -> None:
    found = refused({"screening.ecog": 9, "nowhere": 1, "local_excision.pt": "pT9"})
    assert [each.address for each in found] == ["screening.ecog", "nowhere", "local_excision.pt"]
