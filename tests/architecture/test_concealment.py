"""Arms have one door, and the public label of the arm is read in few places."""

import ast
import re

from tests.architecture.source import Module, modules

# Where the label may be read as an attribute: one-participant pages, and the action that sets it.
TRACK_READERS = {
    "trial/actions/participants.py",
    # the name of the right to see it, and the call that sets it
    "trial/permissions.py",
    "randomization/actions.py",
    "crf/views/casebook.py",
    "randomization/views/allocation.py",
    # whether a form applies, and which visits are due
    "crf/schedule.py",
    # what an invented participant goes through hangs on what the gate gave her
    "config/synthetic.py",
}


def _names_track(module: Module) -> bool:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "track":
            return True
        if isinstance(node, ast.Constant) and _says_track(node) and not _is_docstring(module, node):
            return True
        if isinstance(node, ast.keyword) and node.arg and re.search(r"(^|_)track(_|$)", node.arg):
            return True
    return False


def _says_track(constant: ast.Constant) -> bool:
    return isinstance(constant.value, str) and bool(re.search(r"\btrack\b", constant.value))


def _is_docstring(module: Module, constant: ast.Constant) -> bool:
    owners = [n for n in ast.walk(module.tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return any(o.body and isinstance(o.body[0], ast.Expr) and o.body[0].value is constant for o in owners)


def test_the_label_of_the_arm_is_read_in_the_named_places_only() -> None:
    readers = {module.path for module in modules() if _names_track(module)}
    assert readers == TRACK_READERS


def test_no_query_reaches_allocations_from_outside() -> None:
    for module in modules():
        if module.path.startswith("randomization/"):
            continue
        assert "+__" not in module.text, module.path
        assert not re.search(r"get_model\(\s*[\"']randomization", module.text), module.path
        assert "randomization_allocation" not in module.text, module.path


def test_nobody_passes_the_door_on() -> None:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in ("concealed", "dataset"):
                raise AssertionError(f"{module.path}:{node.lineno} reaches through {node.attr}")


def test_allocations_have_no_way_back_from_other_models() -> None:
    models = next(module for module in modules() if module.path == "randomization/models.py")
    relations = [
        node
        for node in ast.walk(models.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("ForeignKey", "OneToOneField")
    ]
    names = [
        keyword.value.value
        for relation in relations
        for keyword in relation.keywords
        if keyword.arg == "related_name" and isinstance(keyword.value, ast.Constant)
    ]
    assert len(relations) == len(names)
    assert set(names) == {"+"}
