"""Actions room of floor 1: whether a form may be written now, asked by the actions and by the pages before them."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from crf.models import Record
from crf.schedule import applies_to, hangs_on_arm
from crf.states import COUNTED
from trial.models import Participant
from trial.protocol.derivations import Lookup, traced
from trial.protocol.forms import Form, MilestoneKind
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.states import ParticipantState
from trial.wording import address_words, quoted, sentences, words


def closed(participant: Participant, protocol: Protocol) -> Refusal | None:
    """Why hardly anything may be entered for this participant: before consent, after a withdrawal."""
    if participant.state == ParticipantState.SCREENING:
        return _without_consent(protocol)
    if participant.state == ParticipantState.WITHDRAWN:
        return _withdrawn(protocol)
    return None


def barred(
    participant: Participant,
    protocol: Protocol,
    form: Form,
    record: Record | None,
    look: Callable[[], Lookup],
) -> Refusal | None:
    """Why this form may not be written now, None when it may.

    Consent before data (21 CFR 11.10(f)); after a withdrawal what was begun before may still be finished and
    corrected, so that what was collected stays whole; a form that does not apply is not begun.
    """
    if record is not None and record.state in COUNTED:
        return None
    kind = form.milestone.kind if form.milestone else None
    if participant.state == ParticipantState.SCREENING and kind is not MilestoneKind.CONSENT:
        return _without_consent(protocol)
    begun = record is not None and record.pk is not None
    late = form.after_withdrawal or kind is MilestoneKind.WITHDRAWAL
    if participant.state == ParticipantState.WITHDRAWN and not (begun or late):
        return _withdrawn(protocol)
    if form.applies is None or applies_to(participant, form, look()):
        return None
    named = [quoted(address_words(protocol, address)) for address in traced(form.applies, protocol.derived)]
    return Refusal(
        "entry.applies",
        _("The form “%(form)s” does not apply to this participant.") % {"form": words(form.title)},
        remedy=_("Whether it applies hangs on: %(items)s.") % {"items": _(", ").join(named)},
        shows_arm=hangs_on_arm(protocol, form),
    )


def _without_consent(protocol: Protocol) -> Refusal:
    forms = [
        words(form.title)
        for form in protocol.forms.values()
        if form.milestone and form.milestone.kind is MilestoneKind.CONSENT
    ]
    return Refusal(
        "entry.consent",
        _("No consent is recorded for this participant: nothing may be entered yet."),
        remedy=_("Submit the form “%(form)s” first.") % {"form": forms[0]}
        if forms
        else _("Record the consent first."),
    )


def _withdrawn(protocol: Protocol) -> Refusal:
    late = [words(form.title) for form in protocol.forms.values() if form.after_withdrawal]
    kept = _("What was begun before may be finished and corrected, with a reason.")
    still = _("Still open: %(forms)s.") % {"forms": _(", ").join(late)}
    return Refusal(
        "entry.withdrawn",
        _("The participant has withdrawn: no new form may be begun."),
        remedy=sentences(kept, still if late else ""),
    )
