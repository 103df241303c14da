"""Permuted blocks: exact ratios, every order equally likely, one stratum blind to another, nothing drawn twice."""

from collections import Counter
from itertools import islice, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from randomization.schemes import InvalidSizes, arms, below, block, check_sizes

EQUAL = (("TME", 1), ("CRT", 1))
UNEQUAL = (("A", 2), ("B", 1), ("C", 1))
SEEDS = st.binary(min_size=32, max_size=32)
STRATA = st.text(max_size=40)
STRATA_COUNTED = 6000


@given(seed=SEEDS, stratum=STRATA, number=st.integers(0, 2**63 - 1))
def test_every_full_block_keeps_the_ratio(seed: bytes, stratum: str, number: int) -> None:
    found = Counter(block(seed, stratum, number, shares=UNEQUAL, sizes=(8, 12, 16)))
    assert found["A"] == 2 * found["B"] == 2 * found["C"]
    assert found.total() in (8, 12, 16)


@given(seed=SEEDS, stratum=STRATA, length=st.integers(1, 80))
def test_the_arms_never_drift_apart_by_more_than_half_the_largest_block(
    seed: bytes, stratum: str, length: int
) -> None:
    taken = Counter(islice(arms(seed, stratum, shares=EQUAL, sizes=(4, 6, 8)), length))
    assert abs(taken["TME"] - taken["CRT"]) <= 4


@given(seed=SEEDS, stratum=STRATA, number=st.integers(1, 60), more=st.integers(0, 30))
def test_a_longer_sequence_begins_with_the_shorter_one(
    seed: bytes, stratum: str, number: int, more: int
) -> None:
    long = list(islice(arms(seed, stratum, shares=EQUAL, sizes=(4, 6)), number + more))
    assert long[:number] == list(islice(arms(seed, stratum, shares=EQUAL, sizes=(4, 6)), number))


@pytest.mark.shows("RND-04")
def test_a_stratum_does_not_depend_on_what_another_has_taken() -> None:
    seed = bytes(range(32))
    alone = list(islice(arms(seed, "site=01", shares=EQUAL, sizes=(4, 6)), 40))
    first, second = (arms(seed, f"site=0{n}", shares=EQUAL, sizes=(4, 6)) for n in (1, 2))
    together = [(next(first), next(second), next(second)) for _ in range(40)]
    assert [arm for arm, *_ in together] == alone
    assert [arm for _, arm, _ in together] != alone


def test_all_orders_of_a_block_are_about_equally_likely() -> None:
    seed = bytes(range(32))
    found = Counter(
        tuple(block(seed, f"stratum {n}", 0, shares=EQUAL, sizes=(4,))) for n in range(STRATA_COUNTED)
    )
    assert set(found) == set(permutations(("TME", "TME", "CRT", "CRT")))
    # 1,000 expected of each; five standard deviations are 144.
    assert all(abs(count - STRATA_COUNTED / 6) < 150 for count in found.values())


def test_each_place_of_a_block_and_each_size_is_as_likely_as_the_others() -> None:
    seed = bytes(range(32))
    blocks = [block(seed, "one", n, shares=EQUAL, sizes=(4, 6, 8)) for n in range(STRATA_COUNTED)]
    sizes = Counter(len(each) for each in blocks)
    # 2,000 expected of each; five standard deviations are 183.
    assert all(abs(sizes[size] - 2000) < 190 for size in (4, 6, 8))
    for size in (4, 6, 8):
        places = Counter(
            n for each in blocks if len(each) == size for n, arm in enumerate(each) if arm == "TME"
        )
        # Half of about 2,000; five standard deviations are 112.
        assert all(abs(places[place] - sizes[size] / 2) < 120 for place in range(size))


def test_words_that_would_favour_some_answers_are_passed_over() -> None:
    # 2**32 is 3 · 1,431,655,765 + 1: the last word belongs to no third.
    assert below(iter([2**32 - 1, 4]), 3) == 1
    assert below(iter([2**32 - 2]), 3) == 2
    assert below(iter([2**32 - 1]), 4) == 3


def test_one_size_is_not_drawn() -> None:
    seed = bytes(32)
    assert block(seed, "s", 0, shares=EQUAL, sizes=(4,)) != block(seed, "s", 0, shares=EQUAL, sizes=(4, 4))


@pytest.mark.parametrize("sizes", [(4,), (4, 6, 8), (4, 4, 6), (1000,)])
def test_multiples_of_the_ratio_larger_than_it_are_sizes(sizes: tuple[int, ...]) -> None:
    check_sizes(sizes, EQUAL)


@pytest.mark.parametrize("sizes", [(), (2,), (4, 2), (5,), (0,), (-4,), (1002,)])
def test_other_sizes_are_refused_with_the_rule(sizes: tuple[int, ...]) -> None:
    with pytest.raises(InvalidSizes, match="multiples of 2 larger than 2"):
        check_sizes(sizes, EQUAL)
    with pytest.raises(InvalidSizes):
        arms(bytes(32), "s", shares=EQUAL, sizes=sizes)
