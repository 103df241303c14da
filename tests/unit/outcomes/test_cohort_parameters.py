"""The parameters of the synthetic cohort: their shape, their words when they are wrong, and the draws from them."""

from collections import Counter
from datetime import date
from math import inf

import pytest

from outcomes.cohort.answers import Casebook
from outcomes.cohort.candidates import first_day
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import read_parameters
from tests.unit.outcomes.sample_cohort import FILE, FOLDER, parameters, protocol
from trial.protocol.problems import ProtocolError


def wrong(old: str, new: str) -> str:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    with pytest.raises(ProtocolError) as error:
        read_parameters(text.replace(old, new), file="data/cohort.yaml")
    return str(error.value)


def test_every_group_of_figures_names_its_source() -> None:
    fields = type(parameters()).model_fields
    groups = [getattr(parameters(), name) for name in fields if name not in ("seed", "block_sizes", "sites")]
    assert all(hasattr(group, "source") for group in groups if not isinstance(group, int))


def test_the_parameters_fit_the_protocol() -> None:
    plan = parameters()
    arms = {arm.id for arm in protocol().arms}
    assert set(plan.treatment.begin) == arms == set(plan.toxicity.by_treatment)
    assert plan.randomized == protocol().parameter_values()["participants"]
    assert {each.criterion for each in plan.screening.failures} <= {
        *(criterion.id for criterion in protocol().eligibility),
        "declined",
    }
    assert plan.screening.consent_version == protocol().consent_versions[-1].id


def test_the_folder_says_where_the_figures_come_from() -> None:
    text = (FOLDER / "data" / "README.md").read_text(encoding="utf-8")
    for group in ("calendar", "people", "tumour", "screening", "treatment", "events", "visits", "toxicity"):
        assert f"`{group}`" in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lag_entered: 0.6", "lag_entered: 1.6", "calendar.lag_entered"),
        ("  age: [33, 61, 75]", "  age: [33, 81, 75]", "out of order"),
        ("given: 0.96, cross", "given: 0.86, cross", "do not sum to 1"),
        ("randomized: 258", "randomised: 258", "randomised"),
        ("seed: 6043999", "seed: [", "data/cohort.yaml"),
    ],
)
def test_a_parameter_that_cannot_be_is_named_with_its_line(old: str, new: str, said: str) -> None:
    message = wrong(old, new)
    assert said in message
    assert message.startswith("data/cohort.yaml:")


def test_a_stream_is_fixed_by_its_key() -> None:
    assert [Dice(1, "a").share() for _ in range(3)] == [Dice(1, "a").share()] * 3
    assert Dice(1, "a").share() != Dice(1, "b").share()


def test_what_is_drawn_follows_the_weights_and_the_spread() -> None:
    dice = Dice("weights")
    drawn = Counter(dice.among({"a": 1, "b": 3}) for _ in range(4000))
    assert 0.70 < drawn["b"] / 4000 < 0.80
    values = [dice.between((10, 20, 60)) for _ in range(4000)]
    assert 10 <= min(values) <= max(values) <= 60
    assert 29 < sum(values) / 4000 < 31
    assert dice.between((7, 7, 7)) == 7
    with pytest.raises(ValueError, match="nothing"):
        dice.among({})


def test_a_wait_meets_its_probability_by_36_months_whatever_its_pace() -> None:
    for pace in ([1.0, 1.0, 1.0], [2.0, 1.0, 0.1, 0.0], [0.2, 0.5, 3.0]):
        dice = Dice("wait", *pace)
        waits = [dice.wait(0.3, pace) for _ in range(4000)]
        assert 0.28 < sum(day <= 1095.75 for day in waits) / 4000 < 0.32
    assert Dice("never").wait(0, [1.0, 1.0, 1.0]) == inf


def test_a_hazard_that_ends_leaves_the_rest_without_the_event() -> None:
    dice = Dice("ends")
    assert any(dice.wait(0.3, [1.0, 1.0, 1.0, 0.0]) == inf for _ in range(20))


@pytest.mark.parametrize("day", range(7))
def test_accrual_begins_on_a_monday(day: int) -> None:
    today = date(2026, 11, 16 + day)
    assert first_day(today, 10) == date(2026, 9, 7)


def test_a_weekend_moves_to_the_nearer_weekday() -> None:
    book = Casebook(date(2026, 11, 16))
    assert [book.working_day(day) for day in range(8)] == [0, 1, 2, 3, 4, 4, 7, 7]
