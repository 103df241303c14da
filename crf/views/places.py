"""Views room of floor 1: addresses in the casebook of a participant, and the way back from there."""

from django.urls import reverse
from django.utils.translation import gettext as _

from crf.models import Record
from trial.models import Participant


def casebook_url(participant: Participant) -> str:
    """The address of the participant's casebook."""
    return reverse("casebook", args=[participant.trial.key, participant.label])


def form_url(trial: str, participant: str, *, visit: str, visit_repeat: int, form: str, repeat: int) -> str:
    """The address of one form of the casebook of the participant with that label, in the trial with that key."""
    return reverse("form", args=[trial, participant, visit, visit_repeat, form, repeat])


def record_url(participant: Participant, record: Record) -> str:
    """The address of the form that holds a record of this participant."""
    return form_url(
        participant.trial.key,
        participant.label,
        visit=record.visit.key,
        visit_repeat=record.visit.repeat,
        form=record.form,
        repeat=record.repeat,
    )


def crumbs(participant: Participant, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way back from a page about the participant: label and address, the page itself without one."""
    return [
        (_("Home"), reverse("home")),
        (_("Participants"), reverse("participants", args=[participant.trial.key])),
        (participant.label, casebook_url(participant) if more else ""),
        *more,
    ]
