"""Door of floor 2: derive every allocation again and name what does not fit, never an arm."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from randomization.actions import verify
from randomization.sealing import SealBroken
from trial.models import Trial
from trial.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Derive a trial's allocations again from what is sealed; exit 1 naming each that was swapped, edited, deleted, "
        "moved to another stratum or made out of order. Values corrected since are listed and are no fault."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trial")

    def handle(self, *args: Any, **options: Any) -> None:
        trial = Trial.objects.filter(key=options["trial"]).select_related("protocol").first()
        if trial is None:
            raise CommandError(f"There is no trial {options['trial']} here.")
        try:
            found = verify(trial)
        except (Refusal, SealBroken) as refusal:
            raise CommandError(str(refusal)) from refusal
        for change in found.changed:
            verified = change.verified or "no level"
            self.stdout.write(
                f"CHANGED participant {change.participant}, {change.factor}: "
                f"as randomized {change.randomized}, as verified {verified}"
            )
        for fault in found.faults:
            self.stdout.write(f"FAULT {fault.where}: {fault.message}")
        if found.faults:
            raise CommandError(f"The randomization does not hold: {len(found.faults)} fault(s).")
        self.stdout.write(
            f"The randomization holds: {found.checked} allocations follow the sealed sequence; "
            f"{len(found.changed)} factor levels were corrected since."
        )
