"""Door of the roof: the embedded worker, a sweep over jobs that wait."""

import signal
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from outcomes.actions import runs
from outcomes.models import Analysis
from trial import leases
from trial.actions import notifications

log = structlog.get_logger("equipoise.work")


class Command(BaseCommand):
    help = "Send waiting messages and run waiting analyses until told to stop (without a broker)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing waits")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between sweeps")

    def handle(self, *args: Any, **options: Any) -> None:
        self.going = True
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while self.going:
            close_old_connections()
            found = self._sweep()
            if options["once"] and not found:
                return
            if not found:
                time.sleep(options["pause"])

    def _sweep(self) -> int:
        """Do what waits, messages first; how many jobs that were."""
        messages, analyses = notifications.waiting(), leases.waiting(Analysis)
        for key in messages:
            self._try(notifications.deliver, key)
        for key in analyses:
            self._try(runs.run, key)
        return len(messages) + len(analyses)

    def _try(self, job: Callable[[int], object], key: int) -> None:
        try:
            job(key)
        except Exception:
            # One job that breaks must not take the worker, and the pages beside it, down. Its lease lapses.
            log.exception("job broke", job=f"{job.__module__}.{job.__qualname__}", key=key)

    def _stop(self, *_: Any) -> None:
        self.going = False
