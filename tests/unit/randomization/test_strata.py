"""A stratum follows from the values, is named once for ever, and says what was not known when it was made."""

import unicodedata
from typing import Any

import pytest

from randomization.strata import (
    UNSTRATIFIED,
    NoStratum,
    StratumKey,
    bound_by,
    codes,
    factor_addresses,
    key_of,
    shares,
    stratum_of,
)
from tests.unit.randomization.sample_strata import Facts, look, protocol, randomization, specimen


def _stratum(facts: Facts, **changes: Any) -> StratumKey:
    text = protocol(**changes)
    return stratum_of(text, look(text, facts))


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (specimen("29.9", grade="poor", kikuchi="SM1"), "site=01|size=lt30|features=1"),
        (specimen("30", grade="well", kikuchi="SM1"), "site=01|size=30to50|features=0"),
        (specimen("30.0", grade="poor", kikuchi="SM3"), "site=01|size=30to50|features=2plus"),
        (specimen("50", grade="well", haggitt="H4"), "site=01|size=30to50|features=1"),
    ],
)
def test_a_stratum_is_named_by_the_codes_in_the_order_of_the_protocol(facts: Facts, key: str) -> None:
    found = _stratum(facts)
    assert found.key == key
    assert "|".join(f"{factor}={code}" for factor, code in found.values.items()) == key
    assert found.unknown == ()


def test_an_unknown_feature_counts_as_not_present_and_is_named() -> None:
    found = _stratum(specimen("29", grade="poor"))
    assert found.values["features"] == "1"
    assert found.unknown == ("specimen.kikuchi", "specimen.haggitt")
    assert _stratum(specimen("40", kikuchi="SM1")).unknown == ("specimen.grade",)


def test_an_open_condition_that_is_passed_over_is_named() -> None:
    levels = [
        {"code": "poor", "label": {"en": "Poor"}, "when": "specimen.grade == 'poor'"},
        {"code": "any", "label": {"en": "Any"}, "when": "specimen.size > 0"},
        {"code": "never", "label": {"en": "Never"}, "when": "specimen.kikuchi == 'SM1'"},
    ]
    strata = [{"id": "grade", "label": {"en": "Grade"}, "levels": levels}]
    plan = randomization(strata=strata, impossible=[])
    found = _stratum(specimen("29"), randomization=plan)
    assert (found.values, found.unknown) == ({"grade": "any"}, ("specimen.grade",))


def test_a_factor_without_a_level_says_what_is_missing() -> None:
    with pytest.raises(NoStratum) as refused:
        _stratum(specimen(None, grade="poor"))
    assert (refused.value.factor, refused.value.missing) == ("size", ("specimen.size",))
    with pytest.raises(NoStratum) as refused:
        _stratum({})
    assert (refused.value.factor, refused.value.missing) == ("site", ("participant.site",))


def test_values_outside_every_level_give_no_stratum() -> None:
    with pytest.raises(NoStratum) as refused:
        _stratum(specimen("51", grade="poor"))
    assert (refused.value.factor, refused.value.missing, refused.value.cell) == ("size", (), {})


def test_an_impossible_stratum_is_refused_by_its_cell() -> None:
    with pytest.raises(NoStratum) as refused:
        _stratum(specimen("29", grade="well", kikuchi="SM1"))
    assert refused.value.cell == {"size": "lt30", "features": "0"}


def test_a_trial_without_factors_has_one_stratum() -> None:
    plan = randomization(strata=[], impossible=[])
    assert _stratum({}, randomization=plan) == StratumKey({}, UNSTRATIFIED)


def test_free_codes_cannot_break_the_key() -> None:
    facts: Facts = {**specimen("40", grade="well", kikuchi="SM1"), "participant.site": "a|b=100%"}
    assert _stratum(facts).key == "site=a%7Cb%3D100%25|size=30to50|features=0"
    assert key_of(["x", "y"], {"x": "1|y=2", "y": "3"}) != key_of(["x", "y"], {"x": "1", "y": "2|y=3"})
    assert key_of(["site"], {"site": "%7C"}) == "site=%257C"


def test_a_name_written_in_two_ways_of_unicode_is_one_code() -> None:
    composed, apart = unicodedata.normalize("NFC", "Orléans"), unicodedata.normalize("NFD", "Orléans")
    assert composed != apart
    assert key_of(["site"], {"site": apart}) == key_of(["site"], {"site": composed}) == "site=Orléans"
    assert key_of(["site"], {"site": "广州"}) == "site=广州"


def test_levels_as_verified_never_refuse() -> None:
    text = protocol()
    facts = specimen("29", grade="well", kikuchi="SM1")
    assert codes(text, look(text, facts)) == {"site": "01", "size": "lt30", "features": "0"}
    assert codes(text, look(text, specimen("51")))["size"] is None


def test_arms_come_in_protocol_order_whatever_the_order_of_the_ratio() -> None:
    assert shares(protocol()) == (("TME", 1), ("CRT", 1))


def test_a_stratum_hangs_on_what_its_derived_values_are_made_of() -> None:
    assert set(factor_addresses(protocol())) == {
        "participant.site", "specimen.size", "derived.features", "specimen.grade", "derived.deep",
        "specimen.kikuchi", "specimen.haggitt",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"randomization": randomization(ratio={"TME": 2, "CRT": 1})},
        {"randomization": randomization(impossible=[])},
        {"randomization": randomization(method="uploaded_list")},
        {"randomization": randomization(strata=[])},
        {
            "derived": [
                {"id": "deep", "label": {"en": "Deep"}, "first_known": ["specimen.kikuchi"]},
                {"id": "features", "label": {"en": "F"}, "count_true": ["derived.deep == 'SM3'"]},
            ]
        },
    ],
)
def test_a_text_that_allocates_otherwise_does_not_bind_alike(changes: dict[str, Any]) -> None:
    assert bound_by(protocol(**changes)) != bound_by(protocol())


def test_better_words_and_other_rules_leave_the_binding_alone() -> None:
    derived = [
        *({**each, "label": {"en": "Better words"}} for each in protocol().model_dump()["derived"]),
        {"id": "unused", "label": {"en": "Unused"}, "first_known": ["specimen.size"]},
    ]
    better = protocol(version=2, title={"en": "Better"}, derived=derived, eligibility=[])
    assert bound_by(better) == bound_by(protocol())
