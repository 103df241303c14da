"""Door of the roof: commands of simple_history that rewrite history, which nobody may."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refused: the history of rows is part of the audit trail."

    def run_from_argv(self, argv: list[str]) -> None:
        # Whatever options the library's command takes, the answer is the same.
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "The history of rows is part of the audit trail: it is written by actions only and never deleted."
        )
