"""Specification, floor 0: who may be randomized in the main trial, and in which risk class a participant is."""

from collections.abc import Mapping
from datetime import date

import pytest

from config.documents.spec import Cell
from crf.definitions import stored, typed
from tests.protocol_texts import loaded
from tests.spec.tables import table
from trial.eligibility import Classified, Standing, assess, classify, with_eligibility
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.derived import Derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value

PROTOCOL = loaded("t1-salvage").protocol
Cells = Mapping[str, Cell]
BASE: Cells = {str(address): value for address, value in table("eligible_participant").rows}
CHANGES = table("eligibility")
THIS_TRIAL, SISTER_TRIAL = table("risk_class"), table("risk_class_sister")


def looking(cells: Cells) -> Lookup:
    """A lookup of what the cells hold, read as the forms read what is typed; an item not named has no value."""
    facts = {address: _typed(address, cell) for address, cell in cells.items()}

    def look(address: str) -> Value | Unknown:
        if address not in facts:
            form, _, item = address.partition(".")
            assert item in {each.id for each in PROTOCOL.forms[form].items}, address
        return facts.get(address, UNKNOWN)

    return with_derived(PROTOCOL, look, lambda _form: [])


def _typed(address: str, cell: Cell) -> Value | Unknown:
    if cell is None:
        return UNKNOWN
    if address == "participant.consented_on":
        return date.fromisoformat(str(cell))
    form, _, name = address.partition(".")
    item = PROTOCOL.forms[form].item(name)
    return typed(item, stored(item, PROTOCOL.choices(item), str(cell)))


def excised(row: Cells) -> dict[str, Cell]:
    """The columns of a row that are items of the pathology of the local excision."""
    items = {item.id for item in PROTOCOL.forms["local_excision"].items}
    return {f"local_excision.{column}": cell for column, cell in row.items() if column in items}


def class_of(derived_id: str, row: Cells) -> Classified:
    derived: Derived = next(each for each in PROTOCOL.derived if each.id == derived_id)
    return classify(derived, looking(excised(row)), within=PROTOCOL.derived)


def named(row: Cells) -> str:
    return " ".join(str(cell) for cell in row.values())


@pytest.mark.shows("ELI-01")
def test_the_participant_of_the_tables_meets_every_criterion() -> None:
    found = assess(PROTOCOL, looking(BASE))
    assert found.eligible, [each.criterion.id for each in (*found.broken, *found.open)]


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize("row", CHANGES.records, ids=named)
def test_one_changed_value_decides_one_criterion(row: Cells) -> None:
    address, criterion, standing = str(row["changed"]), str(row["criterion"]), Standing(str(row["standing"]))
    assert address in BASE
    found = assess(PROTOCOL, looking({**BASE, address: row["to"]}))
    standings = {each.criterion.id: each.standing for each in found.outcomes}
    assert standings.pop(criterion) is standing
    assert set(standings.values()) == {Standing.MET}, standings
    assert found.eligible is (standing is Standing.MET)
    assert [each.criterion.id for each in found.queried] == ([criterion] if row["asked"] == "yes" else [])
    for each in found.outcomes:
        assert each.missing == ((address,) if each.standing is Standing.OPEN else ())


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize("row", CHANGES.records, ids=named)
def test_the_populations_see_the_same_eligibility_as_the_gate(row: Cells) -> None:
    look = with_eligibility(PROTOCOL, looking({**BASE, str(row["changed"]): row["to"]}))
    answers = {"met": "yes", "broken": "no", "open": UNKNOWN}
    assert look("participant.eligible") == answers[str(row["standing"])]


@pytest.mark.shows("ELI-01")
def test_each_criterion_is_broken_by_some_row_and_each_is_open_in_one() -> None:
    by_other_means = {"informed_consent"}
    every = {criterion.id for criterion in PROTOCOL.eligibility}
    for standing in ("broken", "open"):
        rows = {row["criterion"] for row in CHANGES.records if row["standing"] == standing}
        assert rows == every - by_other_means


@pytest.mark.shows("ELI-01")
def test_nobody_is_eligible_without_consent_although_age_cannot_be_judged_either() -> None:
    found = assess(PROTOCOL, looking({**BASE, "participant.consented_on": None}))
    assert [each.criterion.id for each in found.broken] == ["informed_consent"]
    assert [each.criterion.id for each in found.open] == ["age"]
    assert found.open[0].missing == ("participant.consented_on",)


@pytest.mark.shows("ELI-01")
def test_nothing_recorded_leaves_nobody_eligible_and_names_what_is_missing() -> None:
    found = assess(PROTOCOL, looking({"participant.consented_on": None}))
    assert [each.criterion.id for each in found.broken] == ["informed_consent"]
    assert len(found.broken) + len(found.open) == len(PROTOCOL.eligibility)
    assert all(each.missing for each in found.open)


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize("row", THIS_TRIAL.records, ids=named)
def test_the_risk_class_of_this_trial_decides_with_reasons(row: Cells) -> None:
    found = class_of("risk_class", row)
    assert found.code == row["class"]
    assert " ".join(found.missing) == (row["missing"] or "")
    outcomes = assess(PROTOCOL, looking({**BASE, **excised(row)}))
    assert outcomes.eligible is (row["eligible"] == "yes")
    not_met = {each.criterion.id for each in outcomes.outcomes if each.standing is not Standing.MET}
    assert not_met == (set() if row["eligible"] == "yes" else {"intermediate_risk"})


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize("row", SISTER_TRIAL.records, ids=named)
def test_the_risk_class_of_the_sister_trial(row: Cells) -> None:
    found = class_of("risk_class_tesar", row)
    assert found.code == row["class"]
    assert " ".join(found.missing) == (row["missing"] or "")


@pytest.mark.shows("ELI-01")
def test_an_open_class_is_called_incomplete_and_a_boundary_is_explained() -> None:
    unknown = class_of("risk_class", {"pt": "pT1", "size_mm": None})
    assert unknown.label == {"en": "Incomplete", "zh-hans": "不完整"}
    at_thirty = class_of("risk_class", {"pt": "pT1", "size_mm": 30})
    assert at_thirty.note is not None
    assert "30.0" in at_thirty.note["en"]


@pytest.mark.shows("ELI-01")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"kikuchi": "SM3"}, "present"),
        ({"haggitt": "H4"}, "present"),
        ({"kikuchi": "SM1"}, "absent"),
        ({"kikuchi": "SM2", "haggitt": "H3"}, "absent"),
        ({"haggitt": "H0"}, "absent"),
        ({"depth_um": 3000}, None),
        ({"kikuchi": "SM1", "haggitt": "H4"}, None),
        ({"kikuchi": "SM3", "haggitt": "H0"}, None),
    ],
)
def test_sm3_is_known_from_either_level_and_from_no_depth(row: Cells, code: str | None) -> None:
    assert class_of("sm3", row).code == code
