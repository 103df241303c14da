"""Door of floor 3: the endpoints of one participant as of the latest snapshot, never an arm."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crf.views.places import crumbs
from outcomes import selectors
from outcomes.models import Snapshot
from outcomes.snapshot_files import SnapshotChanged
from outcomes.views.derived_rows import endpoint_table
from outcomes.views.finding_tables import finding_table
from outcomes.wording import damage_sentence
from trial.access import Over, TrialRoom, knows_arm_of, requires
from trial.models import Participant
from trial.permissions import Permission
from trial.selectors import parsed
from trial.states import ENDED
from trial.wording import day, moment, state_word


@requires(Permission.PARTICIPANT_VIEW, over=Over.PARTICIPANT)
def participant_endpoints(request: HttpRequest, where: TrialRoom, participant: Participant) -> HttpResponse:
    """Each endpoint in words with its source; endpoints that tell the arm only for those who may know it here."""
    snapshot = selectors.latest_snapshot(where.trial)
    context: dict[str, Any] = {
        "breadcrumbs": crumbs(participant, (_("Endpoints"), "")),
        "participant": participant,
        "state_label": state_word(participant.state),
        "snapshot": snapshot,
        "never_randomized": participant.state in ENDED and participant.randomized_at is None,
    }
    if snapshot:
        context["facts"] = [
            (_("Snapshot"), snapshot.number),
            (_("Data cut-off"), day(snapshot.cut_off)),
            (_("Taken"), moment(snapshot.taken_at)),
        ]
        try:
            context.update(_derived(where, participant, snapshot))
        except SnapshotChanged as error:
            context["problem"] = damage_sentence(error)
    return render(request, "outcomes/participant_endpoints.html", context)


def _derived(where: TrialRoom, participant: Participant, snapshot: Snapshot) -> dict[str, Any]:
    knows = knows_arm_of(where, participant)
    derived = selectors.derived_of(participant, snapshot, with_arm=knows)
    protocol = parsed(snapshot.protocol)
    return {
        "changed": bool(derived.rows) and selectors.changed_since(participant, snapshot),
        "table": endpoint_table(derived.rows, protocol, participant) if derived.rows else None,
        "findings": finding_table(derived.findings, protocol) if derived.findings else None,
    }
