"""Tests: the source of the house as syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("trial", "crf", "randomization", "outcomes", "exports", "config")
PACKAGES = (*FLOORS, "deploy")


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, path below the root, text and syntax tree."""

    name: str
    path: str
    text: str
    tree: ast.Module


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every module of the product, migrations left out."""
    return tuple(
        _read(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if _ours(path)
    )


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module, nested ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _ours(path: Path) -> bool:
    return "migrations" not in path.parts and "__pycache__" not in path.parts


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    relative = path.relative_to(ROOT)
    name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    return Module(name, relative.as_posix(), text, ast.parse(text))
