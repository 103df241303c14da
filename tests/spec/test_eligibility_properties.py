"""Specification, floor 0: classes and criteria of the main trial are total, and knowing more never contradicts them."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from config.documents.spec import Cell
from tests.spec.test_eligibility import BASE, PROTOCOL, class_of, excised, looking
from trial.eligibility import Standing, assess
from trial.protocol.expressions import parse
from trial.protocol.forms import Item, ItemType

drawn = settings(derandomize=True, deadline=None, max_examples=300, database=None)

Cells = Mapping[str, Cell]
PATHOLOGY = {item.id: item for item in PROTOCOL.forms["local_excision"].items}
DECIDING = ("pt", "size_mm", "grade", "lvi", "pni", "kikuchi", "haggitt", "depth_um", "budding", "margin_mm")
SIZES = ["0", "1", "15", "29", "29.9", "30", "30.0", "30.1", "50", "50.0", "50.1", "51", "200"]
MARGINS = ["0", "0.9", "1", "1.0", "5"]
# Whether there is such a value is itself what these ask: without one they are broken, with one they are met.
PRESENCE = {"informed_consent", "locally_excised"}
FEATURES = {"grade": "poor", "lvi": "yes", "pni": "yes", "kikuchi": "SM3"}


def known(item: Item) -> st.SearchStrategy[str]:
    """What may be typed for an item, the boundaries often."""
    if item.id in ("size_mm", "margin_mm"):
        return st.sampled_from(SIZES if item.id == "size_mm" else MARGINS)
    if item.type is ItemType.INTEGER:
        return st.integers(0, 30000).map(str)
    codes = ["yes", "no"] if item.type is ItemType.YESNO else [each.code for each in PROTOCOL.choices(item)]
    return st.sampled_from(codes)


complete = st.fixed_dictionaries({name: known(PATHOLOGY[name]) for name in DECIDING})
hidden = st.frozensets(st.sampled_from(DECIDING))


def without(row: Cells, names: frozenset[str]) -> dict[str, Cell]:
    return {name: None if name in names else value for name, value in row.items()}


@pytest.mark.shows("ELI-01")
@drawn
@given(complete, hidden, st.sampled_from(["risk_class", "risk_class_tesar", "sm3"]))
def test_any_values_give_exactly_one_class_or_an_open_one(
    row: Cells, names: frozenset[str], derived: str
) -> None:
    partly = without(row, names)
    found = class_of(derived, partly)
    true = _true_classes(derived, partly)
    assert len(true) <= 1
    assert found.code is None or true == [found.code]
    # It waits only for what is missing and can matter, and for nothing once it is definite.
    assert {*found.missing} <= {*found.hangs_on} & {f"local_excision.{name}" for name in names}
    assert found.code is None or found.missing == ()


def _true_classes(derived: str, row: Cells) -> list[str]:
    """The classes whose condition is true, whatever stands above them: no two may claim one participant."""
    look = looking(excised(row))
    (classes,) = (one.classes for one in PROTOCOL.derived if one.id == derived)
    return [each.code for each in classes if parse(each.when).evaluate(look) is True]


@pytest.mark.shows("ELI-01")
@drawn
@given(complete)
def test_the_class_of_this_trial_is_definite_when_everything_is_known(row: Cells) -> None:
    contradicts = (row["kikuchi"] == "SM3") is not (row["haggitt"] == "H4")
    alone = without(row, frozenset(["haggitt"] if contradicts else []))
    assert class_of("risk_class", alone).code is not None


@pytest.mark.shows("ELI-01")
@drawn
@given(complete)
def test_the_class_of_the_sister_trial_is_open_for_a_narrow_margin_alone(row: Cells) -> None:
    assume((row["kikuchi"] == "SM3") is (row["haggitt"] == "H4"))
    nothing_else = row["pt"] == "pT1" and float(str(row["size_mm"])) < 30
    nothing_else &= row["grade"] != "poor" and row["lvi"] == "no" and row["kikuchi"] != "SM3"
    nothing_else &= row["budding"] == "Bd1"
    narrow = float(str(row["margin_mm"])) < 1
    assert (class_of("risk_class_tesar", row).code is None) is (nothing_else and narrow)


@pytest.mark.shows("ELI-01")
@drawn
@given(complete, hidden, hidden, st.sampled_from(["risk_class", "risk_class_tesar", "sm3"]))
@example({**dict.fromkeys(DECIDING, None), "pt": "pT1", "size_mm": "20", "grade": "well", "lvi": "no",
          "pni": "no", "kikuchi": "SM1", "haggitt": "H4"}, frozenset(["haggitt"]), frozenset(["haggitt"]),
         "risk_class")  # fmt: skip
def test_filling_in_a_missing_value_never_turns_one_definite_class_into_another(
    row: Cells, names: frozenset[str], learned: frozenset[str], derived: str
) -> None:
    before = class_of(derived, without(row, names)).code
    after = class_of(derived, without(row, names - learned)).code
    # Two levels that contradict each other make a known SM3 unknown again: that is open, not another class.
    assert before is None or after in {before, None}
    assert after is not None or before is None or "haggitt" in learned or "kikuchi" in learned


ADDRESSES = sorted(BASE)


@pytest.mark.shows("ELI-01")
@drawn
@given(complete, st.frozensets(st.sampled_from(ADDRESSES)), st.frozensets(st.sampled_from(ADDRESSES)))
def test_filling_in_a_missing_value_never_turns_a_judged_criterion_round(
    row: Cells, names: frozenset[str], learned: frozenset[str]
) -> None:
    assume((row["kikuchi"] == "SM3") is (row["haggitt"] == "H4"))
    whole = {**BASE, **{f"local_excision.{name}": value for name, value in row.items()}}
    before = assess(PROTOCOL, looking(without(whole, names))).outcomes
    after = assess(PROTOCOL, looking(without(whole, names - learned))).outcomes
    for early, late in zip(before, after, strict=True):
        if early.criterion.id not in PRESENCE:
            assert early.standing in {Standing.OPEN, late.standing}, early.criterion.id


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize("feature", FEATURES)
def test_no_value_that_is_missing_counts_as_absent(feature: str) -> None:
    absent: Cells = {"pt": "pT1", "size_mm": 20, "grade": "well", "lvi": "no", "pni": "no", "kikuchi": "SM1"}
    assert class_of("risk_class", absent).code == "low"
    unknown = class_of("risk_class", {**absent, feature: None})
    assert (unknown.code, f"local_excision.{feature}" in unknown.missing) == (None, True)
    assert class_of("risk_class", {**absent, feature: FEATURES[feature]}).code == "intermediate"
    changed = {f"local_excision.{name}": value for name, value in {**absent, feature: None}.items()}
    assert [each.criterion.id for each in assess(PROTOCOL, looking({**BASE, **changed})).open] == [
        "intermediate_risk"
    ]
