"""Writes of floor 3: looking at outcomes by arm leaves an act."""

from outcomes.models import Result, Snapshot
from trial import audit
from trial.models import Person


@audit.audited
def note_view(*, snapshot: Snapshot, results: list[Result], by: Person) -> None:
    """Record that somebody opened the report of a snapshot, and which results it showed."""
    shown = [result.pk for result in results]
    audit.record("report.viewed", on=snapshot, trial=snapshot.trial, changes={"results": shown})


@audit.audited
def note_figure(*, result: Result, name: str, by: Person) -> None:
    """Record that somebody fetched a figure by itself, outside a report she had just opened."""
    trial = result.analysis.snapshot.trial
    audit.record("report.figure_viewed", on=result, trial=trial, changes={"figure": name})
