"""Actions room of floor 1: the steps of a participant that a form records besides its answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import cast

from django.utils.translation import gettext as _

from crf.definitions import Stored, typed_values
from crf.schedule import takes_step, withdrawn_on
from trial.actions import participants
from trial.models import Participant, Person
from trial.protocol.derivations import RecordsOf
from trial.protocol.expressions import Unknown, Value
from trial.protocol.forms import Form, Milestone, MilestoneKind
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.states import ParticipantState

Values = Mapping[str, Stored]
Typed = Mapping[str, Value | Unknown]


def take(*, participant: Participant, form: Form, values: Values, by: Person) -> None:
    """Take the step of a form that was just submitted, in its transaction. Raises Refusal, naming the item."""
    now = typed_values(form, values)
    if form.milestone is None or not takes_step(form, now):
        return
    with _items_of(form.milestone):
        if form.milestone.kind is MilestoneKind.WITHDRAWAL:
            _withdraw(participant, form.milestone, now, by)
        else:
            _consent(participant, form.milestone, now, by)


def retake(
    *,
    participant: Participant,
    protocol: Protocol,
    form: Form,
    before: Values,
    after: Values,
    records_of: RecordsOf,
    reason: str,
    by: Person,
) -> None:
    """Follow the correction of a form that took its step, or takes it now. `records_of` holds the corrected record.

    Raises Refusal, naming the item.
    """
    if form.milestone is None:
        return
    was, now = typed_values(form, before), typed_values(form, after)
    if not takes_step(form, was):
        take(participant=participant, form=form, values=after, by=by)
    elif form.milestone.kind is MilestoneKind.WITHDRAWAL:
        if takes_step(form, now):
            if _day(form.milestone, now) != _day(form.milestone, was):
                with _items_of(form.milestone):
                    participants.check_withdrawal(participant, _day(form.milestone, now))
        elif participant.state == ParticipantState.WITHDRAWN and withdrawn_on(protocol, records_of) is None:
            participants.reinstate(participant=participant, reason=reason, by=by)
    elif takes_step(form, now):
        with _items_of(form.milestone):
            version, given_on = _stated(form.milestone, now)
            participants.restate_consent(
                participant=participant,
                was=_stated(form.milestone, was)[0],
                version=version,
                given_on=given_on,
                reason=reason,
                by=by,
            )
    else:
        raise Refusal(
            "milestone.consent",
            _("A consent cannot be taken back by correcting its form."),
            remedy=_("Record the withdrawal instead."),
            item=form.milestone.on,
        )


def _consent(participant: Participant, milestone: Milestone, now: Typed, by: Person) -> None:
    version, given_on = _stated(milestone, now)
    if not participant.consents.filter(version=version).exists():
        participants.consent(participant=participant, version=version, given_on=given_on, by=by)
        return
    # Recorded before without the form: the form is the source, and says the same or corrects it.
    reason = _("as stated in the consent form")
    participants.restate_consent(
        participant=participant, was=version, version=version, given_on=given_on, reason=reason, by=by
    )


def _withdraw(participant: Participant, milestone: Milestone, now: Typed, by: Person) -> None:
    day = _day(milestone, now)
    if participant.state == ParticipantState.WITHDRAWN:
        participants.check_withdrawal(participant, day)
    else:
        # The form's own act, in the same transaction, holds the reason that was given.
        participants.withdraw(participant=participant, reason="", by=by, withdrawn_on=day)


def _stated(milestone: Milestone, now: Typed) -> tuple[str, date]:
    # A protocol in which either can be left open is not loaded.
    return cast(str, now[milestone.version or ""]), _day(milestone, now)


def _day(milestone: Milestone, now: Typed) -> date:
    return cast(date, now[milestone.on])


@contextmanager
def _items_of(milestone: Milestone) -> Iterator[None]:
    """A refusal of floor 0 about a version or a day is about the item of the form that holds it."""
    try:
        yield
    except Refusal as refusal:
        names = {"version": milestone.version or "", "given_on": milestone.on, "withdrawn_on": milestone.on}
        refusal.item = names.get(refusal.item, refusal.item)
        raise
