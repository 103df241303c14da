"""Specification, floor 2: golden sequences of permuted blocks, and the same stream written a second time."""

import hashlib
import hmac
from itertools import islice

import pytest

from randomization.schemes import arms, block, words
from tests.spec.tables import table

SEED = bytes(range(32))
GOLDEN = table("randomization_streams").records


def _shares(row: dict[str, object]) -> list[tuple[str, int]]:
    pairs = (pair.split(":") for pair in str(row["ratio"]).split())
    return [(arm, int(share)) for arm, share in pairs]


def _sizes(row: dict[str, object]) -> list[int]:
    return [int(size) for size in str(row["sizes"]).split()]


@pytest.mark.shows("RND-04")
@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"golden {row['golden']}")
def test_the_stream_gives_the_golden_sequence(row: dict[str, object]) -> None:
    expected, stratum = str(row["order"]).split(), str(row["stratum"])
    shares, sizes = _shares(row), _sizes(row)
    assert list(islice(arms(SEED, stratum, shares=shares, sizes=sizes), len(expected))) == expected
    drawn = [int(size) for size in str(row["drawn"]).split()]
    assert [len(block(SEED, stratum, k, shares=shares, sizes=sizes)) for k in range(len(drawn))] == drawn


@pytest.mark.shows("RND-04")
@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"golden {row['golden']}")
def test_another_seed_gives_another_sequence(row: dict[str, object]) -> None:
    expected, stratum = str(row["order"]).split(), str(row["stratum"])
    other = bytes([*SEED[:31], 0])
    found = list(islice(arms(other, stratum, shares=_shares(row), sizes=_sizes(row)), len(expected)))
    assert found != expected


@pytest.mark.shows("RND-04")
@pytest.mark.parametrize("number", [0, 1, 2**40])
def test_words_are_those_of_the_definition_written_out(number: int) -> None:
    stratum = "site=广州|size=lt30"
    text = []
    for counter in range(3):
        message = b"equipoise/permuted-block/1" + bytes(1) + stratum.encode("utf-8") + bytes(1)
        message += bytes.fromhex(f"{number:016x}{counter:016x}")
        text.append(hmac.new(SEED, message, hashlib.sha256).hexdigest())
    written = "".join(text)
    expected = [int(written[place : place + 8], 16) for place in range(0, len(written), 8)]
    assert list(islice(words(SEED, stratum, number), 24)) == expected
