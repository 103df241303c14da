"""The one door through which arms leave the allocation tables."""

import json
from collections.abc import Iterator
from itertools import islice

from django.conf import settings

from randomization import schemes
from randomization.models import Allocation, Scheme
from randomization.sealing import unseal
from randomization.strata import shares
from trial.models import Trial
from trial.protocol.schema import RandomizationMethod
from trial.selectors import parsed


def arms(trial: Trial) -> dict[int, str]:
    """Participant key → allocated arm, for every allocation of the trial."""
    rows = Allocation.objects.filter(stratum__scheme__trial=trial)
    return dict(rows.values_list("participant_id", "arm"))


def place(scheme: Scheme, stratum: str, number: int) -> str | None:
    """The arm at a number of a stratum, None past the end of a list. Raises SealBroken for a wrong key."""
    return next(islice(sequence(scheme, stratum), number - 1, None), None)


def sequence(scheme: Scheme, stratum: str) -> Iterator[str]:
    """The arms of a stratum in order: to the end of a list, without end for blocks. Raises SealBroken."""
    if scheme.method == RandomizationMethod.UPLOADED_LIST:
        return iter(opened(scheme).get(stratum, []))
    sizes = json.loads(supplement(scheme))["block_sizes"]
    return schemes.arms(seed(scheme), stratum, shares=shares(parsed(scheme.protocol)), sizes=sizes)


def opened(scheme: Scheme) -> dict[str, list[str]]:
    """The uploaded list in clear: stratum key → arms in order. Raises SealBroken for a wrong key."""
    slots: dict[str, list[str]] = json.loads(unseal(scheme.sealed_list, key=settings.SEAL_KEY))
    return slots


def seed(scheme: Scheme) -> bytes:
    """The seed of permuted blocks in clear. Raises SealBroken for a wrong key."""
    return bytes.fromhex(unseal(scheme.sealed_seed, key=settings.SEAL_KEY))


def supplement(scheme: Scheme) -> str:
    """The text of the supplement, whose hash is published: JSON with block_sizes and nonce. Raises SealBroken."""
    return unseal(scheme.sealed_supplement, key=settings.SEAL_KEY)
