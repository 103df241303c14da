"""Views room of floor 2: what the pages about one participant share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crf.views.places import crumbs
from trial.access import TrialRoom
from trial.models import Participant
from trial.permissions import Permission
from trial.wording import day, state_word, unconsented_word


def may_act(where: TrialRoom, participant: Participant) -> bool:
    """Whether she may confirm eligibility and randomize at the participant's site."""
    return where.can(Permission.RANDOMIZE, site_id=participant.site_id)


def address(name: str, participant: Participant) -> str:
    """The address of a page about the participant."""
    return reverse(name, args=[participant.trial.key, participant.label])


def links(
    where: TrialRoom,
    participant: Participant,
    name: str,
    label: str,
    right: Permission = Permission.PARTICIPANT_REGISTER,
    *,
    kind: str = "secondary",
) -> list[dict[str, Any]]:
    """One button that leads to a page about the participant, none for who may not open it."""
    if not where.can(right, site_id=participant.site_id):
        return []
    return [{"label": label, "url": address(name, participant), "kind": kind}]


def head(participant: Participant, title: str) -> dict[str, Any]:
    """Context of the head: the participant, facts without the arm, the way back."""
    return {
        "participant": participant,
        "state_label": state_word(participant.state),
        "facts": [
            (_("Site"), str(participant.site)),
            (_("Consented on"), day(participant.consented_on) or unconsented_word(participant.state)),
        ],
        "breadcrumbs": crumbs(participant, (title, "")),
    }
