"""Our models are written by actions and by nothing else."""

import ast

import pytest

from tests.architecture.source import FLOORS, Module, modules

WRITERS = ("trial/audit.py", "trial/leases.py", "randomization/actions.py", "exports/actions.py")
INSTANCE_WRITES = {"save", "delete", "asave", "adelete"}
QUERY_WRITES = {
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "get_or_create",
    "update_or_create",
    "_raw_delete",
}
QUERY_SIGNS = {"objects", "_default_manager", "_base_manager", "filter", "exclude", "all", "order_by"}


def may_write(path: str) -> bool:
    """Whether a file below the root is one of the rooms that write."""
    return path in WRITERS or "/actions/" in path


def _chain(node: ast.expr) -> set[str]:
    names: set[str] = set()
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        else:
            return names


def writes(tree: ast.AST) -> list[int]:
    """Lines on which a manager, a query or an instance is asked to write."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            verb = node.func.attr
            query = verb in QUERY_WRITES and bool(_chain(node.func.value) & QUERY_SIGNS)
            if query or verb in INSTANCE_WRITES:
                found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "module",
    [m for m in modules() if m.name.split(".")[0] in FLOORS and not may_write(m.path)],
    ids=lambda m: m.path,
)
def test_only_actions_write(module: Module) -> None:
    assert writes(module.tree) == []


def test_the_search_finds_writes() -> None:
    planted = (
        "Participant.objects.filter(x=1).update(y=2)\nrow.save()\nhash.update(b'')\nSite.objects.create()"
    )
    assert writes(ast.parse(planted)) == [1, 2, 4]


def test_every_action_that_writes_is_audited() -> None:
    bare = []
    for module in modules():
        if "/actions" not in module.path:
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and writes(node):
                names = {ast.unparse(decorator) for decorator in node.decorator_list}
                if "audit.audited" not in names:
                    bare.append(f"{module.path}:{node.name}")
    assert bare == []


def _locks(tree: ast.AST) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "select_for_update"
    ]


def collides(call: ast.Call) -> bool:
    """Whether a lock keeps others from referring to the row by a foreign key, which ends in deadlocks."""
    return not any(
        word.arg == "no_key" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in call.keywords
    )


def test_no_lock_collides_with_foreign_keys() -> None:
    locks = [(module.path, call) for module in modules() for call in _locks(module.tree)]
    assert len(locks) > 10
    assert [f"{path}:{call.lineno}" for path, call in locks if collides(call)] == []


def test_a_lock_that_collides_with_foreign_keys_is_found() -> None:
    tree = ast.parse(
        "a.select_for_update()\na.select_for_update(no_key=False)\na.select_for_update(no_key=True)"
    )
    assert [collides(call) for call in _locks(tree)] == [True, True, False]
