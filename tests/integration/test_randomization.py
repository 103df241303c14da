"""The gate: who may be randomized, once, and what is left behind when somebody may not."""

from datetime import date

import pytest

from crf.actions import entry
from crf.actions.entry import Entry
from randomization import concealed, selectors
from randomization.actions import check_seals, randomize, upload_list
from randomization.models import Allocation
from randomization.sealing import SealBroken
from tests.unit.trial.protocol_files import changed
from tests.world import World
from trial.actions import participants, protocols, sites
from trial.models import Act, Participant, Site, Trial
from trial.protocol.loader import load_files
from trial.refusals import Refusal
from trial.states import SiteState

HEAD = "sequence,stratum,arm\n"


@pytest.fixture
def newcomer(world: World) -> Participant:
    """Somebody consented and enrolled, but without a submitted baseline form."""
    by = world.person("coordinator")
    somebody = participants.register(
        site=Site.objects.get(trial=world.trial, code="01"), label="01-9999", by=by
    )
    participants.consent(participant=somebody, version="1", given_on=date(2026, 1, 1), by=by)
    return participants.enrol(participant=somebody, by=by)


def _refused(participant: Participant, world: World) -> str:
    before = Allocation.objects.count()
    with pytest.raises(Refusal) as refused:
        randomize(participant=participant, idempotency_key="try", by=world.person("coordinator"))
    assert Allocation.objects.count() == before
    assert Act.objects.order_by("pk").last().refused  # type: ignore[union-attr]
    return refused.value.code


@pytest.mark.shows("RND-01")
def test_nobody_is_randomized_before_the_needed_forms_are_submitted(
    world: World, newcomer: Participant
) -> None:
    assert _refused(newcomer, world) == "randomize.form"


@pytest.mark.shows("RND-01")
def test_nobody_is_randomized_twice(world: World) -> None:
    assert _refused(world.participant(), world) == "randomize.state"


@pytest.mark.shows("RND-01")
def test_nobody_is_randomized_without_consent_to_the_current_version(
    world: World, newcomer: Participant
) -> None:
    newer = '  - {id: "2", label: {en: Second text}, effective_from: 1984-03-01}\n\nrandomization:'
    second = changed("protocol.yaml", "version: 1", "version: 2", among=world.trial.protocol.files)
    files = changed("protocol.yaml", "\nrandomization:", newer, among=second)
    protocols.activate(loaded=load_files(files), by=world.person("administrator"))
    assert _refused(Participant.objects.get(pk=newcomer.pk), world) == "randomize.consent"


@pytest.mark.parametrize(
    ("version", "day", "code"),
    [
        ("banana", date(2026, 1, 1), "consent.version"),
        ("1", date(1984, 2, 29), "consent.day"),
        ("1", date(2999, 1, 1), "consent.day"),
    ],
)
def test_an_impossible_consent_is_refused(world: World, version: str, day: date, code: str) -> None:
    by = world.person("coordinator")
    site = Site.objects.get(trial=world.trial, code="01")
    somebody = participants.register(site=site, label="01-9997", by=by)
    with pytest.raises(Refusal) as refused:
        participants.consent(participant=somebody, version=version, given_on=day, by=by)
    assert refused.value.code == code
    assert not somebody.consents.exists()


@pytest.mark.shows("RND-01")
def test_nobody_is_randomized_at_a_closed_site(world: World, newcomer: Participant) -> None:
    sites.change_state(
        site=newcomer.site, to=SiteState.CLOSED, reason="paused", by=world.person("administrator")
    )
    assert _refused(newcomer, world) == "site.closed"


@pytest.mark.shows("RND-02")
def test_the_same_request_again_returns_the_first_allocation(world: World) -> None:
    first = Allocation.objects.get(participant=world.participant())
    by = world.person("coordinator")
    again = randomize(participant=world.participant(), idempotency_key=first.idempotency_key, by=by)
    assert again.pk == first.pk
    with pytest.raises(Refusal, match="another participant"):
        randomize(participant=world.participant(place=1), idempotency_key=first.idempotency_key, by=by)


@pytest.mark.shows("RND-02")
def test_allocations_follow_the_sealed_list_without_gaps(world: World) -> None:
    rows = (
        Allocation.objects.filter(stratum__scheme__trial=world.trial)
        .order_by("number")
        .select_related("stratum")
    )
    opened = concealed.opened(rows[0].stratum.scheme)["*"]
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.arm for row in rows] == opened
    assert set(concealed.arms(world.trial).values()) == set(opened)
    assert selectors.scheme_of(world.trial) == rows[0].stratum.scheme


@pytest.mark.shows("RND-02")
def test_an_exhausted_list_refuses(world: World) -> None:
    stratum = Allocation.objects.filter(stratum__scheme__trial=world.trial)[0].stratum
    assert stratum.length is not None
    assert concealed.place(stratum.scheme, stratum.key, stratum.length) is not None
    assert concealed.place(stratum.scheme, stratum.key, stratum.length + 1) is None
    assert concealed.place(stratum.scheme, "no such stratum", 1) is None


def test_a_second_list_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="already"):
        upload_list(trial=world.trial, text=HEAD + "1,*,Obs\n", by=world.person("administrator"))


@pytest.mark.shows("RND-03")
def test_a_wrong_seal_key_is_a_refusal_with_the_remedy(world: World, settings: object) -> None:
    check_seals()
    settings.SEAL_KEY = "B" * 42 + "A="  # type: ignore[attr-defined]
    with pytest.raises(SealBroken, match="Set SEAL_KEY"):
        check_seals()


@pytest.mark.shows("RND-03")
def test_the_audit_trail_of_an_allocation_does_not_say_the_arm(world: World) -> None:
    arms = set(concealed.arms(world.trial).values())
    acts = Act.objects.filter(
        chain=world.trial.key, verb__in=["participant.allocated", "participant.randomized"]
    )
    assert acts.count() == 24
    for act in acts:
        assert not arms & set(str([act.subject, act.reason, act.changes]).replace("'", " ").split())


@pytest.fixture
def ready(world: World, newcomer: Participant) -> Participant:
    """Somebody who may be randomized, in a trial whose list has no place left."""
    by = world.person("coordinator")
    given = {
        "age": "60", "sex": "male", "obstruct": "no", "perfor": "no", "adhere": "no", "nodes": "3", "node4": "no",
        "differ": "well", "extent": "muscle", "surg": "short",
    }  # fmt: skip
    entry.submit(participant=newcomer, entry=Entry(visit="baseline", form="baseline", raw=given), by=by)
    return newcomer


@pytest.mark.shows("RND-02")
def test_an_exhausted_list_refuses_at_the_gate(world: World, ready: Participant) -> None:
    assert _refused(ready, world) == "scheme.exhausted"


@pytest.mark.shows("RND-03")
def test_a_wrong_seal_key_refuses_at_the_gate(world: World, ready: Participant, settings: object) -> None:
    settings.SEAL_KEY = "B" * 42 + "A="  # type: ignore[attr-defined]
    assert _refused(ready, world) == "seal.key"


@pytest.fixture
def without_list(world: World) -> Trial:
    """A trial under a protocol of its own that has no list yet."""
    own = world.trial.protocol.files
    files = changed("protocol.yaml", "trial: colon-moertel", "trial: third-trial", among=own)
    return protocols.activate(loaded=load_files(files), by=world.person("administrator")).trial


@pytest.mark.parametrize(
    ("text", "line"), [(HEAD + "1,*,Surgery\n", "line 2"), (HEAD + "2,*,Obs\n", "Expected 1")]
)
def test_a_list_that_does_not_fit_is_refused_by_line(
    world: World, without_list: Trial, text: str, line: str
) -> None:
    with pytest.raises(Refusal, match=line) as refused:
        upload_list(trial=without_list, text=text, by=world.person("administrator"))
    assert refused.value.code == "scheme.list"
    assert selectors.scheme_of(without_list) is None


def test_a_list_is_not_taken_with_an_unusable_seal_key(
    world: World, without_list: Trial, settings: object
) -> None:
    settings.SEAL_KEY = "short"  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match="SEAL_KEY is wrong or missing"):
        upload_list(trial=without_list, text=HEAD + "1,*,Obs\n", by=world.person("administrator"))
    assert selectors.scheme_of(without_list) is None


def test_nobody_is_randomized_before_there_is_a_list(
    world: World, without_list: Trial, ready: Participant
) -> None:
    ready.trial = without_list
    obstacle = selectors.readiness(ready).obstacle
    assert obstacle is not None
    assert obstacle.code == "scheme.absent"


def test_a_step_that_does_not_follow_is_refused(world: World) -> None:
    by = world.person("coordinator")
    with pytest.raises(Refusal) as refused:
        participants.enrol(participant=world.participant(), by=by)
    assert refused.value.code == "participant.state"
