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
    said = {"purpose": purpose, "made_at": timezone.now()}
    standing, made = Installation.objects.get_or_create(pk=1, defaults=said)
    if made:
        audit.record("installation.settled", on=standing, changes={"purpose": purpose})
    elif standing.purpose != purpose:
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
    # Two starts at once: the second has waited for the row that the first one makes in settle(), or waits here for the
    # one that stands, and sees the first one's administrator. Where nothing is said and no row stands, nobody waits.
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
