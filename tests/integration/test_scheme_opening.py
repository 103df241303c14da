"""A scheme is opened once, with what its protocol says: seed and supplement are sealed, their hashes published."""

from typing import Any

import pytest

from randomization import concealed, selectors
from randomization.actions import open_scheme, upload_list
from randomization.models import Scheme
from tests import salvage
from tests.unit.trial import protocol_files
from tests.world import World
from trial.actions import people, protocols
from trial.digest import sha256
from trial.models import Act, Trial
from trial.protocol.loader import load_files
from trial.protocol.schema import RandomizationMethod
from trial.refusals import Refusal
from trial.selectors import protocol_of


@pytest.mark.shows("RND-04")
def test_seed_and_supplement_are_sealed_and_their_hashes_published(main_trial: Trial) -> None:
    scheme = Scheme.objects.get(trial=main_trial)
    supplement = concealed.supplement(scheme)
    assert concealed.seed(scheme) == salvage.SEED
    assert scheme.seed_sha256 == sha256(salvage.SEED)
    assert scheme.supplement_sha256 == sha256(supplement)
    assert supplement.startswith('{"block_sizes":[4,6,8],"nonce":"')
    assert scheme.protocol == main_trial.protocol
    for sealed in (scheme.sealed_seed, scheme.sealed_supplement):
        assert salvage.SEED.hex().encode() not in bytes(sealed)
        assert b"block" not in bytes(sealed)
    act = Act.objects.get(chain=salvage.TRIAL, verb="scheme.opened")
    assert act.changes == {
        "seed_sha256": scheme.seed_sha256,
        "supplement_sha256": scheme.supplement_sha256,
    }


def test_every_trial_draws_its_own_seed_and_nonce(small_trial: Trial) -> None:
    by = people.service_identity(name="SMALL")
    first = open_scheme(trial=small_trial, block_sizes=[6, 9], by=by)
    files = protocol_files.changed("protocol.yaml", "trial: small-trial", "trial: other-small-trial")
    other = protocols.activate(loaded=load_files(files), by=by).trial
    second = open_scheme(trial=other, block_sizes=[6, 9], by=by)
    assert len(concealed.seed(first)) == 32
    assert concealed.seed(first) != concealed.seed(second)
    assert first.supplement_sha256 != second.supplement_sha256


@pytest.mark.parametrize(
    ("given", "code", "item"),
    [
        ({"block_sizes": [3]}, "scheme.sizes", "block_sizes"),
        ({"block_sizes": [6, 8]}, "scheme.sizes", "block_sizes"),
        ({"block_sizes": []}, "scheme.sizes", "block_sizes"),
        ({"block_sizes": [6], "seed": bytes(32)}, "scheme.seed", "seed"),
    ],
)
def test_a_scheme_that_does_not_fit_is_refused(
    small_trial: Trial, given: dict[str, Any], code: str, item: str
) -> None:
    with pytest.raises(Refusal) as refused:
        open_scheme(trial=small_trial, by=people.service_identity(name="SMALL"), **given)
    assert (refused.value.code, refused.value.item) == (code, item)
    assert selectors.scheme_of(small_trial) is None


def test_a_demonstration_is_given_a_whole_seed_or_none(world: World) -> None:
    by = people.service_identity(name="SMALL")
    trial = protocols.activate(loaded=load_files(protocol_files.FILES), by=by, demo=True).trial
    with pytest.raises(Refusal) as refused:
        open_scheme(trial=trial, block_sizes=[6], seed=bytes(31), by=by)
    assert refused.value.code == "scheme.seed"


def test_a_scheme_is_not_opened_with_an_unusable_seal_key(small_trial: Trial, settings: Any) -> None:
    settings.SEAL_KEY = "short"
    with pytest.raises(Refusal, match="SEAL_KEY is wrong or missing"):
        open_scheme(trial=small_trial, block_sizes=[6], by=people.service_identity(name="SMALL"))
    assert selectors.scheme_of(small_trial) is None


def test_a_scheme_is_opened_once_and_by_the_method_of_the_protocol(
    main_trial: Trial, small_trial: Trial
) -> None:
    by = salvage.person("unblinded_statistician")
    with pytest.raises(Refusal) as refused:
        open_scheme(trial=main_trial, block_sizes=[4], by=by)
    assert refused.value.code == "scheme.exists"
    with pytest.raises(Refusal) as refused:
        upload_list(trial=small_trial, text="sequence,stratum,arm\n1,*,A\n", by=by)
    assert refused.value.code == "scheme.method"


def test_a_list_without_strata_is_refused_for_a_protocol_with_them(
    small_trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text that is loaded says so; the action does not rely on it."""
    by, kept = people.service_identity(name="SMALL"), protocol_of(small_trial)
    method = {"method": RandomizationMethod.UPLOADED_LIST}
    plan = kept.randomization.model_copy(update=method)
    text = kept.model_copy(update={"randomization": plan})
    monkeypatch.setattr("randomization.actions.protocol_of", lambda _trial: text)
    with pytest.raises(Refusal) as refused:
        upload_list(trial=small_trial, text="sequence,stratum,arm\n1,*,A\n", by=by)
    assert refused.value.code == "scheme.strata"
    with pytest.raises(Refusal) as refused:
        open_scheme(trial=small_trial, block_sizes=[6], by=by)
    assert refused.value.code == "scheme.method"
