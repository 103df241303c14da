"""An uploaded allocation list is taken whole or not at all, and says which line does not fit."""

import pytest

from randomization.lists import InvalidList, ratio, read_list

ARMS = ("TME", "CRT")
HEAD = "sequence,stratum,arm\n"


def test_arms_come_in_the_order_of_the_list() -> None:
    slots = read_list(HEAD + "1,*,TME\n2,*,CRT\n3,*,TME\n", arms=ARMS)
    assert slots == {"*": ["TME", "CRT", "TME"]}
    assert ratio(slots) == {"*": {"CRT": 1, "TME": 2}}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("stratum,arm\n", 1, "columns"),
        (HEAD, 2, "empty"),
        (HEAD + "1,*,TME\n3,*,CRT\n", 3, "'3'"),
        (HEAD + "1,*,TME\n1,*,CRT\n", 3, "'1'"),
        (HEAD + "1,other,TME\n", 2, "no strata"),
        (HEAD + "1,*,Surgery\n", 2, "arm is not in the protocol"),
    ],
)
def test_a_list_that_does_not_fit_names_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(InvalidList) as refused:
        read_list(text, arms=ARMS)
    assert refused.value.problems[0].line == line
    assert said in str(refused.value)
    assert "Surgery" not in str(refused.value)
