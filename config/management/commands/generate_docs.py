"""Door of the roof: print the documents that come from code, or tell which of them are stale."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.documents import addresses, dictionary, permissions, spec, states
from config.refusing import in_words
from trial.protocol.loader import load
from trial.protocol_folders import paths


class Command(BaseCommand):
    help = (
        "Write docs/generated and the addresses in protocols/*/README.md from the code; with --check only compare, "
        "and exit 1 naming what is stale."
    )
    # No table is read: this works before any database exists.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit 1 when a document is stale"
        )
        parser.add_argument(
            "--folder", type=Path, help="where to print instead of docs/generated; READMEs are left alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or settings.ROOT / "docs" / "generated"
        with in_words(CommandError):
            wanted = {folder / name: text for name, text in documents().items()}
            if options["folder"] is None:
                wanted |= readmes()
        stale = [path for path, text in wanted.items() if _standing(path) != text]
        if options["check"]:
            if stale:
                names = ", ".join(map(_name, stale))
                raise CommandError(f"Stale: {names}. Run: python manage.py generate_docs")
            return
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
            self.stdout.write(f"Written: {_name(path)}")


def documents() -> dict[str, str]:
    """Every generated document by file name. Raises ProtocolError."""
    tables = sorted((settings.ROOT / "tests" / "spec" / "tables").glob("*.yaml"))
    return {
        "states.md": states.document(),
        "permissions.md": permissions.document(),
        "data-dictionary.md": dictionary.document(load(folder) for folder in paths(Path(settings.PROTOCOLS))),
        "spec.md": spec.document(spec.read(path) for path in tables),
    }


def readmes() -> dict[Path, str]:
    """Every README of a protocol folder that lists addresses, as it should be. Raises ProtocolError."""
    places = [folder / "README.md" for folder in paths(Path(settings.PROTOCOLS))]
    wanted = {place: addresses.readme(place, load(place.parent).protocol) for place in places}
    return {place: text for place, text in wanted.items() if text is not None}


def _name(path: Path) -> str:
    """The name of a document; that of a README with its folder's."""
    return f"{path.parent.name}/{path.name}" if path.name == "README.md" else path.name


def _standing(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
