"""Door of the roof: the first day of an empty database: what it is for, and its first administrator."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.refusing import in_words
from trial import links
from trial.actions import installations, welcome


class Command(BaseCommand):
    help = "Make the first system administrator of an empty database and print a link that works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="her address, with which she signs in")
        parser.add_argument("--name", default="", help="her name, as the audit trail will show it")
        parser.add_argument(
            "--no-input", action="store_true", help="ask nothing; what is missing is an error"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        answers = {name: options[name] or self._asked(name, options) for name in ("email", "name")}
        with in_words(CommandError):
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False)
            person = installations.start(purpose=settings.PURPOSE, **answers)
            welcome.note_link(person=person, by=None)
        if settings.PURPOSE:
            self.stdout.write(f"This database is for {settings.PURPOSE}, now and for good.")
        self.stdout.write(f"System administrator: {person.name} <{person.email}>")
        self.stdout.write(f"She chooses her password here, once, within {links.HOURS} hours:")
        self.stdout.write(links.make(person))

    def _asked(self, name: str, options: dict[str, Any]) -> str:
        if options["no_input"]:
            raise CommandError(f"--{name} is missing, and --no-input asks nothing.")
        return input({"email": "Her e-mail address: ", "name": "Her name: "}[name])
