"""The gate of a small trial: strata that cannot be, are open or fit no level, and a text that randomizes otherwise."""

from collections.abc import Callable

import pytest

from crf.actions import entry
from randomization.actions import open_scheme, randomize
from tests import salvage
from tests.integration.refusals import nothing_used_up
from tests.unit.trial import protocol_files
from tests.world import World
from trial.actions import participants, people, protocols, sites
from trial.models import Participant, Site, Trial
from trial.protocol.loader import load_files
from trial.refusals import Refusal


@pytest.fixture
def small(small_trial: Trial) -> Callable[..., Participant]:
    """Somebody of the small trial: `small("1", size="2", sex="female")` is enrolled with these answers."""
    by = people.service_identity(name="SMALL")
    site = Site.objects.get(trial=small_trial)

    def made(label: str, **answers: str | None) -> Participant:
        somebody = participants.register(site=site, label=label, by=by)
        participants.consent(participant=somebody, version="1", given_on=site.today, by=by)
        stated = {"age": "60", "sex": "female", "size": "2", "smoker": "no", **answers}
        typed = salvage.entry_of(stated, visit="screening", form="entry")
        entry.submit(participant=somebody, entry=typed, by=by)
        return salvage.again(participants.enrol(participant=somebody, by=by))

    return made


def _small_refused(participant: Participant) -> Refusal:
    with nothing_used_up(participant) as refused:
        randomize(participant=participant, idempotency_key="k", by=people.service_identity(name="SMALL"))
    return refused.value


@pytest.mark.shows("RND-05")
def test_an_impossible_or_open_stratum_is_refused_by_name(
    small_trial: Trial, small: Callable[..., Participant]
) -> None:
    open_scheme(trial=small_trial, block_sizes=[6], by=people.service_identity(name="SMALL"))
    impossible = _small_refused(small("1", sex="male", size="2"))
    assert impossible.code == "stratum.impossible"
    assert "Size: Small; Sex: male" in impossible.message
    waiting = _small_refused(small("2", size=None))
    assert (waiting.code, waiting.item) == ("stratum.open", "entry.size")
    assert "Size is open without Size" in waiting.message


@pytest.mark.shows("RND-05")
def test_values_that_fit_no_level_are_refused(world: World) -> None:
    by = people.service_identity(name="SMALL")
    files = protocol_files.changed("protocol.yaml", "when: entry.size >= 3", "when: entry.size >= 4")
    trial = protocols.activate(loaded=load_files(files), by=by).trial
    site = sites.add(trial=trial, code="01", name="One", by=by)
    open_scheme(trial=trial, block_sizes=[6], by=by)
    somebody = participants.register(site=site, label="1", by=by)
    participants.consent(participant=somebody, version="1", given_on=site.today, by=by)
    stated = {"age": "60", "sex": "female", "size": "3", "smoker": "no"}
    entry.submit(participant=somebody, entry=salvage.entry_of(stated, visit="screening", form="entry"), by=by)
    participants.enrol(participant=somebody, by=by)
    refusal = _small_refused(somebody)
    assert (refusal.code, refusal.message) == ("stratum.open", "The values fit no level of Size.")


@pytest.mark.shows("RND-05")
def test_nobody_is_randomized_before_the_scheme_is_opened(small: Callable[..., Participant]) -> None:
    assert _small_refused(small("1")).code == "scheme.absent"


@pytest.mark.shows("RND-05")
def test_a_text_that_randomizes_otherwise_stops_the_gate_and_better_words_do_not(
    small_trial: Trial, small: Callable[..., Participant]
) -> None:
    by = people.service_identity(name="SMALL")
    open_scheme(trial=small_trial, block_sizes=[6], by=by)
    first, second = small("1"), small("2")
    newer = protocol_files.changed("protocol.yaml", "version: 1", "version: 2")
    worded = protocol_files.changed("protocol.yaml", "A small trial", "Small", among=newer)
    protocols.activate(loaded=load_files(worded), by=by)
    randomize(participant=first, idempotency_key="first", by=by)
    newest = protocol_files.changed("protocol.yaml", "version: 2", "version: 3", among=worded)
    otherwise = protocol_files.changed("protocol.yaml", "{A: 1, B: 2}", "{A: 1, B: 1}", among=newest)
    protocols.activate(loaded=load_files(otherwise), by=by)
    refusal = _small_refused(salvage.again(second))
    assert refusal.code == "scheme.protocol"
    assert "Activate a version" in refusal.remedy
