"""Every way round the actions ends in a refusal: history stays whole whatever is tried."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from crf.models import Record
from tests.world import World
from trial import audit, writing
from trial.models import Participant


@pytest.fixture
def only_actions_write(db: None) -> None:
    """Here others try to write: the house's own guards must stop or find them."""


@pytest.mark.shows("AUD-03")
@pytest.mark.parametrize("command", ["clean_duplicate_history", "clean_old_history", "populate_history"])
def test_commands_that_delete_history_are_refused(world: World, command: str) -> None:
    with pytest.raises(CommandError, match="written by actions only"):
        call_command(command)


@pytest.mark.shows("AUD-03")
def test_a_fixture_cannot_be_loaded_past_the_trail(world: World, tmp_path: Path) -> None:
    participant = world.participant()
    told = io.StringIO()
    call_command("dumpdata", "trial.participant", "--pks", str(participant.pk), stdout=told)
    rows = json.loads(told.getvalue())
    rows[0]["fields"]["label"] = "planted"
    file = tmp_path / "planted.json"
    file.write_text(json.dumps(rows))
    with pytest.raises(Exception, match="written by actions only"), transaction.atomic():
        call_command("loaddata", str(file))
    assert world.participant().label == participant.label


@pytest.mark.shows("AUD-03")
def test_deleting_a_tracked_row_outside_an_action_is_refused(world: World) -> None:
    record = Record.objects.filter(participant__trial=world.trial)[0]
    with pytest.raises(writing.OutsideAction), transaction.atomic():
        record.delete()
    assert Record.objects.filter(pk=record.pk).exists()


@pytest.mark.shows("AUD-03")
@pytest.mark.parametrize("way", ["update", "bulk_update", "raw_delete"])
def test_what_leaves_no_history_is_found_out(world: World, way: str) -> None:
    record = Record.objects.filter(participant__trial=world.trial, form="death")[0]
    rows = Record.objects.filter(pk=record.pk)
    if way == "update":
        rows.update(form="baseline")
    elif way == "bulk_update":
        record.form = "baseline"
        Record.objects.bulk_update([record], ["form"])
    else:
        rows._raw_delete("default")  # type: ignore[attr-defined]
    assert [fault.message for fault in audit.verify() if f"crf.record:{record.pk} " in fault.message] != []


@pytest.mark.shows("AUD-02")
def test_history_rows_cannot_be_cleaned_by_query(world: World) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Participant.history.all().delete()  # type: ignore[attr-defined]


@pytest.mark.shows("AUD-03")
def test_history_without_an_act_stops_the_action(world: World) -> None:
    participant = world.participant()

    @audit.audited
    def forgetful(*, by: object) -> None:
        participant.save()

    before = Participant.history.count()  # type: ignore[attr-defined]
    with pytest.raises(writing.OutsideAction, match="no act cites them"):
        forgetful(by=world.person("coordinator"))
    assert Participant.history.count() == before  # type: ignore[attr-defined]
