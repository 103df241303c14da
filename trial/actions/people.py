"""Writes of floor 0: accounts, grants and what happens at the front door."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trial import access, audit
from trial.models import Person, RoleGrant, Site, Trial
from trial.refusals import Refusal
from trial.roles import ROLES, Scope


@audit.audited
def create(*, email: str, name: str, password: str, by: Person | None) -> Person:
    """Create a named account. Raises Refusal when the address is taken or the password too weak."""
    person = Person(email=email.lower(), name=name)
    if Person.objects.filter(email=person.email).exists():
        raise Refusal("person.email", _("An account with this address exists already."), item="email")
    _check_password(password, person)
    person.set_password(password)
    person.save()
    audit.record("person.created", on=person)
    return person


@audit.audited
def service_identity(*, name: str) -> Person:
    """The identity a program acts under; it cannot sign in. Made once, returned ever after."""
    email = f"{name.lower()}@service.invalid"
    found = Person.objects.filter(email=email).first()
    if found:
        return found
    person = Person(email=email, name=name, is_service=True, is_active=False)
    person.set_unusable_password()
    person.save()
    audit.record("person.service_created", on=person)
    return person


@audit.audited
def set_password(*, person: Person, password: str, by: Person | None) -> Person:
    """Replace a password. Raises Refusal when it is too weak."""
    _check_password(password, person)
    person.set_password(password)
    # The other fields may have changed since this row was read: an account disabled meanwhile stays disabled.
    person.save(update_fields=["password"])
    audit.record("person.password_set", on=person)
    return person


@audit.audited
def disable(*, person: Person, reason: str, by: Person) -> Person:
    """Take an account out of use; it is never deleted and its address never used again."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    person.is_active = False
    person.save()
    audit.record("person.disabled", on=person)
    return person


@audit.audited
def grant(
    *,
    person: Person,
    trial: Trial,
    role: str,
    site: Site | None = None,
    starts_on: date,
    ends_on: date | None = None,
    by: Person,
) -> RoleGrant:
    """Grant a role from a day on, at one site or in the whole trial as the role table says.

    Raises Refusal for an unknown role, a wrong scope, a foreign site, or a role that may not meet one held.
    """
    definition = ROLES.get(role)
    if definition is None:
        raise Refusal("grant.role", _("There is no role %(role)s.") % {"role": role}, item="role")
    if (definition.scope is Scope.SITE) != (site is not None):
        raise Refusal(
            "grant.scope",
            _("The role %(role)s is granted per %(scope)s.") % {"role": role, "scope": definition.scope},
            item="site",
        )
    if site is not None and site.trial_id != trial.pk:
        raise Refusal("grant.site", _("That site belongs to another trial."), item="site")
    # Two grants at once must see each other: incompatible roles could meet otherwise.
    person = Person.objects.select_for_update().get(pk=person.pk)
    held = set(RoleGrant.objects.filter(person=person, trial=trial).values_list("role", flat=True))
    clash = access.incompatible(role, held)
    if clash:
        raise Refusal(
            "grant.incompatible",
            _("%(role)s and %(other)s may not meet in one person: one of them is blinded.")
            % {"role": role, "other": clash},
            remedy=_("Grant the role to somebody else."),
            item="role",
        )
    given = RoleGrant.objects.create(
        person=person, trial=trial, site=site, role=role, starts_on=starts_on, ends_on=ends_on
    )
    audit.record("grant.given", on=given, trial=trial, site=site, changes={"person": person.pk, "role": role})
    return given


@audit.audited
def end_grant(*, given: RoleGrant, on: date, reason: str, by: Person) -> RoleGrant:
    """End a grant on a day; it stays in the delegation log."""
    given = RoleGrant.objects.select_for_update(of=("self",)).select_related("trial", "site").get(pk=given.pk)
    given.ends_on = on
    given.save()
    audit.record(
        "grant.ended", on=given, trial=given.trial, site=given.site, changes={"ends_on": on.isoformat()}
    )
    return given


@audit.audited
def note_sign_in(*, by: Person) -> None:
    """Record that somebody signed in."""
    audit.record("account.signed_in", on=by)


@audit.audited
def note_sign_out(*, by: Person, reason: str = "") -> None:
    """Record that somebody signed out, or was signed out and why."""
    audit.record("account.signed_out", on=by)


@audit.audited
def note_failed_sign_in(*, email: str, reason: str = "") -> None:
    """Record a failed sign-in: the account's key where it exists, never what was typed."""
    person = Person.objects.filter(email=email.lower()).first()
    audit.record("account.sign_in_failed", on=person or "unknown address")


def _check_password(password: str, person: Person) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refusal("person.password", " ".join(error.messages), item="password") from error
