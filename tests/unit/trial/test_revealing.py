"""Unit tests, floor 0: which addresses and answers tell a reader the arm."""

import pytest

from tests.unit.trial import fuller_protocol, protocol_files
from trial.protocol.loader import load_files
from trial.protocol.revealing import ADEQUATE, ARM, answer_tells, tells

PROTOCOL = load_files(fuller_protocol.FILES).protocol
ENTRY, CHECK_UP = "forms/entry.yaml", "forms/check_up.yaml"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (ARM, True),
        ("treated.on_day", True),
        ("entry.age", False),
        ("participant.site", False),
        ("derived.given", False),
        (ADEQUATE, False),
    ],
)
def test_the_arm_and_what_is_marked_tell_the_arm(address: str, told: bool) -> None:
    assert tells(address, PROTOCOL) is told


def test_adequacy_tells_the_arm_where_an_examination_does() -> None:
    marked = fuller_protocol.changed(
        CHECK_UP, "label: {en: Scanned}", "label: {en: Scanned}, reveals_arm: content"
    )
    assert tells(ADEQUATE, load_files(marked).protocol)
    assert not tells(ADEQUATE, load_files(protocol_files.FILES).protocol)


@pytest.mark.parametrize(
    ("form", "items", "told"),
    [
        ("entry", ["age"], False),
        ("entry", [], False),
        ("entry", ["packs"], True),
        ("entry", ["age", "packs"], True),
        ("entry", ["no_item_any_more"], False),
        ("treated", [], True),
        ("treated", ["no_item_any_more"], True),
    ],
)
def test_an_answer_tells_the_arm_by_its_item_or_its_form(form: str, items: list[str], told: bool) -> None:
    marked = fuller_protocol.changed(ENTRY, "label: {en: Packs},", "label: {en: Packs}, reveals_arm: yes,")
    assert answer_tells(load_files(marked).protocol.forms[form], items) is told
