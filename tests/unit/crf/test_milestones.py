"""What a form that records a step refuses before it touches anything, and when it takes none."""

from typing import Any

import pytest

from crf.actions import milestones
from tests.unit.crf.sample_trial import protocol
from trial.models import Participant, Person
from trial.protocol.forms import Form
from trial.refusals import Refusal
from trial.states import ParticipantState

TRIAL = protocol()
SIGNED: dict[str, Any] = {"version": "1", "given_on": "2024-01-01", "sex": "male"}
SOMEBODY, BY = Participant(state=ParticipantState.CONSENTED), Person(name="Somebody")


def conditional(when: str) -> Form:
    """The consent form, whose step is taken under a condition."""
    form = TRIAL.forms["consent"]
    assert form.milestone is not None
    return form.model_copy(update={"milestone": form.milestone.model_copy(update={"when": when})})


def retake(form: Form, before: dict[str, Any], after: dict[str, Any]) -> None:
    milestones.retake(
        participant=SOMEBODY,
        protocol=TRIAL,
        form=form,
        before=before,
        after=after,
        records_of=lambda _form: [],
        reason="misread",
        by=BY,
    )


def test_a_consent_cannot_be_corrected_away() -> None:
    form = conditional("sex == 'male'")
    with pytest.raises(Refusal) as caught:
        retake(form, SIGNED, {**SIGNED, "sex": "female"})
    assert (caught.value.code, caught.value.item) == ("milestone.consent", "given_on")


def test_a_form_without_a_step_takes_none() -> None:
    form = conditional("sex == 'male'")
    milestones.take(participant=SOMEBODY, form=TRIAL.forms["visit"], values={"seen_on": "2024-01-01"}, by=BY)
    milestones.take(participant=SOMEBODY, form=form, values={**SIGNED, "sex": "female"}, by=BY)
    retake(TRIAL.forms["visit"], {}, {"seen_on": "2024-01-01"})
    retake(form, {**SIGNED, "sex": "female"}, {"sex": "female"})
