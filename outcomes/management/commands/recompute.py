"""Door of floor 3: compute stored results again and compare them byte for byte."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outcomes.actions import runs
from outcomes.models import Result


class Command(BaseCommand):
    help = "Compute results again from their snapshots; exit 1 naming those whose bytes differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "results", nargs="*", type=int, help="keys of results; all of them when none is given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Result.objects.select_related("analysis__snapshot__protocol").order_by("pk")
        if options["results"]:
            rows = rows.filter(pk__in=options["results"])
        different = []
        for result in rows:
            same = runs.compute(result.analysis) == (result.payload, result.figures)
            self.stdout.write(
                f"Result {result.pk} {result.analysis.endpoint}: {'same bytes' if same else 'DIFFERENT'}"
            )
            if not same:
                different.append(result.pk)
        if different:
            raise CommandError(f"Results that could not be reproduced: {', '.join(map(str, different))}")
