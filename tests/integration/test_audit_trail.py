"""The audit trail cannot be rewritten unseen, and every refusal leaves its own act."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.integration.planting import drop_triggers
from tests.world import World
from trial import append_only, audit, writing
from trial.actions import participants, people
from trial.models import Act, ChainHead, Participant, RoleGrant, Site
from trial.refusals import Refusal

EACH = 10


@pytest.fixture
def only_actions_write(db: None) -> None:
    """Here somebody else writes: that is what must be found out."""


@pytest.fixture
def unguarded(world: World) -> Callable[..., None]:
    """Plant something with the triggers out of the way, as somebody with the database's password could."""

    def execute(sql: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    drop_triggers()
    return execute


def _places(world: World, number: int = EACH) -> list[int]:
    """Places spread over the trial's chain, its ends among them."""
    last = ChainHead.objects.get(chain=world.trial.key).seq
    return sorted({1 + round(place * (last - 2) / (number - 1)) for place in range(number)})


def _named(world: World) -> set[int]:
    return {fault.seq for fault in audit.verify() if fault.chain == world.trial.key}


@pytest.mark.shows("AUD-01")
def test_an_untouched_trail_holds(world: World) -> None:
    assert audit.verify() == []


@pytest.mark.shows("AUD-01")
@pytest.mark.parametrize("column", ["verb", "reason", "subject", "participant"])
def test_an_edited_act_is_named(world: World, unguarded: Callable[..., None], column: str) -> None:
    for seq in _places(world):
        with transaction.atomic():
            unguarded(
                f"UPDATE trial_act SET {column} = 'x' WHERE chain = %s AND seq = %s", world.trial.key, seq
            )
            assert seq in _named(world)
            transaction.set_rollback(True)


@pytest.mark.shows("AUD-01")
def test_a_deleted_act_is_named(world: World, unguarded: Callable[..., None]) -> None:
    for seq in _places(world):
        with transaction.atomic():
            unguarded("DELETE FROM trial_act WHERE chain = %s AND seq = %s", world.trial.key, seq)
            assert seq in _named(world)
            transaction.set_rollback(True)


@pytest.mark.shows("AUD-01")
def test_a_deleted_end_of_the_chain_is_named(world: World, unguarded: Callable[..., None]) -> None:
    last = ChainHead.objects.get(chain=world.trial.key).seq
    unguarded("DELETE FROM trial_act WHERE chain = %s AND seq > %s", world.trial.key, last - 3)
    assert last - 3 in _named(world)


@pytest.mark.shows("AUD-01")
def test_an_inserted_act_is_named(world: World, unguarded: Callable[..., None]) -> None:
    for seq in _places(world):
        with transaction.atomic():
            copied = Act.objects.get(chain=world.trial.key, seq=seq)
            unguarded(
                "UPDATE trial_act SET seq = seq + 100000 WHERE chain = %s AND seq > %s", world.trial.key, seq
            )
            copied.pk, copied.seq, copied.previous = None, seq + 1, copied.hash
            copied.hash = audit.act_hash(copied)
            Act.objects.bulk_create([copied])
            unguarded(
                "UPDATE trial_act SET seq = seq - 99999 WHERE chain = %s AND seq > 100000", world.trial.key
            )
            assert seq + 2 in _named(world)
            transaction.set_rollback(True)


@pytest.mark.shows("AUD-01")
def test_reordered_acts_are_named(world: World, unguarded: Callable[..., None]) -> None:
    for seq in _places(world):
        with transaction.atomic():
            for old, new in ((seq, 999_999), (seq + 1, seq), (999_999, seq + 1)):
                unguarded(
                    "UPDATE trial_act SET seq = %s WHERE chain = %s AND seq = %s", new, world.trial.key, old
                )
            assert {seq, seq + 1} & _named(world)
            transaction.set_rollback(True)


@pytest.mark.shows("AUD-01")
def test_an_edited_history_row_is_named_by_the_act_that_cites_it(
    world: World, unguarded: Callable[..., None]
) -> None:
    unguarded(
        "UPDATE crf_historicalrecord SET state = 'draft' "
        "WHERE history_id = (SELECT min(history_id) FROM crf_historicalrecord)"
    )
    assert any("crf_historicalrecord" in fault.message and fault.seq for fault in audit.verify())


@pytest.mark.shows("AUD-01")
def test_a_value_changed_behind_the_trail_is_named(world: World, unguarded: Callable[..., None]) -> None:
    unguarded("UPDATE crf_record SET form = 'death' WHERE id = (SELECT min(id) FROM crf_record)")
    assert any("changed behind the audit trail" in fault.message for fault in audit.verify())


@pytest.mark.shows("AUD-02")
@pytest.mark.parametrize("table", append_only.tables())
def test_append_only_tables_refuse_update_and_delete(world: World, table: str) -> None:
    for statement in (
        f'UPDATE "{table}" SET {_any_column(table)} = {_any_column(table)}',
        f'DELETE FROM "{table}"',
    ):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            filled = cursor.fetchone()[0]
        if filled:
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        assert table not in append_only.missing(connection)


def _any_column(table: str) -> str:
    with connection.cursor() as cursor:
        return connection.introspection.get_table_description(cursor, table)[-1].name


@pytest.mark.shows("AUD-02")
def test_truncating_the_trail_is_refused(world: World) -> None:
    if connection.vendor != "postgresql":
        assert connection.vendor == "sqlite", "SQLite has no TRUNCATE; its DELETE is refused above"
        return
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE trial_act")


@pytest.mark.shows("AUD-03")
def test_a_tracked_row_cannot_be_saved_outside_an_action(world: World) -> None:
    participant = world.participant()
    participant.label = "renamed"
    with pytest.raises(writing.OutsideAction), transaction.atomic():
        participant.save()
    assert world.participant().label != "renamed"


@pytest.mark.shows("AUD-03")
def test_a_refusal_changes_nothing_and_is_recorded(world: World) -> None:
    before = Participant.objects.count()
    label = world.participant().label
    site = Site.objects.get(trial=world.trial, code="01")
    with pytest.raises(Refusal) as refused:
        participants.register(site=site, label=label, by=world.person("coordinator"))
    act = Act.objects.order_by("pk").last()
    assert refused.value.code == "participant.label"
    assert Participant.objects.count() == before
    assert act is not None
    assert act.refused
    assert (act.verb, act.changes) == ("register", {"code": "participant.label"})
    assert audit.verify() == []


@pytest.mark.shows("AUD-03")
def test_a_blinded_role_is_refused_to_somebody_unblinded(world: World) -> None:
    person = world.person("dsmb_member")
    with pytest.raises(Refusal, match="may not meet"):
        people.grant(
            person=person,
            trial=world.trial,
            role="blinded_statistician",
            starts_on=date(2026, 1, 1),
            by=world.person("administrator"),
        )
    assert RoleGrant.objects.filter(person=person).count() == 1


@pytest.mark.shows("AUD-01")
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("randomization_allocation", "arm"),
        ("randomization_scheme", "list_sha256"),
        ("outcomes_result", "payload"),
        ("outcomes_snapshot", "reason"),
        ("outcomes_snapshotfile", "sha256"),
        ("trial_protocolversion", "sha256"),
    ],
)
def test_an_edited_append_only_row_is_named(
    world: World, unguarded: Callable[..., None], table: str, column: str
) -> None:
    unguarded(f"UPDATE {table} SET {column} = 'x' WHERE id = (SELECT min(id) FROM {table})")
    assert any(f"row {table}:" in fault.message and fault.seq for fault in audit.verify())


@pytest.mark.shows("AUD-01")
def test_a_removed_allocation_is_named(world: World, unguarded: Callable[..., None]) -> None:
    unguarded(
        "DELETE FROM randomization_allocation WHERE id = (SELECT min(id) FROM randomization_allocation)"
    )
    assert any("was changed or removed" in fault.message for fault in audit.verify())


@pytest.mark.shows("AUD-01")
def test_a_column_added_later_and_empty_leaves_a_digest_as_it_is_and_any_value_changes_it() -> None:
    site = Site(trial_id=1, code="01", name="First Hospital")
    before = audit.row_digest(site)
    site.cap = 3
    with_cap = audit.row_digest(site)
    site.cap, site.name = None, ""
    assert len({before, with_cap, audit.row_digest(site)}) == 3
    site.name = "First Hospital"
    assert audit.row_digest(site) == before
    site.cap = 0
    assert audit.row_digest(site) not in (before, with_cap)


@pytest.mark.shows("RND-05")
@pytest.mark.parametrize("state", ["screening", "consented", "enrolled", "screen_failed"])
def test_the_database_keeps_who_is_randomized_from_standing_before_it(world: World, state: str) -> None:
    pk = world.participant().pk
    with (
        pytest.raises(IntegrityError, match="participant_after_randomization"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE trial_participant SET state = %s WHERE id = %s", [state, pk])
