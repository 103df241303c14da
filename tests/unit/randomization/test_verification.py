"""What was swapped, edited, deleted or moved is named; what was corrected lawfully is listed apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from randomization.verification import Change, Fault, Shown, Taken, beside, changed, in_stratum

SEALED = ("TME", "CRT", "CRT", "TME")
ORDER = ("site", "size")
KEY = "site=01|size=lt30"
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
TAKEN = [
    Taken(KEY, n, f"01-000{n}", arm, START + timedelta(days=n), {"size": "lt30", "site": "01"})
    for n, arm in enumerate(SEALED, start=1)
]
SHOWN = [Shown(each.participant, each.arm, each.at, True) for each in TAKEN]


def _faults(taken: list[Taken]) -> list[Fault]:
    return [*in_stratum(taken, SEALED, ORDER)]


def test_what_followed_the_sequence_is_without_fault() -> None:
    assert _faults(TAKEN) == []
    assert [*beside(TAKEN, [*SHOWN, Shown("01-0009", "", None, False)])] == []
    assert _faults([replace(TAKEN[0], at=TAKEN[1].at), *TAKEN[1:]]) == []


@pytest.mark.shows("RND-06")
def test_swapped_arms_are_both_named_and_neither_is_told() -> None:
    swapped = [replace(TAKEN[0], arm="CRT"), replace(TAKEN[1], arm="TME"), *TAKEN[2:]]
    faults = _faults(swapped)
    assert [fault.where for fault in faults] == [TAKEN[0].where, TAKEN[1].where]
    assert "01-0001" in faults[0].where
    assert {fault.message for fault in faults} == {"the allocation differs from the sealed sequence"}
    assert "TME" not in repr([faults, swapped, SHOWN])


@pytest.mark.shows("RND-06")
@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ([0, 2, 3], "number 2 is missing"),
        ([0, 3], "numbers 2 to 3 are missing"),
        ([1, 2, 3], "number 1 is missing"),
    ],
)
def test_a_deletion_leaves_a_gap_and_spoils_nothing_else(kept: list[int], said: str) -> None:
    faults = _faults([TAKEN[place] for place in kept])
    assert [(fault.where, fault.message) for fault in faults] == [(f"stratum {KEY}", said)]


def test_a_place_past_the_end_of_a_list_is_named() -> None:
    faults = _faults([*TAKEN, replace(TAKEN[3], number=5, at=TAKEN[3].at)])
    assert [fault.message for fault in faults] == ["the sealed list has no such place"]


@pytest.mark.parametrize(
    "basis", [{"site": "01", "size": "30to50"}, {"site": "01"}, {}, {"site": "1", "size": "lt30"}]
)
def test_an_allocation_in_another_stratum_than_its_levels_say_is_named(basis: dict[str, str]) -> None:
    faults = _faults([replace(TAKEN[0], basis=basis), *TAKEN[1:]])
    assert [(f.where, f.message) for f in faults] == [
        (TAKEN[0].where, "its factor levels as randomized belong to another stratum")
    ]


def test_an_allocation_made_before_the_number_before_it_is_named() -> None:
    faults = _faults([TAKEN[0], replace(TAKEN[1], at=START), *TAKEN[2:]])
    assert [(f.where, f.message) for f in faults] == [(TAKEN[1].where, "it was made before number 1")]


@pytest.mark.shows("RND-06")
@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (replace(SHOWN[0], label="CRT"), "the participant's label differs from the allocation"),
        (replace(SHOWN[0], label=""), "the participant is not marked as randomized"),
        (replace(SHOWN[0], at=None), "the participant is not marked as randomized"),
        (replace(SHOWN[0], at=START), "the participant was randomized at another time"),
        (Shown("01-0009", "TME", None, False), "is randomized and has no allocation"),
        (Shown("01-0009", "", START, False), "is randomized and has no allocation"),
        (Shown("01-0009", "", None, True), "is randomized and has no allocation"),
    ],
)
def test_a_participant_who_disagrees_with_the_allocation_is_named(shown: Shown, said: str) -> None:
    faults = [*beside(TAKEN, [shown])]
    assert [fault.message for fault in faults] == [said]
    assert shown.participant in faults[0].where


def test_corrected_levels_are_listed_as_randomized_and_as_verified() -> None:
    basis = {"site": "01", "size": "lt30", "gone": "x"}
    assert [*changed("01-0001", basis, {"site": "01", "size": "30to50"})] == [
        Change("01-0001", "size", "lt30", "30to50")
    ]
    assert [*changed("01-0001", basis, {"site": "01", "size": None})] == [
        Change("01-0001", "size", "lt30", None)
    ]
    assert [*changed("01-0001", basis, {"site": "01", "size": "lt30"})] == []
