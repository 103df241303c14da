"""Query parameters: what is not understood is refused, with its name."""

import pytest
from django.http import QueryDict

from exports.parameters import Asked, following, read
from exports.problems import BadParameters

ALLOWED = ("snapshot", "paramcd", "limit", "cursor")


def asked(query: str, form: str = "json") -> Asked:
    return read(QueryDict(query), allowed=ALLOWED, form=form)


def test_without_parameters_the_first_page_of_the_newest_snapshot_is_meant() -> None:
    assert asked("") == Asked(snapshot=None, paramcd="", limit=1000, offset=0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("paramcod=DFS", "paramcod"),
        ("snapshot=one", "snapshot"),
        ("snapshot=-1", "snapshot"),
        ("snapshot=", "snapshot"),
        ("snapshot=1%27%20OR%201=1", "snapshot"),
        ("snapshot=%D9%A1", "snapshot"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=10&limit=20", "limit"),
        ("cursor=10", "cursor"),
        ("cursor=1.10&snapshot=2", "cursor"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named(query: str, field: str) -> None:
    with pytest.raises(BadParameters) as refused:
        asked(query)
    assert [name for name, _message in refused.value.errors] == [field]


@pytest.mark.parametrize("query", ["limit=10", "cursor=1.10"])
def test_csv_comes_whole(query: str) -> None:
    with pytest.raises(BadParameters):
        asked(query, form="csv")


def test_pages_follow_one_another_to_the_end_within_one_snapshot() -> None:
    page, seen = asked("paramcd=DFS&limit=400"), []
    while True:
        seen.append(page.offset)
        query = following(page, snapshot=3, total=929)
        if not query:
            break
        page = asked(query)
        assert (page.snapshot, page.paramcd, page.limit) == (3, "DFS", 400)
    assert seen == [0, 400, 800]


def test_a_page_that_ends_with_the_last_row_is_the_last() -> None:
    assert following(Asked(limit=10, offset=10), snapshot=1, total=20) == ""
