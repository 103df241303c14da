"""Specification, floor 1: whoever tries a rule is told what the tables of eligibility and risk class say."""

from collections.abc import Mapping
from datetime import date

import pytest

from config.documents.spec import Cell
from crf.rehearsal import Rehearsal, rehearse
from tests.protocol_texts import loaded
from tests.spec.tables import table

PROTOCOL = loaded("t1-salvage").protocol
PATHOLOGY = PROTOCOL.forms["local_excision"]
Cells = Mapping[str, Cell]
BASE: Cells = {str(address): value for address, value in table("eligible_participant").rows}
ELIGIBLE = {"met": True, "broken": False, "open": None}


def tried(given: Cells) -> Rehearsal:
    return rehearse(PROTOCOL, PATHOLOGY, given, today=date(2024, 6, 1))


def excised(row: Cells) -> dict[str, Cell]:
    items = {item.id for item in PATHOLOGY.items}
    return {f"local_excision.{column}": cell for column, cell in row.items() if column in items}


def named(row: Cells) -> str:
    return " ".join(str(cell) for cell in row.values())


@pytest.mark.shows("TRY-01", "ELI-01")
def test_the_participant_of_the_tables_is_eligible_and_her_pathology_has_no_findings() -> None:
    found = tried(BASE)
    assert (found.findings, found.eligible, found.reasons) == ((), True, ())


@pytest.mark.shows("TRY-01", "ELI-01")
@pytest.mark.parametrize("row", table("eligibility").records, ids=named)
def test_one_changed_value_gives_the_answer_of_the_table(row: Cells) -> None:
    found = tried({**BASE, str(row["changed"]): row["to"]})
    assert found.eligible is ELIGIBLE[str(row["standing"])]
    expected = [] if row["standing"] == "met" else [row["criterion"]]
    assert [each.criterion.id for each in found.reasons] == expected


@pytest.mark.shows("TRY-01", "ELI-01")
@pytest.mark.parametrize("row", table("risk_class").records, ids=named)
def test_the_class_that_decides_is_that_of_the_table(row: Cells) -> None:
    found = tried({**BASE, **excised(row)})
    assert found.classified is not None
    assert found.classified.code == row["class"]
    assert found.computed.get("risk_class") == row["class"]
    assert (found.eligible is True) is (row["eligible"] == "yes")
