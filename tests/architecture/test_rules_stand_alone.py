"""Rules can be imported where Django and everything that needs it are absent."""

import configparser
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT, modules

PROGRAM = """
import importlib, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError(f'{{name}} is not for rules')
sys.meta_path.insert(0, Blocked())
for name in {names!r}:
    importlib.import_module(name)
print('stood alone:', {count})
"""


def _contract() -> configparser.SectionProxy:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser["importlinter:contract:rules"]


def test_the_types_of_every_rule_module_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    checked = {file.removesuffix(".py").replace("/", ".") for file in settings["files"]}
    assert set(_contract()["source_modules"].split()) <= checked


def test_every_rule_module_is_importable_alone(tmp_path: Path) -> None:
    rooms = _contract()["source_modules"].split()
    blocked = set(_contract()["forbidden_modules"].split())
    names = [
        m.name for m in modules() if any(m.name == room or m.name.startswith(f"{room}.") for room in rooms)
    ]
    assert len(names) > 30
    program = PROGRAM.format(blocked=blocked, names=names, count=len(names))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"stood alone: {len(names)}"
