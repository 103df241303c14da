"""`manage.py verify_audit` names what was planted in a sound trail."""

import sqlite3
from pathlib import Path

import pytest

from tests.processes.shell import DATABASE, manage

CHAIN = "colon-moertel"
PLACE = 50
PLANTS = {
    "edit": ["UPDATE trial_act SET reason = 'planted' WHERE chain = '{chain}' AND seq = {seq}"],
    "deletion": ["DELETE FROM trial_act WHERE chain = '{chain}' AND seq = {seq}"],
    "insertion": [
        "UPDATE trial_act SET seq = seq + 100001 WHERE chain = '{chain}' AND seq >= {seq}",
        "UPDATE trial_act SET seq = seq - 100000 WHERE chain = '{chain}' AND seq > 100000",
        "INSERT INTO trial_act (chain, seq, at, verb, refused, subject, site, participant, reason, changes, shows_arm,"
        " history, previous, hash) SELECT chain, {seq}, at, verb, refused, subject, site, participant, reason, changes,"
        " shows_arm, '[]', previous, hash FROM trial_act WHERE chain = '{chain}' AND seq = {seq} - 1",
    ],
    "reordering": [
        "UPDATE trial_act SET seq = 0 WHERE chain = '{chain}' AND seq = {seq}",
        "UPDATE trial_act SET seq = {seq} WHERE chain = '{chain}' AND seq = {seq} + 1",
        "UPDATE trial_act SET seq = {seq} + 1 WHERE chain = '{chain}' AND seq = 0",
    ],
}


@pytest.mark.shows("AUD-01")
@pytest.mark.parametrize("kind", PLANTS)
def test_a_planted_fault_is_named(a_world: Path, kind: str) -> None:
    with sqlite3.connect(a_world / DATABASE) as connection:
        acts = connection.execute("SELECT count(*) FROM trial_act WHERE chain = ?", (CHAIN,)).fetchone()[0]
        # The planted act is in the middle: others stand before it and after it.
        assert acts > 2 * PLACE
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER trial_act_no_{verb}")
        for statement in PLANTS[kind]:
            connection.execute(statement.format(chain=CHAIN, seq=PLACE))
    answer = manage(a_world, "verify_audit", "--skip-checks")
    assert answer.code == 1
    assert f"{CHAIN} act {PLACE}" in answer.text
    assert "Traceback" not in answer.text
