"""Door of floor 0: a one-time link for somebody who cannot get one by mail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trial import links
from trial.actions import welcome
from trial.models import Person


class Command(BaseCommand):
    help = "Print a link with which the owner of an account chooses a new password, once; recorded in the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        person = Person.objects.filter(email=email, is_service=False, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no open account {email}.")
        welcome.note_link(person=person, by=None)
        self.stdout.write(f"{person.name} chooses her password here, once, within {links.HOURS} hours:")
        self.stdout.write(links.make(person))
