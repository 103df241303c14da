"""Writes of floor 0: whether a trial recruits."""

from django.utils.translation import gettext as _

from trial import audit
from trial.actions import reasons
from trial.models import Person, Trial
from trial.refusals import Refusal


@audit.audited
def change_recruiting(*, trial: Trial, recruiting: bool, reason: str, by: Person) -> Trial:
    """Open recruitment or close it; nobody is randomized while it is closed. Raises Refusal when it is so already."""
    reasons.require(reason)
    trial = Trial.objects.select_for_update(of=("self",), no_key=True).get(pk=trial.pk)
    if trial.recruiting is recruiting:
        text = _("Recruitment is open already.") if recruiting else _("Recruitment is closed already.")
        raise Refusal("trial.recruiting", text)
    before, trial.recruiting = trial.recruiting, recruiting
    trial.save()
    audit.record("trial.recruiting", on=trial, trial=trial, changes={"recruiting": [before, recruiting]})
    return trial
