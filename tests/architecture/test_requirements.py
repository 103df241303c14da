"""Every requirement is shown by a test, and every risky one by a test in which something is refused or found out."""

import ast
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from tests.architecture.source import ROOT

REQUIREMENTS = yaml.safe_load((ROOT / "docs" / "requirements.yaml").read_text())
FIELDS = {"id", "sentence", "risk", "source", "negative"}


@lru_cache(maxsize=1)
def shown() -> dict[str, set[str]]:
    """Requirement → names of the tests that cite it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for function in _functions(path):
            for identity in _cited(function):
                found.setdefault(identity, set()).add(function.name)
    return found


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def _cited(function: ast.FunctionDef) -> list[str]:
    return [
        str(argument.value)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.shows"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement["id"])
def test_a_requirement_is_shown(requirement: dict[str, str]) -> None:
    assert set(requirement) <= FIELDS
    assert shown().get(requirement["id"]), "no test shows it"
    if requirement["risk"] == "high":
        assert requirement["negative"] in shown()[requirement["id"]], "its negative test does not cite it"


def test_ids_are_used_once_and_no_test_cites_an_unknown_one() -> None:
    ids = [requirement["id"] for requirement in REQUIREMENTS]
    assert len(ids) == len(set(ids))
    assert set(shown()) <= set(ids)
