"""The one door through which arms leave the allocation tables."""

import json

from django.conf import settings

from randomization.models import Allocation, Scheme, Stratum
from randomization.sealing import unseal
from trial.models import Trial


def arms(trial: Trial) -> dict[int, str]:
    """Participant key → allocated arm, for every allocation of the trial."""
    rows = Allocation.objects.filter(stratum__scheme__trial=trial)
    return dict(rows.values_list("participant_id", "arm"))


def place(stratum: Stratum, number: int) -> str | None:
    """The arm at a number of an uploaded list, None past its end. Raises SealBroken for a wrong key."""
    slots = opened(stratum.scheme)[stratum.key]
    return slots[number - 1] if number <= len(slots) else None


def opened(scheme: Scheme) -> dict[str, list[str]]:
    """The uploaded list in clear: stratum key → arms in order. Raises SealBroken for a wrong key."""
    slots: dict[str, list[str]] = json.loads(unseal(scheme.sealed_list, key=settings.SEAL_KEY))
    return slots
