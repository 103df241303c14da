"""The derived tables of a snapshot: what tells the arm is kept apart, and swapping arms changes nothing else."""

import io
from dataclasses import replace

import pandas as pd
import pytest

from outcomes.records import Recorded
from outcomes.tabulation import ADTTE, ARM_TABLES, Tabulated, tabulate
from tests.unit.outcomes.sample_trial import CUT_OFF, PROTOCOL, day, death, person, recurrence, visit

TREATED = ("treated", {"on": day(20), "what": "A"})
PEOPLE = [
    person(("base", {"ecog": 1}), TREATED, recurrence(12, "distant"), arm="A", usubjid="1"),
    person(("base", {"ecog": 3}), recurrence("2025-03"), death(700), arm="B", usubjid="2"),
    person(("base", {"ecog": 2}), visit(182, at="m06"), recurrence(0), arm="B", usubjid="3"),
]


def tabulated(people: list[Recorded]) -> Tabulated:
    return tabulate(PROTOCOL, people, cut_off=CUT_OFF)


FOUND = tabulated(PEOPLE)


def in_bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


@pytest.mark.shows("BLD-01", "END-02")
def test_endpoints_and_populations_that_tell_the_arm_stand_in_tables_of_their_own() -> None:
    assert set(FOUND.tables) | {"values_arm"} == {*ARM_TABLES, "adtte"}
    assert set(FOUND.tables["adtte"]["PARAMCD"]) == {"DFS", "LRR", "OS"}
    assert set(FOUND.tables["adtte_arm"]["PARAMCD"]) == {"DFSFDA", "ONLYB"}
    assert set(FOUND.flags) == {"ITT"}
    assert FOUND.flags["ITT"] == {"1", "2", "3"}


@pytest.mark.shows("END-02")
def test_every_exclusion_has_its_reason_and_everybody_in_has_an_arm() -> None:
    rows = FOUND.tables["populations"].set_index(["POPULATION", "USUBJID"])
    assert rows.loc[("PP", "1")].tolist() == ["Y", "", "A"]
    assert rows.loc[("PP", "2")].tolist() == ["N", "fit;as_allocated", ""]
    assert rows.loc[("AT", "2")].tolist() == ["N", "rule;treatment_received", ""]
    assert FOUND.tables["treatment"].to_numpy().tolist() == [["1", "A", "A"], ["2", "B", ""], ["3", "B", ""]]


@pytest.mark.shows("BLD-01")
def test_a_note_that_hangs_on_marked_items_is_kept_from_the_blinded_table() -> None:
    assert set(FOUND.tables["adtte"]["NOTE"]) == {""}
    assert FOUND.tables["notes"].to_numpy().tolist() == [["1", "DFS", "before treatment"]]


@pytest.mark.shows("BLD-01")
def test_findings_of_hidden_endpoints_are_hidden_and_broken_criteria_are_told() -> None:
    told = [(f.usubjid, f.paramcd, f.address) for f in FOUND.findings]
    assert told == [
        ("2", "", "base.ecog"),
        ("3", "DFS", "recurrence.first_evidence"),
        ("3", "LRR", "recurrence.first_evidence"),
    ]
    assert (FOUND.findings[0].kind, FOUND.findings[0].told) == ("criterion_not_met", {"criterion": "fit"})
    hidden = FOUND.tables["findings_arm"][["USUBJID", "PARAMCD", "KIND"]].to_numpy().tolist()
    assert hidden == [["3", "DFSFDA", "not_after_origin"], ["1", "FROM", "not_after_origin"]]
    assert FOUND.tables["findings_arm"]["TOLD"][1] == '{"origin":"2024-01-21","recorded":"2024-01-13"}'


def test_pending_events_and_imputed_dates_are_counted_once_each() -> None:
    assert (FOUND.pending, FOUND.imputed) == (2, 1)


@pytest.mark.shows("END-01")
def test_the_primary_endpoint_is_there_with_imputed_dates_at_their_ends() -> None:
    rows = FOUND.tables["completions"]
    assert set(rows["PARAMCD"]) == {"DFS"}
    second = rows[rows["USUBJID"] == "2"].set_index("IMPUTATION")["AVAL"]
    assert (second["earliest"], second["latest"]) == (425, 455)


@pytest.mark.shows("BLD-01")
def test_swapping_the_arms_leaves_every_blinded_table_byte_for_byte_the_same() -> None:
    swapped = tabulated([replace(each, arm={"A": "B", "B": "A"}[each.arm]) for each in PEOPLE])
    for name in set(FOUND.tables) - ARM_TABLES:
        assert in_bytes(swapped.tables[name]) == in_bytes(FOUND.tables[name]), name
    assert (swapped.flags, swapped.findings) == (FOUND.flags, FOUND.findings)
    assert (swapped.pending, swapped.imputed) == (FOUND.pending, FOUND.imputed)
    for name in ("treatment", "populations", "adtte_arm"):
        assert in_bytes(swapped.tables[name]) != in_bytes(FOUND.tables[name]), name


def test_a_trial_without_rows_has_its_columns_all_the_same() -> None:
    nobody = tabulated([])
    assert [list(nobody.tables[name].columns) for name in ("adtte", "adtte_arm")] == [list(ADTTE)] * 2
    assert (nobody.findings, nobody.pending) == ((), 0)
