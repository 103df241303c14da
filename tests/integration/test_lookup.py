"""What expressions are answered about one participant: records that count, what is being typed, never the arm."""

from datetime import UTC, datetime

import pytest

from crf import selectors
from crf.actions import entry
from crf.models import Record
from crf.selectors import InHand
from tests import salvage
from tests.world import World
from trial.models import Participant
from trial.protocol.expressions import UNKNOWN
from trial.selectors import protocol_of

AGE, CREATED = "derived.age_at_consent", "derived.stoma_created"


@pytest.fixture
def somebody(world: World) -> Participant:
    salvage.open_trial()
    return salvage.randomized("01", "01-0001", at=datetime(2026, 6, 1, tzinfo=UTC))


def test_derived_values_come_from_counted_records_and_from_what_is_typed(somebody: Participant) -> None:
    protocol = protocol_of(somebody.trial)
    look = selectors.lookup(somebody, protocol=protocol)
    assert (look("demography.sex"), look(AGE), look(CREATED)) == ("male", 60, "no")
    record = Record.objects.get(participant=somebody, form="demography")
    typed = InHand(protocol.forms["demography"], 1, 1, {**record.values, "birth_date": "1950-01-01"})
    year = look("participant.consented_on").year  # type: ignore[union-attr]
    as_typed = selectors.lookup(somebody, protocol=protocol, but=record, in_hand=typed)
    assert as_typed(AGE) == year - 1950
    without = selectors.lookup(somebody, protocol=protocol, but=record)
    assert (without(AGE), without("demography.sex")) == (UNKNOWN, UNKNOWN)


def test_a_new_record_is_seen_as_typed_and_a_draft_is_not(somebody: Participant) -> None:
    protocol = protocol_of(somebody.trial)
    made = {"event": "created", "happened_on": "2026-06-10"}
    what = salvage.entry_of(made, visit="stoma", form="stoma_log")
    entry.save_draft(participant=somebody, entry=what, by=salvage.person("coordinator"))
    assert selectors.lookup(somebody, protocol=protocol)(CREATED) == "no"
    in_hand = InHand(protocol.forms["stoma_log"], 2, 1, made)
    assert selectors.lookup(somebody, protocol=protocol, in_hand=in_hand)(CREATED) == "yes"


def test_the_arm_is_never_answered(somebody: Participant) -> None:
    look = selectors.lookup(somebody, protocol=protocol_of(somebody.trial))
    assert somebody.track
    assert look("participant.arm") is UNKNOWN
    assert look("no_such_form.item") is UNKNOWN
