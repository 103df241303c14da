"""Writes of floor 0: what a database is for, and its first administrator."""

from django.utils import timezone
from django.utils.translation import gettext as _

from trial import access, audit
from trial.actions import people
from trial.models import Installation, Person, RoleGrant
from trial.refusals import Refusal

ROLE = "system_administrator"


@audit.audited
def settle(*, purpose: str, by: Person | None) -> Installation:
    """Say, once and for ever, what this database is for. Raises Refusal when it said something else."""
    standing = Installation.objects.first()
    if standing is None:
        made = Installation.objects.create(pk=1, purpose=purpose, made_at=timezone.now())
        audit.record("installation.settled", on=made, changes={"purpose": purpose})
        return made
    if standing.purpose != purpose:
        raise Refusal(
            "installation.purpose",
            _("This database is for %(standing)s and cannot become one for %(asked)s.")
            % {"standing": standing.purpose, "asked": purpose},
            remedy=_("Set DATABASE_URL to a database of its own."),
        )
    return standing


@audit.audited
def start(*, purpose: str, email: str, name: str) -> Person:
    """Say what the database is for ("" says nothing) and make its first system administrator, without a password yet.

    Asked again before she chose one, she stands. Raises Refusal when the database is for something else, somebody is
    system administrator already, or the address or name cannot be.
    """
    if purpose:
        settle(purpose=purpose, by=None)
    # Two starts at once: the second waits here and sees the first one's administrator.
    list(Installation.objects.select_for_update(no_key=True))
    standing = _administrators()
    if not standing:
        person = people.account(email=email, name=name, by=None)
        people.grant(person=person, trial=None, role=ROLE, starts_on=timezone.now().date(), by=None)
        return person
    working = [each for each in standing if each.has_usable_password()]
    asked = [each for each in standing if each.email == email.strip().lower()]
    if asked and not working:
        return asked[0]
    first = [*working, *standing][0]
    raise Refusal(
        "start.administrator",
        _("This database has a system administrator already: %(name)s <%(email)s>.")
        % {"name": first.name, "email": first.email},
        remedy=_(
            "She invites everybody else on the pages. If she cannot sign in any more, run: "
            "python manage.py one_time_link %(email)s"
        )
        % {"email": first.email},
    )


def _administrators() -> list[Person]:
    """Everybody with an open account who is system administrator today, whether she has come yet or not."""
    granted = access.in_force(RoleGrant.objects.filter(role=ROLE, person__is_active=True))
    return [given.person for given in granted.select_related("person").order_by("pk")]
