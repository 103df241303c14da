"""Functions can be read at a glance, modules in one sitting, and each says which room it is."""

import ast
import re
import statistics

import pytest

from tests.architecture.source import FLOORS, ROOT, Module, functions, modules

LONGEST_MODULE, LONGEST_FUNCTION = 500, 60
MEDIAN_MODULE, MEDIAN_FUNCTION = 120, 12
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "manager",
    "managers",
    "base",
    "core",
    "misc",
}
# Django needs these two to be able to import models late; there are none so far.
LATE_IMPORTS: frozenset[str] = frozenset()


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_module_is_short_and_says_which_room_it_is(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST_MODULE
    assert not module.text.strip() or ast.get_docstring(module.tree)
    assert not FORBIDDEN_NAMES & set(module.name.split("."))


def test_modules_of_tests_are_short() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    long = [
        (m.path, f.name, _length(f)) for m in modules() for f in functions(m) if _length(f) > LONGEST_FUNCTION
    ]
    assert long == []


def test_the_typical_module_and_function_are_small() -> None:
    assert statistics.median(len(m.text.splitlines()) for m in modules() if m.text.strip()) <= MEDIAN_MODULE
    assert statistics.median(_length(f) for m in modules() for f in functions(m)) <= MEDIAN_FUNCTION


def test_nothing_is_imported_inside_a_function() -> None:
    late = [
        (m.path, node.lineno)
        for m in modules()
        if m.path not in LATE_IMPORTS
        for f in functions(m)
        for node in ast.walk(f)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert late == []


def test_warnings_of_the_linter_are_rarely_silenced() -> None:
    lines = sum(len(module.text.splitlines()) for module in modules())
    silenced = sum(len(re.findall(r"#\s*noqa", module.text)) for module in modules())
    assert silenced <= 0.3 * lines / 1000


def test_inheritance_is_at_most_two_deep() -> None:
    parents = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }

    def depth(name: str) -> int:
        return 1 + max((depth(parent) for parent in parents.get(name, []) if parent in parents), default=0)

    assert {name: depth(name) for name in parents if depth(name) > 2} == {}


def test_the_top_level_is_the_agreed_one() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*FLOORS, "deploy", "tests"}
