"""Door of the roof: the demonstration, from an empty folder to verdicts and pages."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import demonstration
from config.progress import Progress
from config.refusing import in_words
from deploy import keeper, ports
from deploy.processes import PROCESSES
from deploy.stack import local
from outcomes.models import Result, Snapshot
from outcomes.verdict_lines import verdict_lines
from trial.models import Person
from trial.roles import ROLES


class Command(BaseCommand):
    help = "Load the trials of the demonstration, freeze, analyse, print the verdicts and serve the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="end after the table of verdicts")
        parser.add_argument("--fresh", action="store_true", help="move the old SQLite database aside first")
        parser.add_argument("--people", action="store_true", help="say who may sign in, even without serving")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--protocol",
            type=Path,
            default=None,
            help="this protocol folder alone: one with data, or with a synthetic cohort",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words(CommandError):
            self._run(options)

    def _run(self, options: dict[str, Any]) -> None:
        if not options["no_serve"]:
            ports.require_free(
                options["port"], remedy="Stop the program that holds it, or run: make demo PORT=8001"
            )
        if options["fresh"]:
            aside = demonstration.move_aside()
            self.stdout.write(f"Moved the old database to {aside}" if aside else "There was no old database.")
        self.stdout.write("Preparing the database …")
        demonstration.prepare()
        progress = Progress(self.stdout)
        folders = [options["protocol"]] if options["protocol"] else demonstration.folders()
        trials = [demonstration.trial_of(folder, report=progress) for folder in folders]
        frozen = [demonstration.frozen(trial) for trial in trials]
        results = [demonstration.analysed(snapshot, report=progress) for snapshot in frozen]
        casts = [demonstration.cast(trial) for trial in trials]
        for snapshot, found in zip(frozen, results, strict=True):
            self._print(snapshot, found)
        if options["people"] or not options["no_serve"]:
            self._print_people(casts[-1])
        if not options["no_serve"]:
            self._serve(options["port"])

    def _print(self, snapshot: Snapshot, results: list[Result]) -> None:
        protocol = snapshot.protocol
        self.stdout.write("")
        self.stdout.write(
            f"Trial {snapshot.trial.key}, protocol version {protocol.number} ({protocol.sha256[:12]})"
        )
        self.stdout.write(
            f"Snapshot {snapshot.number}, data cut-off {snapshot.cut_off}, SHA-256 {snapshot.sha256}"
        )
        for line in verdict_lines(results):
            self.stdout.write(line)

    def _print_people(self, cast: dict[str, Person]) -> None:
        self.stdout.write("\nSign in as one of:")
        for key, person in cast.items():
            self.stdout.write(f"  {person.email:<38} {ROLES[key].name}")
        self.stdout.write(f"  password for all of them: {demonstration.password()}")

    def _serve(self, port: int) -> None:
        self.stdout.write(f"\nOpen http://127.0.0.1:{port}/")
        self.stdout.write("Ctrl-C stops everything.\n")
        self.stdout.flush()
        web = [*PROCESSES["web"].command, "--bind", f"127.0.0.1:{port}"]
        # Kept processes end with this one, however it ends.
        children = [self._start(command) for command in (web, ("python", "manage.py", "work"))]
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            while all(child.alive for child in children):
                time.sleep(0.5)
            self.stderr.write("A process ended by itself; its lines above say why.")
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.stop()

    def _start(self, command: Sequence[str]) -> keeper.Kept:
        plan = keeper.Plan(command=local(command), working_folder=str(settings.ROOT), seconds_to_stop=30)
        return keeper.start(plan, output=sys.stdout.fileno())
