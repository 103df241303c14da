"""Tests: a refusal of the gate uses nothing up: the participant, the allocations and the strata stay as they were."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from randomization.models import Allocation, Stratum
from trial.models import Participant
from trial.refusals import Refusal


@contextmanager
def nothing_used_up(participant: Participant) -> Iterator["pytest.ExceptionInfo[Refusal]"]:
    """Expects a refusal within, as `pytest.raises` does, and everything as it was after it."""
    before = _everything(participant)
    with pytest.raises(Refusal) as refused:
        yield refused
    assert _everything(participant) == before


def _everything(participant: Participant) -> tuple[object, ...]:
    state = Participant.objects.values().get(pk=participant.pk)
    return state, list(Allocation.objects.values_list("pk")), list(Stratum.objects.values_list("pk"))
