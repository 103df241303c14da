"""Door of the roof: bring a protocol folder and its data into this database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import demonstration
from config.progress import Progress
from config.refusing import in_words


class Command(BaseCommand):
    help = "Activate the protocol of a folder and import the folder's own data, or invent its cohort; all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words(CommandError):
            demonstration.settle()
            trial = demonstration.trial_of(options["folder"], report=Progress(self.stdout))
        self.stdout.write(f"{trial.key} is loaded.")
