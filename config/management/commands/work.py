"""Door of the roof: the embedded worker, a sweep over jobs that wait."""

import signal
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from outcomes.actions import runs
from outcomes.models import Analysis
from trial import leases

log = structlog.get_logger("equipoise.work")


class Command(BaseCommand):
    help = "Run waiting analyses, one after the other, until told to stop (without a broker)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing waits")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between sweeps")

    def handle(self, *args: Any, **options: Any) -> None:
        self.going = True
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while self.going:
            close_old_connections()
            waiting = leases.waiting(Analysis)
            for key in waiting:
                self._run(key)
            if options["once"] and not waiting:
                return
            if not waiting:
                time.sleep(options["pause"])

    def _run(self, key: int) -> None:
        try:
            runs.run(key)
        except Exception:
            # One analysis that breaks must not take the worker, and the pages beside it, down. Its lease lapses.
            log.exception("analysis broke", analysis=key)

    def _stop(self, *_: Any) -> None:
        self.going = False
