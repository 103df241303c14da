"""Door of floor 1: score a file of answers by a published instrument."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crf import score_wording
from crf.scoring.instruments import INSTRUMENTS
from crf.scoring.tables import UnfitTable, read, write

UNFIT = 2


class Command(BaseCommand):
    help = (
        "Print the scores of a CSV file of answers, row for row, as CSV; exit 2 and print none when the instrument is "
        "unknown or anything in the file does not fit."
    )
    # No table is read: this works without any database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instrument", help=", ".join(INSTRUMENTS))
        parser.add_argument(
            "file", help="CSV with the columns q1, q2 …; empty is missing; - is standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        instrument = INSTRUMENTS.get(options["instrument"])
        if instrument is None:
            raise CommandError(score_wording.unknown_instrument(options["instrument"]), returncode=UNFIT)
        try:
            rows = read(_text(options["file"]), instrument)
        except UnfitTable as error:
            raise CommandError(
                score_wording.unfit(options["file"], error.problems), returncode=UNFIT
            ) from error
        self.stdout.write(write((instrument.scores(answers) for answers in rows), instrument))


def _text(file: str) -> str:
    """The text of a file or of the standard input. Raises CommandError."""
    try:
        data = sys.stdin.buffer.read() if file == score_wording.STANDARD_INPUT else Path(file).read_bytes()
        return data.decode()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(score_wording.unreadable(file, reason), returncode=UNFIT) from error
    except UnicodeDecodeError as error:
        raise CommandError(score_wording.no_text(file), returncode=UNFIT) from error
