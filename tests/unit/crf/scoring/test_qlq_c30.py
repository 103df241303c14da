"""Unit tests, floor 1: QLQ-C30, its scales at the edge of what is missing, and between its ends."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crf.scoring import qlq_c30
from crf.scoring.answers import Answers, ImpossibleAnswer, Score
from crf.scoring.qlq_c30 import NOT_IN_SUMMARY, SCALES, SUMMARY

# By hand from the scoring manual: scale → its items, and how many of them are needed.
ITEMS = {
    "QL2": ((29, 30), 1),
    "PF2": ((1, 2, 3, 4, 5), 3),
    "RF2": ((6, 7), 1),
    "EF": ((21, 22, 23, 24), 2),
    "CF": ((20, 25), 1),
    "SF": ((26, 27), 1),
    "FA": ((10, 12, 18), 2),
    "NV": ((14, 15), 1),
    "PA": ((9, 19), 1),
    "DY": ((8,), 1),
    "SL": ((11,), 1),
    "AP": ((13,), 1),
    "CO": ((16,), 1),
    "DI": ((17,), 1),
    "FI": ((28,), 1),
}
GOOD_WHEN_HIGH = ("QL2", "PF2", "RF2", "EF", "CF", "SF")
WORST = {**dict.fromkeys(range(1, 29), 4), 29: 1, 30: 1}
BEST = {**dict.fromkeys(range(1, 29), 1), 29: 7, 30: 7}


def without(*items: int) -> Answers:
    """The best answers, but for some that are missing."""
    return {item: None if item in items else value for item, value in BEST.items()}


def number(score: Score) -> float:
    """A score that is there."""
    assert isinstance(score, int | float)
    return score


answer_sheets = st.fixed_dictionaries(
    {item: st.none() | st.integers(1, 7 if item > 28 else 4) for item in range(1, 31)}
)


def test_each_item_belongs_to_one_scale() -> None:
    assert sorted(item for items, _ in ITEMS.values() for item in items) == list(range(1, 31))
    assert {name: scale.items for name, scale in SCALES.items()} == {
        name: of for name, (of, _) in ITEMS.items()
    }


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("name", ITEMS)
def test_a_scale_needs_half_of_its_items(name: str) -> None:
    items, needed = ITEMS[name]
    end = 100 if name in GOOD_WHEN_HIGH else 0
    for left in combinations(items, len(items) - needed):
        assert qlq_c30.scores(without(*left))[name] == end
    for left in combinations(items, len(items) - needed + 1):
        found = qlq_c30.scores(without(*left))
        assert found[name] is None
        assert (found[SUMMARY] is None) == (name not in ("QL2", "FI"))


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("name", ITEMS)
def test_functional_scales_fall_with_their_answers_and_symptoms_rise(name: str) -> None:
    worst, best = qlq_c30.scores(WORST), qlq_c30.scores(BEST)
    assert (worst[name], best[name]) == ((0, 100) if name in GOOD_WHEN_HIGH else (100, 0))


def test_the_mean_is_that_of_the_answered_items() -> None:
    # 2 and 3 of 1 to 4, one missing: 1.5 of 3 above the lowest.
    assert qlq_c30.scores({10: 2, 12: 3})["FA"] == 50
    # 6 of 1 to 7 alone: 5 of 6.
    assert qlq_c30.scores({29: 6})["QL2"] == pytest.approx(250 / 3, rel=1e-15)


def test_an_absent_item_is_missing() -> None:
    assert set(qlq_c30.scores({}).values()) == {None}


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    ("item", "value"), [(1, 0), (1, 5), (28, 5), (28, 7), (29, 0), (30, 8), (31, 1), (0, 1)]
)
def test_an_answer_outside_its_range_is_refused(item: int, value: int) -> None:
    with pytest.raises(ImpossibleAnswer) as refused:
        qlq_c30.scores({**BEST, item: value})
    assert (refused.value.item, refused.value.value) == (item, value)
    assert value not in refused.value.allowed


@pytest.mark.shows("SCO-01")
@given(answer_sheets)
def test_scores_stay_between_0_and_100(answers: dict[int, int | None]) -> None:
    for score in qlq_c30.scores(answers).values():
        assert score is None or 0 <= number(score) <= 100


@pytest.mark.shows("SCO-01")
@given(answer_sheets, st.integers(1, 30))
def test_a_higher_answer_moves_its_own_scale_one_way_and_no_other(
    answers: dict[int, int | None], item: int
) -> None:
    top = 7 if item > 28 else 4
    lower = {**answers, item: 1}
    higher = {**answers, item: top}
    before, after = qlq_c30.scores(lower), qlq_c30.scores(higher)
    own = next(name for name, (items, _) in ITEMS.items() if item in items)
    assert [name for name in ITEMS if before[name] != after[name]] in ([own], [])
    if before[own] is not None:
        rises = own == "QL2" or own not in GOOD_WHEN_HIGH
        assert (number(after[own]) > number(before[own])) == rises
    if before[SUMMARY] is not None:
        moved = number(after[SUMMARY]) - number(before[SUMMARY])
        assert moved == 0 if own in NOT_IN_SUMMARY else moved < 0
