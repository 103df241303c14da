"""An uploaded allocation list is taken whole or not at all, and says which line does not fit."""

import pytest

from randomization.schemes import InvalidList, ratio, read_list
from randomization.sealing import SealBroken, seal, unseal

ARMS = ("TME", "CRT")
KEY = "A" * 43 + "="
OTHER_KEY = "B" * 42 + "A="
HEAD = "sequence,stratum,arm\n"


def test_arms_come_in_order_for_each_stratum() -> None:
    slots = read_list(HEAD + "1,a,TME\n1,b,CRT\n2,a,CRT\n", arms=ARMS, strata=("a", "b"))
    assert slots == {"a": ["TME", "CRT"], "b": ["CRT"]}
    assert ratio(slots) == {"a": {"CRT": 1, "TME": 1}, "b": {"CRT": 1}}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("stratum,arm\n", 1, "columns"),
        (HEAD, 2, "empty"),
        (HEAD + "1,*,TME\n3,*,CRT\n", 3, "'3'"),
        (HEAD + "1,*,TME\n1,*,CRT\n", 3, "'1'"),
        (HEAD + "1,other,TME\n", 2, "stratum"),
        (HEAD + "1,*,Surgery\n", 2, "arm is not in the protocol"),
    ],
)
def test_a_list_that_does_not_fit_names_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(InvalidList) as refused:
        read_list(text, arms=ARMS)
    assert refused.value.problems[0].line == line
    assert said in str(refused.value)
    assert "Surgery" not in str(refused.value)


def test_what_was_sealed_opens_with_the_same_key_only() -> None:
    sealed = seal("secret order", key=KEY)
    assert b"secret" not in sealed
    assert unseal(sealed, key=KEY) == "secret order"
    with pytest.raises(SealBroken, match="is not the key"):
        unseal(sealed, key=OTHER_KEY)


def test_an_unusable_key_is_named() -> None:
    with pytest.raises(SealBroken, match="not a usable key"):
        seal("text", key="short")
