"""Writes of floor 3: asking for analyses. Rows only: the work is done elsewhere."""

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from outcomes.models import Analysis, Snapshot
from trial import audit
from trial.models import Person
from trial.selectors import parsed

log = structlog.get_logger("equipoise.analyses")

RUN_TASK = "outcomes.tasks.run"


@audit.audited
def request_all(*, snapshot: Snapshot, by: Person) -> list[Analysis]:
    """Ask for the declared analysis of every endpoint of a snapshot; those asked for before stay as they are."""
    plan = parsed(snapshot.protocol).endpoints
    standing = {analysis.endpoint: analysis for analysis in snapshot.analyses.all()}
    asked = [endpoint.id for endpoint in plan.endpoints if endpoint.id not in standing]
    for endpoint in asked:
        standing[endpoint] = Analysis.objects.create(
            snapshot=snapshot,
            endpoint=endpoint,
            population=plan.analysis.population,
            requested_at=timezone.now(),
            requested_by=by,
        )
        audit.record("analysis.requested", on=standing[endpoint], trial=snapshot.trial)
    keys = [standing[endpoint].pk for endpoint in asked]
    transaction.on_commit(lambda: wake(keys))
    return [standing[endpoint.id] for endpoint in plan.endpoints]


def wake(keys: list[int]) -> None:
    """Tell the workers, if there is a broker. Without one, or with it down, the sweep finds the rows a little later."""
    if not settings.CELERY_BROKER_URL:
        return
    try:
        for key in keys:
            current_app.send_task(RUN_TASK, args=[key], retry=False)
    except OperationalError:
        log.warning("broker unreachable", waiting=len(keys))
