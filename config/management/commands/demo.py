"""Door of the roof: the demonstration, from an empty folder to verdicts and pages."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from config import demonstration
from crf.actions.imports import ImportRefused
from crf.source_rows import MappingError
from deploy import ports
from deploy.processes import PROCESSES
from outcomes.models import Result, Snapshot
from trial.models import Person
from trial.protocol.loader import ProtocolError
from trial.refusals import Refusal
from trial.roles import ROLES

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    help = "Load the demonstration trial, freeze it, analyse it, print the verdicts and serve the pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="end after the table of verdicts")
        parser.add_argument("--fresh", action="store_true", help="move the old SQLite database aside first")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--protocol", type=Path, default=settings.PROTOCOLS / "colon-moertel", help="another protocol folder"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except (demonstration.Stopped, ports.PortInUse, ProtocolError, MappingError) as error:
            raise CommandError(str(error)) from error
        except ImportRefused as error:
            rows = [
                f"  line {p.line}: participant {p.participant}, visit {p.visit}, form {p.form}, item {p.item}, "
                f"rule {p.rule}, value {p.value!r}: {p.message}"
                for p in error.problems[:SHOWN_PROBLEMS]
            ]
            raise CommandError("\n".join([str(error), *rows])) from error
        except Refusal as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(
                f"The database cannot be used: {error}. Make {settings.VAR} writable, or set DATABASE_URL."
            ) from error

    def _run(self, options: dict[str, Any]) -> None:
        if not options["no_serve"]:
            ports.require_free(options["port"], remedy="Stop the program that holds it, or run: make demo PORT=8001")
        if options["fresh"]:
            aside = demonstration.move_aside()
            self.stdout.write(f"Moved the old database to {aside}" if aside else "There was no old database.")
        self.stdout.write("Preparing the database …")
        demonstration.prepare()
        progress = Progress(self.stdout)
        trial = demonstration.trial_of(options["protocol"], report=progress)
        snapshot = demonstration.frozen(trial)
        results = demonstration.analysed(snapshot, report=progress)
        cast = demonstration.cast(trial)
        self._print(snapshot, results)
        if not options["no_serve"]:
            self._serve(options["port"], cast)

    def _print(self, snapshot: Snapshot, results: list[Result]) -> None:
        protocol = snapshot.protocol
        self.stdout.write("")
        self.stdout.write(f"Trial {snapshot.trial.key}, protocol version {protocol.number} ({protocol.sha256[:12]})")
        self.stdout.write(f"Snapshot {snapshot.number}, data cut-off {snapshot.cut_off}, SHA-256 {snapshot.sha256}")
        for line in demonstration.verdict_table(results):
            self.stdout.write(line)

    def _serve(self, port: int, cast: dict[str, Person]) -> None:
        self.stdout.write(f"\nOpen http://127.0.0.1:{port}/ and sign in with one of:")
        for key, person in cast.items():
            self.stdout.write(f"  {person.email:<38} {ROLES[key].name}")
        self.stdout.write(f"  password for all of them: {demonstration.password()}")
        self.stdout.write("Ctrl-C stops everything.\n")
        self.stdout.flush()
        web = [sys.executable, *PROCESSES["web"].command[1:], "--bind", f"127.0.0.1:{port}"]
        children = [
            subprocess.Popen(web),
            subprocess.Popen([sys.executable, "manage.py", "work"], cwd=settings.ROOT),
        ]
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(timeout=30)


class Progress:
    """Says how far a step is, at most every two seconds, and when it ends."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.said = time.monotonic()

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.said > 2.0 or (done == total > 1):
            self.said = now
            self.out.write(f"  {step}: {done} of {total}")
            self.out.flush()
