"""What expressions are answered about one participant: records that count, what is being typed, never the arm."""

from datetime import UTC, date, datetime

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

AGE, THERAPY = "derived.age_at_consent", "derived.later_therapy"


@pytest.fixture
def somebody(world: World) -> Participant:
    salvage.open_trial()
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return salvage.randomized("01", "01-0001", at=at, consented_on=date(2026, 5, 20))


def test_derived_values_come_from_counted_records_and_from_what_is_typed(somebody: Participant) -> None:
    protocol = protocol_of(somebody.trial)
    look = selectors.lookup(somebody, protocol=protocol)
    assert (look("demography.sex"), look(AGE), look(THERAPY)) == ("male", 60, "no")
    record = Record.objects.get(participant=somebody, form="demography")
    typed = InHand(protocol.forms["demography"], 1, 1, {**record.values, "birth_date": "1950-01-01"})
    as_typed = selectors.lookup(somebody, protocol=protocol, but=record, in_hand=typed)
    assert as_typed(AGE) == 76
    without = selectors.lookup(somebody, protocol=protocol, but=record)
    assert (without(AGE), without("demography.sex")) == (UNKNOWN, UNKNOWN)


def test_a_new_record_is_seen_as_typed_and_a_draft_is_not(somebody: Participant) -> None:
    protocol = protocol_of(somebody.trial)
    made = {"started_on": "2026-06-10", "type": "surgery"}
    what = salvage.entry_of(made, visit="new_therapy", form="subsequent_therapy")
    entry.save_draft(participant=somebody, entry=what, by=salvage.person("coordinator"))
    assert selectors.lookup(somebody, protocol=protocol)(THERAPY) == "no"
    in_hand = InHand(protocol.forms["subsequent_therapy"], 2, 1, made)
    assert selectors.lookup(somebody, protocol=protocol, in_hand=in_hand)(THERAPY) == "yes"


def test_the_arm_is_never_answered(somebody: Participant) -> None:
    look = selectors.lookup(somebody, protocol=protocol_of(somebody.trial))
    assert somebody.track
    assert look("participant.arm") is UNKNOWN
    assert look("no_such_form.item") is UNKNOWN
