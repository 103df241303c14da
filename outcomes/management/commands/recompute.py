"""Door of floor 3: compute stored results again and compare them byte for byte."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outcomes.actions import runs
from outcomes.estimate import EstimationError
from outcomes.models import Result
from outcomes.snapshot_files import SnapshotChanged


class Command(BaseCommand):
    help = "Compute results again from their snapshots; exit 1 naming those that differ or cannot be made."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "results", nargs="*", type=int, help="keys of results; all of them when none is given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Result.objects.select_related("analysis__snapshot__protocol").order_by("pk")
        if options["results"]:
            rows = rows.filter(pk__in=options["results"])
        failed = []
        for result in rows:
            problem = _problem(result)
            self.stdout.write(f"Result {result.pk} {result.analysis.endpoint}: {problem or 'same bytes'}")
            if problem:
                failed.append(str(result.pk))
        if failed:
            raise CommandError(f"Results that could not be reproduced: {', '.join(failed)}")


def _problem(result: Result) -> str:
    """Why a result is not what its snapshot gives now, "" when it is."""
    try:
        again = runs.compute(result.analysis)
    except (EstimationError, SnapshotChanged) as error:
        return f"NOT COMPUTED: {error}"
    return "" if again == (result.payload, result.figures) else "DIFFERENT"
