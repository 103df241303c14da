"""Views room of floor 2: what to do next with a participant who is not randomized yet, as one callout."""

from typing import Any

from django.utils.translation import gettext as _

from randomization.criteria import Criterion
from randomization.selectors import Readiness
from randomization.views.about import links, may_act
from trial.access import TrialRoom
from trial.actions.participants import DECLINED, OTHER
from trial.eligibility import Standing
from trial.models import Participant
from trial.permissions import Permission
from trial.selectors import protocol_of
from trial.states import PARTICIPANT, ParticipantState
from trial.wording import broken_words, day, sentences

# The id of the form on the page whose sending confirms eligibility.
CONFIRM = "confirm-eligibility"

Callout = dict[str, Any]


def next_step(where: TrialRoom, participant: Participant, now: Readiness) -> Callout:
    """Context of components/callout.html, its items called `points`; one of the buttons may send the form CONFIRM."""
    if participant.randomized_at is not None:
        text = _("The checklist shows the values as they are now; the allocation stays as it was made.")
        label = _("Confirmation of randomization")
        return {
            "tone": "info",
            "title": _("Randomized on %(day)s") % {"day": day(participant.randomized_on)},
            "text": text,
            "actions": links(where, participant, "allocation", label, Permission.TRACK_VIEW),
        }
    if participant.state == ParticipantState.SCREEN_FAILED:
        return {"tone": "note", "title": _("Screen failure"), "text": failure_words(participant)}
    if participant.state == ParticipantState.WITHDRAWN:
        text = _("Nobody is randomized after withdrawing.")
        return {"tone": "note", "title": _("Withdrawn"), "text": text}
    step = _to_do(where, participant, now)
    if now.confirmable and may_act(where, participant):
        step["actions"].insert(0, {"label": _("Confirm eligibility"), "form": CONFIRM, "kind": "primary"})
    return step


def may_fail(participant: Participant) -> bool:
    """Whether a screen failure is a step from here."""
    return ParticipantState.SCREEN_FAILED in PARTICIPANT[ParticipantState(participant.state)]


def failure_words(participant: Participant) -> str:
    """Why the participant was not randomized."""
    code = participant.screen_failure
    criteria = {each.id: each for each in protocol_of(participant.trial).eligibility}
    if code in criteria:
        return broken_words(criteria[code])
    return _("Reason: %(reason)s") % {"reason": dict(beyond_criteria()).get(code, code)}


def beyond_criteria() -> list[tuple[str, str]]:
    """The reasons of a screen failure that are no criterion."""
    return [(DECLINED, _("Declined to take part")), (OTHER, _("Another reason"))]


def _to_do(where: TrialRoom, participant: Participant, now: Readiness) -> Callout:
    fail = links(where, participant, "screen_failure", _("Record a screen failure"))
    if participant.state == ParticipantState.SCREENING:
        text = _("Nothing else may be entered before consent is recorded.")
        return {"tone": "wait", "title": _("Consent comes first"), "text": text, "actions": fail}
    if now.eligibility.broken:
        return {
            "tone": "stop",
            "title": _("Not eligible"),
            "text": _("Where a value is wrong, correct it with a reason; else record the screen failure."),
            "points": [broken_words(each.criterion) for each in now.eligibility.broken],
            "actions": fail,
        }
    if now.eligibility.open:
        text = _("Values are missing, and nobody is enrolled on a guess. What is missing stands below.")
        return {"tone": "wait", "title": _("Cannot be judged yet"), "text": text, "actions": fail}
    if now.ready:
        text = _("The next page shows everything once more and may ask for your password.")
        go = links(where, participant, "randomize", _("Randomize"), Permission.RANDOMIZE, kind="primary")
        return {"tone": "ok", "title": _("May be randomized"), "text": text, "actions": [*go, *fail]}
    return _waiting(now, fail)


def _waiting(now: Readiness, fail: list[dict[str, Any]]) -> Callout:
    """Eligible on all values, but something else is wanted first."""
    wanted = [step for step in now.steps if step.standing is not Standing.MET]
    if [step.id for step in wanted] == [Criterion.ENROLMENT]:
        text = _("All criteria are met. The site confirms it, and may then randomize.")
        return {"tone": "ok", "title": _("Eligible"), "text": text, "actions": fail}
    return {
        "tone": "wait",
        "title": _("All criteria are met, but this is still wanted"),
        "points": [sentences(step.words, step.remedy) for step in wanted],
        "actions": fail,
    }
