"""Rules room of floor 2: permuted blocks as a function of a seed, the same in any language.

For stratum key s and block number k = 0, 1, … the words of a block are the 32-bit big-endian words of
HMAC-SHA256(seed, "equipoise/permuted-block/1" ‖ 00 ‖ s in UTF-8 ‖ 00 ‖ k ‖ c) for c = 0, 1, …, k and c in 8 bytes,
big-endian. below(n): take words until one, u, is smaller than ⌊2³²/n⌋·n; answer u mod n. A block's size is
sizes[below(len(sizes))], without a draw when there is one size. The block: the arms in protocol order, each repeated
by its share, this unit repeated to the size, then shuffled from the end: for i = size − 1 … 1 swap place i with
place below(i + 1) (Fisher–Yates; Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2 P).
"""

import hmac
from collections.abc import Iterator, Sequence
from itertools import count

DOMAIN = b"equipoise/permuted-block/1"
SEED_BYTES = 32
LARGEST_BLOCK = 1000
_WORDS = 2**32

Shares = Sequence[tuple[str, int]]


class InvalidSizes(ValueError):
    """The block sizes cannot be used; the text says which rule they break, and how to keep it."""


def check_sizes(sizes: Sequence[int], shares: Shares) -> None:
    """Raise InvalidSizes unless every size is a multiple of the ratio's sum and larger than it.

    A block of the ratio's sum alone would give its last place away; a size may stand more than once to be drawn
    more often.
    """
    unit = sum(share for _arm, share in shares)
    fitting = range(2 * unit, LARGEST_BLOCK + 1, unit)
    if not sizes:
        raise InvalidSizes(f"There is no block size. Give multiples of {unit} larger than {unit}.")
    for size in sizes:
        if size not in fitting:
            raise InvalidSizes(
                f"{size} cannot be a block size. Give multiples of {unit} larger than {unit}, "
                f"at most {LARGEST_BLOCK}."
            )


def arms(seed: bytes, stratum: str, *, shares: Shares, sizes: Sequence[int]) -> Iterator[str]:
    """The arms of a stratum in order, without end. `shares` are the arms in protocol order with their ratio.

    Raises InvalidSizes. What another stratum has taken changes nothing here.
    """
    check_sizes(sizes, shares)
    return (arm for number in count() for arm in block(seed, stratum, number, shares=shares, sizes=sizes))


def block(seed: bytes, stratum: str, number: int, *, shares: Shares, sizes: Sequence[int]) -> list[str]:
    """The arms of one block, counted from 0, of a stratum."""
    drawn = words(seed, stratum, number)
    size = sizes[below(drawn, len(sizes))] if len(sizes) > 1 else sizes[0]
    unit = [arm for arm, share in shares for _ in range(share)]
    places = unit * (size // len(unit))
    for last in range(size - 1, 0, -1):
        other = below(drawn, last + 1)
        places[last], places[other] = places[other], places[last]
    return places


def below(drawn: Iterator[int], limit: int) -> int:
    """A number from 0 to limit − 1, each equally likely: words that would favour some are passed over."""
    fair = _WORDS // limit * limit
    return next(word for word in drawn if word < fair) % limit


def words(seed: bytes, stratum: str, number: int) -> Iterator[int]:
    """The 32-bit words of one block of a stratum, without end."""
    head = DOMAIN + b"\0" + stratum.encode() + b"\0" + number.to_bytes(8, "big")
    counter = 0
    while True:
        digest = hmac.digest(seed, head + counter.to_bytes(8, "big"), "sha256")
        for place in range(0, len(digest), 4):
            yield int.from_bytes(digest[place : place + 4], "big")
        counter += 1
