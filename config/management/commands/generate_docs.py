"""Door of the roof: print the documents that come from code, or tell which of them are stale."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.documents import dictionary, permissions, spec, states
from config.refusing import in_words
from trial.protocol.loader import load
from trial.protocol_folders import paths


class Command(BaseCommand):
    help = "Write docs/generated from the code; with --check only compare, and exit 1 naming what is stale."
    # No table is read: this works before any database exists.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit 1 when a document is stale"
        )
        parser.add_argument("--folder", type=Path, default=settings.ROOT / "docs" / "generated")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        with in_words(CommandError):
            wanted = documents()
        stale = [name for name, text in wanted.items() if _standing(folder / name) != text]
        if options["check"]:
            if stale:
                raise CommandError(f"Stale: {', '.join(stale)}. Run: python manage.py generate_docs")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / name).write_text(wanted[name], encoding="utf-8")
            self.stdout.write(f"Written: {name}")


def documents() -> dict[str, str]:
    """Every generated document by file name. Raises ProtocolError."""
    tables = sorted((settings.ROOT / "tests" / "spec" / "tables").glob("*.yaml"))
    return {
        "states.md": states.document(),
        "permissions.md": permissions.document(),
        "data-dictionary.md": dictionary.document(load(folder) for folder in paths(Path(settings.PROTOCOLS))),
        "spec.md": spec.document(spec.read(path) for path in tables),
    }


def _standing(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
