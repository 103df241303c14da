"""Entering forms as an action, past the pages: places, states, and the protocol text a record is judged by."""

from datetime import date

import pytest

from crf.actions import entry
from crf.actions.entry import Entry
from crf.models import Record, Visit
from tests.unit.trial.protocol_files import changed
from tests.world import World
from trial.actions import participants, protocols
from trial.models import Participant, Person
from trial.protocol.loader import load_files
from trial.refusals import Refusal

ALIVE = {"contact_on": "1990-06-01", "vital_status": "alive", "disease_assessed": "yes"}


@pytest.fixture
def by(world: World) -> Person:
    return world.person("coordinator")


@pytest.fixture
def fresh(world: World, by: Person) -> Participant:
    """A consented participant without any form."""
    new = participants.register(site=world.participant().site, label="01-9001", by=by)
    participants.consent(participant=new, version="1", given_on=date(1984, 3, 1), by=by)
    return new


def contact(**changes: object) -> Entry:
    given = {"visit": "follow_up", "form": "follow_up", "raw": ALIVE}
    return Entry(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "elsewhere",
    [{"visit": "nowhere"}, {"form": "death"}, {"visit": "baseline", "form": "baseline", "visit_repeat": 2}],
)
def test_a_form_has_its_place_in_the_protocol(
    fresh: Participant, by: Person, elsewhere: dict[str, object]
) -> None:
    with pytest.raises(Refusal) as refused:
        entry.save_draft(participant=fresh, entry=contact(**elsewhere), by=by)
    assert refused.value.code == "entry.place"
    assert not Visit.objects.filter(participant=fresh).exists()


def test_a_draft_is_submitted_not_corrected(fresh: Participant, by: Person) -> None:
    entry.save_draft(participant=fresh, entry=contact(), by=by)
    with pytest.raises(Refusal) as refused:
        entry.correct(participant=fresh, entry=contact(version=1), reason="x", by=by)
    assert (refused.value.code, refused.value.remedy[:9]) == ("entry.state", "Submit it")
    assert Record.objects.get(participant=fresh).state == "draft"


def newer(world: World, old: str, new: str, *, file: str) -> None:
    """Activate version 2 of the protocol with one file changed."""
    version = world.participant().trial.protocol
    assert version is not None
    second = changed("protocol.yaml", "version: 1", "version: 2", among=version.files)
    files = changed(file, old, new, among=second)
    protocols.activate(loaded=load_files(files), by=world.person("administrator"))


def test_a_draft_is_submitted_under_the_text_that_judged_it(
    world: World, fresh: Participant, by: Person
) -> None:
    entry.save_draft(participant=fresh, entry=contact(), by=by)
    newer(world, "version: 1", "version: 2", file="forms/follow_up.yaml")
    record = entry.submit(participant=fresh, entry=contact(version=1), by=by)
    assert record.protocol.number == 2


def test_a_submitted_record_is_corrected_under_its_own_text(
    world: World, fresh: Participant, by: Person
) -> None:
    entry.submit(participant=fresh, entry=contact(), by=by)
    newer(world, "version: 1", "version: 2", file="forms/follow_up.yaml")
    changed = contact(raw={**ALIVE, "contact_on": "1990-06-02"}, version=1)
    record = entry.correct(participant=fresh, entry=changed, reason="misread", by=by)
    assert record.protocol.number == 1


def test_a_draft_of_a_form_that_the_protocol_dropped_is_kept_and_goes_no_further(
    world: World, fresh: Participant, by: Person
) -> None:
    start = contact(visit="treatment", form="treatment_start", raw={"treatment": "Obs"})
    entry.save_draft(participant=fresh, entry=start, by=by)
    version = world.participant().trial.protocol
    assert version is not None
    files = {name: text for name, text in version.files.items() if "treatment_start" not in name}
    del files["imports.yaml"]
    files = changed("protocol.yaml", "version: 1", "version: 2", among=files)
    files = changed("protocol.yaml", "forms: [treatment_start]", "forms: [follow_up]", among=files)
    protocols.activate(loaded=load_files(files), by=world.person("administrator"))
    with pytest.raises(Refusal) as refused:
        entry.submit(participant=fresh, entry=contact(**{**vars(start), "version": 1}), by=by)
    assert refused.value.code == "entry.place"
    assert Record.objects.get(participant=fresh).state == "draft"


@pytest.mark.shows("CON-01")
def test_a_later_version_of_the_consent_is_consented_to_as_well(
    world: World, fresh: Participant, by: Person
) -> None:
    first = "effective_from: 1984-03-01\n"
    second = '  - {id: "2", label: {en: Amended}, effective_from: 1985-01-01}\n'
    newer(world, first, f"{first}{second}", file="protocol.yaml")
    participants.consent(participant=fresh, version="2", given_on=date(1985, 2, 1), by=by)
    after = Participant.objects.get(pk=fresh.pk)
    assert (after.state, after.consented_on) == ("consented", date(1984, 3, 1))
    assert sorted(after.consents.values_list("version", flat=True)) == ["1", "2"]
    with pytest.raises(Refusal) as refused:
        participants.restate_consent(
            participant=fresh, was="2", version="1", given_on=date(1985, 2, 1), reason="misread", by=by
        )
    assert refused.value.code == "consent.again"


@pytest.mark.shows("CRF-01")
@pytest.mark.parametrize("reason", ["", "   "])
def test_no_path_corrects_without_a_reason(fresh: Participant, by: Person, reason: str) -> None:
    entry.submit(participant=fresh, entry=contact(), by=by)
    with pytest.raises(Refusal) as refused:
        entry.correct(
            participant=fresh,
            entry=contact(raw={**ALIVE, "contact_on": "1990-06-02"}, version=1),
            reason=reason,
            by=by,
        )
    assert refused.value.code == "correct.reason"
    assert Record.objects.get(participant=fresh).values["contact_on"] == "1990-06-01"


@pytest.mark.parametrize("label", ["", "a b", "../x", "-x", "é", "x" * 41, "a/b", "a.b"])
def test_a_label_is_fit_for_addresses(world: World, by: Person, label: str) -> None:
    with pytest.raises(Refusal) as refused:
        participants.register(site=world.participant().site, label=label, by=by)
    assert refused.value.code == "participant.label"
    assert refused.value.remedy
