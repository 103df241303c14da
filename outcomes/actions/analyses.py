"""Writes of floor 3: asking for analyses. Rows only: the work is done elsewhere."""

from django.db import transaction
from django.utils import timezone

from outcomes.models import Analysis, Snapshot
from outcomes.selectors import declared
from trial import audit
from trial.models import Person
from trial.selectors import parsed
from trial.waking import wake

RUN_TASK = "outcomes.tasks.run"


@audit.audited
def request_all(*, snapshot: Snapshot, by: Person) -> list[Analysis]:
    """Ask for every declared analysis of a snapshot; those asked for before stay as they are."""
    plan = parsed(snapshot.protocol).endpoints
    standing = {(analysis.endpoint, analysis.population): analysis for analysis in snapshot.analyses.all()}
    asked = [each for each in declared(plan) if each not in standing]
    for endpoint, population in asked:
        standing[endpoint, population] = Analysis.objects.create(
            snapshot=snapshot,
            endpoint=endpoint,
            population=population,
            requested_at=timezone.now(),
            requested_by=by,
        )
        audit.record("analysis.requested", on=standing[endpoint, population], trial=snapshot.trial)
    keys = [standing[each].pk for each in asked]
    transaction.on_commit(lambda: wake(RUN_TASK, keys))
    return [standing[each] for each in declared(plan)]
