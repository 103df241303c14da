"""Door of floor 3: freeze a snapshot and ask for its analyses."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outcomes.actions import analyses, snapshots
from trial.actions import people
from trial.models import Trial
from trial.refusals import Refusal


class Command(BaseCommand):
    help = "Freeze a trial's data up to a day and queue every declared analysis; prints one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trial")
        parser.add_argument("--cut-off", type=date.fromisoformat, required=True, help="year-month-day")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        trial = Trial.objects.filter(key=options["trial"]).select_related("protocol").first()
        if trial is None:
            raise CommandError(f"There is no trial {options['trial']} here. Load it first.")
        by = people.importer()
        try:
            snapshot = snapshots.freeze(
                trial=trial, cut_off=options["cut_off"], reason=options["reason"], by=by
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        asked = analyses.request_all(snapshot=snapshot, by=by)
        told = {"snapshot": snapshot.number, "sha256": snapshot.sha256, "analyses": [row.pk for row in asked]}
        self.stdout.write(json.dumps(told))
