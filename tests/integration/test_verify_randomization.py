"""`verify_randomization` derives every allocation again and names what somebody with the database's password did."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from randomization.actions import verify
from randomization.models import Allocation, Scheme, Stratum
from randomization.sealing import seal
from randomization.verification import DIFFERS, Change
from tests import salvage
from tests.integration.planting import drop_triggers
from tests.unit.trial import protocol_files
from tests.world import TRIAL as COLON
from tests.world import World
from trial.actions import people, protocols
from trial.digest import sha256
from trial.models import Participant, Trial
from trial.protocol.loader import load_files

LARGE, SMALL = "site=01|size=30to50|features=0", "site=01|size=lt30|features=1"
Plant = Callable[..., None]


@pytest.fixture
def only_actions_write(db: None) -> None:
    """Here somebody else writes: that is what must be found out."""


@pytest.fixture
def trial(world: World) -> Trial:
    """Five in one stratum, two in another, one at the other site, one who still waits."""
    opened = salvage.open_trial()
    for number in range(1, 6):
        salvage.randomized("01", f"01-000{number}")
    for number in (6, 7):
        small = {"local_excision.size_mm": "20", "local_excision.grade": "poor"}
        salvage.randomized("01", f"01-000{number}", **small)
    salvage.randomized("02", "02-0001")
    salvage.enrolled("01", "01-0008")
    return opened


@pytest.fixture
def plant(trial: Trial) -> Plant:
    """Run SQL with the triggers out of the way."""

    def execute(sql: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    drop_triggers()
    return execute


def _allocation(label: str) -> Allocation:
    rows = Allocation.objects.filter(participant__trial__key=salvage.TRIAL)
    return rows.select_related("participant", "stratum").get(participant__label=label)


def _of_arm(arm: str) -> list[Allocation]:
    rows = Allocation.objects.filter(stratum__key=LARGE, arm=arm).select_related("participant")
    return list(rows.order_by("number"))


def _told(code: int = 1) -> list[str]:
    """What the command says; it never says an arm."""
    said = io.StringIO()
    if code:
        with pytest.raises(CommandError, match="does not hold"):
            call_command("verify_randomization", salvage.TRIAL, stdout=said)
    else:
        call_command("verify_randomization", salvage.TRIAL, stdout=said)
    lines = said.getvalue().splitlines()
    assert not any(arm in line for arm in ("TME", "CRT") for line in lines)
    return lines


def _faults(label: str) -> list[str]:
    return [line for line in _told() if line.startswith("FAULT") and f"participant {label}" in line]


def _edit(plant: Plant, label: str, arm: str) -> None:
    """Another arm, in the allocation and on the participant's page."""
    row = _allocation(label)
    plant("UPDATE randomization_allocation SET arm = %s WHERE id = %s", arm, row.pk)
    plant("UPDATE trial_participant SET track = %s WHERE id = %s", arm, row.participant_id)


@pytest.mark.shows("RND-06")
def test_an_untouched_randomization_holds(trial: Trial) -> None:
    assert _told(0) == [
        "The randomization holds: 8 allocations follow the sealed sequence; 0 factor levels were corrected since."
    ]


@pytest.mark.shows("RND-06")
def test_a_swap_is_named(plant: Plant) -> None:
    first, other = _of_arm("TME")[0].participant.label, _of_arm("CRT")[0].participant.label
    _edit(plant, first, "CRT")
    _edit(plant, other, "TME")
    lines = _told()
    for label in (first, other):
        assert [line for line in lines if f"participant {label}: {DIFFERS}" in line]
    assert not [line for line in lines if "participant 02-0001" in line]


@pytest.mark.shows("RND-06")
def test_a_swap_between_people_of_one_arm_is_named(trial: Trial, plant: Plant) -> None:
    first, second = next(rows for rows in (_of_arm("TME"), _of_arm("CRT")) if len(rows) > 1)[:2]
    waiting = Participant.objects.get(trial=trial, label="01-0008")
    for row, participant in ((first, waiting), (second, first.participant), (first, second.participant)):
        plant("UPDATE randomization_allocation SET participant_id = %s WHERE id = %s", participant.pk, row.pk)
    for label in (first.participant.label, second.participant.label):
        assert any("randomized at another time" in line for line in _faults(label))


@pytest.mark.shows("RND-06")
def test_an_edit_is_named(plant: Plant) -> None:
    label = _of_arm("CRT")[0].participant.label
    _edit(plant, label, "TME")
    assert any(DIFFERS in line for line in _faults(label))


@pytest.mark.shows("RND-06")
def test_an_edit_of_the_page_alone_is_named(plant: Plant) -> None:
    row = _of_arm("CRT")[0]
    plant("UPDATE trial_participant SET track = 'TME' WHERE id = %s", row.participant_id)
    assert any("label differs from the allocation" in line for line in _faults(row.participant.label))


@pytest.mark.shows("RND-06")
def test_a_deletion_is_named(plant: Plant) -> None:
    plant("DELETE FROM randomization_allocation WHERE id = %s", _allocation("01-0002").pk)
    lines = _told()
    assert f"FAULT stratum {LARGE}: number 2 is missing" in lines
    assert "FAULT participant 01-0002: is randomized and has no allocation" in lines
    assert not [line for line in lines if DIFFERS in line]


@pytest.mark.shows("RND-06")
def test_a_deletion_of_the_last_one_is_named_though_no_gap_is_left(plant: Plant) -> None:
    row = _allocation("01-0005")
    plant("DELETE FROM randomization_allocation WHERE id = %s", row.pk)
    plant(
        "UPDATE trial_participant SET track = '', randomized_at = NULL, randomized_by_id = NULL, state = 'enrolled' "
        "WHERE id = %s",
        row.participant_id,
    )
    assert _told()[:-1] == []
    assert _faults("01-0005") == ["FAULT participant 01-0005: the allocation in the audit trail is missing"]


@pytest.mark.shows("RND-06")
def test_an_allocation_that_was_never_made_is_named(trial: Trial, plant: Plant) -> None:
    made = _allocation("01-0005")
    Allocation.objects.create(
        stratum=made.stratum,
        number=6,
        participant=Participant.objects.get(trial=trial, label="01-0008"),
        arm=made.arm,
        basis=made.basis,
        idempotency_key="planted",
        allocated_at=made.allocated_at,
        allocated_by=made.allocated_by,
    )
    faults = _faults("01-0008")
    assert any("knows no such allocation" in line for line in faults)
    assert any("not marked as randomized" in line for line in faults)


@pytest.mark.shows("RND-06")
def test_an_allocation_moved_to_another_stratum_is_named(plant: Plant) -> None:
    other = Stratum.objects.get(key=SMALL)
    moved = _allocation("01-0003")
    plant("UPDATE randomization_allocation SET stratum_id = %s, number = 3 WHERE id = %s", other.pk, moved.pk)
    assert any("belong to another stratum" in line for line in _faults("01-0003"))
    assert f"FAULT stratum {LARGE}: number 3 is missing" in _told()


@pytest.mark.shows("RND-06")
def test_a_renamed_stratum_is_named(plant: Plant) -> None:
    plant("UPDATE randomization_stratum SET key = %s WHERE key = %s", SMALL.replace("=1", "=2plus"), SMALL)
    for label in ("01-0006", "01-0007"):
        assert any("belong to another stratum" in line for line in _faults(label))


@pytest.mark.shows("RND-06")
def test_levels_rewritten_together_with_their_stratum_are_named(plant: Plant) -> None:
    plant("UPDATE randomization_stratum SET key = %s WHERE key = %s", SMALL.replace("=1", "=2plus"), SMALL)
    for label in ("01-0006", "01-0007"):
        basis = '{"site": "01", "size": "lt30", "features": "2plus"}'
        plant("UPDATE randomization_allocation SET basis = %s WHERE id = %s", basis, _allocation(label).pk)
        assert any("changed after it was made" in line for line in _faults(label))


@pytest.mark.shows("RND-06")
def test_an_allocation_out_of_the_order_of_time_is_named(plant: Plant) -> None:
    before = _allocation("01-0001").allocated_at - timedelta(hours=1)
    plant(
        "UPDATE randomization_allocation SET allocated_at = %s WHERE id = %s",
        before,
        _allocation("01-0004").pk,
    )
    assert any("made before number 3" in line for line in _faults("01-0004"))


@pytest.mark.shows("RND-06")
@pytest.mark.parametrize(
    ("column", "sealed", "said"),
    [
        ("sealed_seed", bytes(32).hex(), "seed_sha256: what is sealed is not what was published"),
        (
            "sealed_supplement",
            '{"block_sizes":[4]}',
            "supplement_sha256: what is sealed is not what was published",
        ),
    ],
)
def test_another_seed_or_supplement_is_named(
    plant: Plant, settings: Any, column: str, sealed: str, said: str
) -> None:
    scheme = Scheme.objects.get(trial__key=salvage.TRIAL)
    sealed_now = seal(sealed, key=settings.SEAL_KEY)
    plant(f"UPDATE randomization_scheme SET {column} = %s WHERE id = %s", sealed_now, scheme.pk)
    lines = _told()
    assert f"FAULT {said}" in lines


@pytest.mark.shows("RND-06")
def test_a_seed_replaced_together_with_its_hash_is_named(plant: Plant, settings: Any) -> None:
    other, scheme = bytes(32), Scheme.objects.get(trial__key=salvage.TRIAL)
    plant(
        "UPDATE randomization_scheme SET sealed_seed = %s, seed_sha256 = %s WHERE id = %s",
        seal(other.hex(), key=settings.SEAL_KEY),
        sha256(other),
        scheme.pk,
    )
    assert "FAULT seed_sha256: the scheme does not hold what the audit trail published" in _told()


@pytest.mark.shows("RND-06")
def test_a_lawful_correction_is_listed_and_is_no_fault(trial: Trial) -> None:
    salvage.corrected(salvage.again(_allocation("01-0006").participant), "local_excision.size_mm", "30")
    salvage.corrected(salvage.again(_allocation("01-0001").participant), "local_excision.size_mm", "51")
    found = verify(trial)
    assert found.faults == ()
    assert found.changed == (
        Change("01-0001", "size", "30to50", None),
        Change("01-0006", "size", "lt30", "30to50"),
    )
    assert _told(0) == [
        "CHANGED participant 01-0001, size: as randomized 30to50, as verified no level",
        "CHANGED participant 01-0006, size: as randomized lt30, as verified 30to50",
        "The randomization holds: 8 allocations follow the sealed sequence; 2 factor levels were corrected since.",
    ]


def test_what_cannot_be_verified_is_said_with_the_remedy(trial: Trial, settings: Any) -> None:
    with pytest.raises(CommandError, match="no trial nowhere"):
        call_command("verify_randomization", "nowhere")
    settings.SEAL_KEY = "B" * 42 + "A="
    with pytest.raises(CommandError, match="Set SEAL_KEY"):
        call_command("verify_randomization", salvage.TRIAL)


@pytest.mark.shows("RND-06")
def test_an_uploaded_list_is_verified_too(world: World) -> None:
    assert verify(world.trial).faults == ()
    last = Allocation.objects.filter(stratum__scheme__trial=world.trial).order_by("-number")[0]
    drop_triggers()
    arms = [arm for arm in ("Obs", "Lev") if arm != last.arm]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE randomization_allocation SET arm = %s WHERE id = %s", [arms[0], last.pk])
        cursor.execute(
            "UPDATE randomization_scheme SET list_sha256 = %s WHERE trial_id = %s", ["0" * 64, world.trial.pk]
        )
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify_randomization", COLON, stdout=said)
    assert f"number {last.number}, participant {last.participant.label}: {DIFFERS}" in said.getvalue()
    assert "sha256: the scheme does not hold what the audit trail published" in said.getvalue()


def test_a_trial_without_a_scheme_cannot_be_verified(world: World) -> None:
    by = people.service_identity(name="SMALL")
    protocols.activate(loaded=load_files(protocol_files.FILES), by=by)
    with pytest.raises(CommandError, match="not been opened"):
        call_command("verify_randomization", "small-trial")
