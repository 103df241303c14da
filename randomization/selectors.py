"""Reads of floor 2: counts and room left, never an arm."""

from randomization.models import Allocation, Scheme, Stratum
from trial.models import Trial


def scheme_of(trial: Trial) -> Scheme | None:
    """The trial's scheme, None before one was uploaded."""
    return Scheme.objects.filter(trial=trial).first()


def room_left(trial: Trial) -> dict[str, int]:
    """Places not yet taken in each stratum."""
    strata = Stratum.objects.filter(scheme__trial=trial)
    return {s.key: s.length - Allocation.objects.filter(stratum=s).count() for s in strata}
