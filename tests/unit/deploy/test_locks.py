"""The packages: each with a reason, each locked to one version, and no word about where they come from."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("requirements", "requirements-dev")


def lines_of(file: str) -> list[str]:
    lines = (ROOT / file).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-c "))]


def name_of(line: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", line)[0].lower().replace("_", "-")


@pytest.mark.parametrize("name", NAMES)
def test_every_package_says_why_it_is_here(name: str) -> None:
    unexplained = [line for line in lines_of(f"{name}.in") if not re.search(r"\S {2,}# \w+", line)]
    assert unexplained == []


@pytest.mark.parametrize("name", NAMES)
def test_every_locked_package_has_exactly_one_version(name: str) -> None:
    loose = [line for line in lines_of(f"{name}.txt") if not re.match(r"[a-z0-9.-]+==[0-9][^ ]*( |$)", line)]
    assert loose == []


@pytest.mark.parametrize("name", NAMES)
def test_every_asked_package_is_locked(name: str) -> None:
    locked = {name_of(line) for line in lines_of(f"{name}.txt")}
    assert {name_of(line) for line in lines_of(f"{name}.in")} - locked == set()


def test_both_locks_agree_where_they_overlap() -> None:
    versions = [dict(line.split()[0].split("==") for line in lines_of(f"{name}.txt")) for name in NAMES]
    product, tests = versions
    assert {name: tests[name] for name in tests if name in product} == {
        name: product[name] for name in product if name in tests
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_names_no_place_to_download_from(name: str) -> None:
    for suffix in ("in", "txt"):
        text = (ROOT / f"{name}.{suffix}").read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert "--find-links" not in text
