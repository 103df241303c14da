"""Unit tests, floor 0: YAML text becomes plain data with lines, by the words of YAML 1.2."""

import tracemalloc
from decimal import Decimal

import pytest

from trial.protocol import documents
from trial.protocol.problems import Problem


def tree_of(text: str) -> documents.Tree:
    document, problems = documents.read("a.yaml", text)
    assert problems == []
    assert document
    return document.tree


def problems_of(text: str) -> list[Problem]:
    document, problems = documents.read("a.yaml", text)
    assert document is None
    return problems


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "No", "YES", "True", "NULL", "1984-03-01", "01", "1:30"]
)
def test_words_that_yaml_1_1_would_convert_stay_text(word: str) -> None:
    assert tree_of(f"key: {word}") == {"key": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("1.50", Decimal("1.50")),
        (".95", Decimal("0.95")),
        ("-0.1", Decimal("-0.1")),
        ("'12'", "12"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("9999999999999999", "9999999999999999"),
    ],
)
def test_numbers_truth_and_null_are_read(word: str, value: object) -> None:
    tree = tree_of(f"key: {word}")
    assert isinstance(tree, dict)
    read = tree["key"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_always_text() -> None:
    assert tree_of("{0: a, on: b, true: c, <<: d}") == {"0": "a", "on": "b", "true": "c", "<<": "d"}


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    (first, second) = problems_of("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert (first.line, first.key) == (4, "b.c")
    assert (second.line, second.key) == (5, "a")
    assert "first on line 1" in second.message


def test_aliases_and_anchors_are_refused_each_on_its_line() -> None:
    problems = problems_of("a: &big [1]\nb: *big\nc: *big\n")
    assert [problem.line for problem in problems] == [1, 2, 3]


def test_a_bomb_of_aliases_does_not_expand() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    tracemalloc.start()
    problems = problems_of("\n".join(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(problems) == 9 + 80
    assert peak < 5_000_000


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system ['true']", "a: !!int '3'", "a: ! x"])
def test_tags_are_refused(text: str) -> None:
    assert "tag" in problems_of(text)[0].message


def test_deep_nesting_is_refused_before_it_exhausts_the_stack() -> None:
    (problem,) = problems_of("[" * 100_000)
    assert "nested too deeply" in problem.message
    assert problem.line == 1


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_read() -> None:
    room = documents.LARGEST_FILE - len("a: ''")
    assert tree_of(f"a: '{'x' * room}'") == {"a": "x" * room}
    (problem,) = problems_of(f"a: '{'x' * (room + 1)}'")
    assert "larger" in problem.message
    (problem,) = problems_of("界" * (documents.LARGEST_FILE // 3 + 1))
    assert "larger" in problem.message


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert "empty" in problems_of(text)[0].message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [\n", 3),
        ("a: 1\n\tb: 2", 2),
        ("a: b: c", 1),
        ("a: 1\n---\nb: 2", 2),
        ("a: 'open", 1),
        ("\n\n? ]", 3),
    ],
)
def test_broken_yaml_is_told_by_line(text: str, line: int) -> None:
    (problem,) = problems_of(text)
    assert problem.line == line
    assert "look at the indentation" in problem.remedy


@pytest.mark.parametrize("text", ["a: 1\nb: \x00", "a: 1\nb: \ud800"])
def test_characters_outside_yaml_are_told_by_line(text: str) -> None:
    (problem,) = problems_of(text)
    assert problem.line == 2
    assert "character" in problem.message


def test_a_key_that_is_a_list_is_refused_by_line() -> None:
    (problem,) = problems_of("a:\n  ? [x]\n  : 1\n")
    assert (problem.line, problem.key) == (2, "a")


def test_a_place_is_found_by_line_and_what_is_absent_by_its_nearest_parent() -> None:
    document, _ = documents.read("a.yaml", "title: x\nitems:\n  - id: a\n    label: b\n  - id: c\n")
    assert document
    assert document.line(["title"]) == 1
    assert document.line(["items"]) == 2
    assert document.line(["items", 0, "label"]) == 4
    assert document.line(["items", 1]) == 5
    assert document.line(["items", 1, "label"]) == 5
    assert document.line(["items", 7, "label"]) == 2
    assert document.line(["title", "en"]) == 1
    assert document.line(["items", "0"]) == 2
    assert document.line([]) == 1
