"""Unit tests, floor 1: Wexner, IIEF-5, IPSS and LARS: what is needed, what is refused, where bands begin."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crf.scoring import iief5, ipss, lars, wexner
from crf.scoring.answers import NOT_APPLICABLE, ImpossibleAnswer, Scores, band
from crf.scoring.instruments import INSTRUMENTS, Instrument

SUMS = [instrument for key, instrument in INSTRUMENTS.items() if key != "qlq_c30"]
FIVE = range(1, 6)


def five(*answers: int | None) -> dict[int, int | None]:
    """Answers to items 1 to 5."""
    return dict(zip(FIVE, answers, strict=True))


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("instrument", SUMS, ids=lambda instrument: instrument.scores.__module__)
def test_a_total_needs_every_item(instrument: Instrument) -> None:
    best = {item: points[0] for item, points in instrument.points.items()}
    assert instrument.scores(best)["total"] is not None
    for item in set(instrument.points) - instrument.optional:
        assert instrument.scores({**best, item: None})["total"] is None
        assert instrument.scores({key: value for key, value in best.items() if key != item})["total"] is None


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("instrument", SUMS, ids=lambda instrument: instrument.scores.__module__)
def test_only_the_answers_of_an_item_are_taken(instrument: Instrument) -> None:
    best = {item: points[0] for item, points in instrument.points.items()}
    for item, points in instrument.points.items():
        for value in sorted({*range(-1, 18)} - set(points)):
            with pytest.raises(ImpossibleAnswer) as refused:
                instrument.scores({**best, item: value})
            assert (refused.value.item, refused.value.value, refused.value.allowed) == (item, value, points)


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_what_is_no_whole_number_is_no_answer(value: object) -> None:
    with pytest.raises(ImpossibleAnswer, match="item 2"):
        wexner.scores({**five(1, 1, 1, 1, 1), 2: value})  # type: ignore[dict-item]


@pytest.mark.shows("SCO-01")
def test_a_stoma_is_not_a_missing_answer() -> None:
    for answers in (five(0, 0, 0, 0, 0), five(0, 0, 0, 0, None), {}):
        assert wexner.scores(answers, stoma=True) == {"total": NOT_APPLICABLE}
        assert lars.scores(answers, stoma=True) == {"total": NOT_APPLICABLE, "band": NOT_APPLICABLE}
    assert wexner.scores({}) == {"total": None}
    assert lars.scores({}) == {"total": None, "band": None}


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize("scores", [wexner.scores, lars.scores])
def test_a_stoma_hides_no_impossible_answer(scores: Callable[..., Scores]) -> None:
    with pytest.raises(ImpossibleAnswer):
        scores(five(1, 1, 1, 1, 99), stoma=True)


@pytest.mark.shows("SCO-01")
def test_the_first_item_of_iief5_begins_at_1_and_the_others_at_0() -> None:
    assert iief5.scores(five(1, 0, 0, 0, 0))["total"] == 1
    with pytest.raises(ImpossibleAnswer) as refused:
        iief5.scores(five(0, 0, 0, 0, 0))
    assert refused.value.item == 1


@pytest.mark.shows("SCO-01")
def test_the_points_of_lars_are_those_of_its_authors() -> None:
    assert {item: set(points) for item, points in lars.POINTS.items()} == {
        1: {0, 4, 7},
        2: {0, 3},
        3: {4, 2, 0, 5},
        4: {0, 9, 11},
        5: {0, 11, 16},
    }


def test_quality_of_life_hangs_on_no_symptom() -> None:
    assert ipss.scores({8: 6}) == {"total": None, "band": None, "voiding": None, "storage": None, "qol": 6}
    symptoms = dict.fromkeys(range(1, 8), 2)
    assert ipss.scores({**symptoms, 8: 6})["total"] == ipss.scores(symptoms)["total"] == 14


@pytest.mark.shows("SCO-01")
@given(st.fixed_dictionaries({item: st.integers(0, 5) for item in range(1, 8)}))
def test_voiding_and_storage_are_the_whole_of_ipss(answers: dict[int, int]) -> None:
    found = ipss.scores(answers)
    assert found["total"] == sum(answers.values())
    assert isinstance(found["voiding"], int)
    assert isinstance(found["storage"], int)
    assert found["voiding"] + found["storage"] == found["total"]


@pytest.mark.shows("SCO-01")
@pytest.mark.parametrize(
    ("bands", "low", "high"),
    [(ipss.BANDS, 0, 35), (lars.BANDS, 0, 42), (iief5.PUBLISHED, 5, 25), (iief5.REGISTRY, 1, 25)],
)
def test_bands_meet_without_a_gap_and_end_where_totals_end(
    bands: tuple[tuple[int, int, str], ...], low: int, high: int
) -> None:
    assert [points for first, last, _ in bands for points in range(first, last + 1)] == list(
        range(low, high + 1)
    )
    assert band(low - 1, bands) is None
    assert band(high + 1, bands) is None
    assert band(None, bands) is None
