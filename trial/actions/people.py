"""Writes of floor 0: accounts, grants and what happens at the front door."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from trial import access, audit, selectors
from trial.actions import notifications, reasons, taken
from trial.models import Person, RoleGrant, Site, Trial
from trial.permissions import Permission
from trial.refusals import Refusal
from trial.roles import ROLES, Role, Scope

# Characters that no name and no address holds: controls, and the ends of lines and paragraphs.
_UNWRITTEN = ("Cc", "Zl", "Zp")


@dataclass(frozen=True)
class Invited:
    """The role that an invitation gave, and whether it made the account as well."""

    given: RoleGrant
    is_new: bool


@audit.audited
def create(*, email: str, name: str, password: str, by: Person | None) -> Person:
    """Create a named account. Raises Refusal when the address is taken or the password too weak."""
    _check_writing(email, name)
    person = Person(email=email.lower(), name=name)
    _check_password(password, person)
    person.set_password(password)
    return _created(person)


@audit.audited
def account(*, email: str, name: str, by: Person | None) -> Person:
    """The account with an address: a new one, whose owner chooses the password by a one-time link, or the one there is.

    Raises Refusal for an address or a name that cannot be, and for an account that is closed or a program's.
    """
    return _found_or_made(email, name)[0]


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


def importer() -> Person:
    """The identity under which our own commands bring data in, freeze and analyse."""
    return service_identity(name="IMPORT")


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
    """Take an account out of use at once; it is never deleted and its address never used again.

    Every trial in which she holds or held a role has the act in its own trail as well.
    Raises Refusal for one's own account, a closed one, and the last system administrator's.
    """
    reasons.require(reason)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.pk == by.pk:
        raise Refusal(
            "person.self", _("Nobody closes her own account."), remedy=_("Ask another administrator.")
        )
    if not person.is_active:
        raise Refusal("person.closed", _("The account %(email)s is closed.") % {"email": person.email})
    if RoleGrant.objects.filter(person=person, trial=None).exists():
        _hold_system_grants()
        _keep_one(RoleGrant.objects.exclude(person=person))
    person.is_active = False
    person.save()
    audit.record("person.disabled", on=person)
    for trial in selectors.trials_of(person):
        audit.record("person.disabled", on=person, trial=trial, changes={"person": person.email})
    return person


@audit.audited
def invite(
    *,
    email: str,
    name: str,
    role: str,
    trial: Trial | None,
    site: Site | None = None,
    starts_on: date,
    ends_on: date | None = None,
    by: Person,
) -> Invited:
    """Grant a role to whoever has an address, make her account if there is none, and write to her.

    Raises Refusal as `account` and `grant` do, and for a first day that is past: nobody is delegated backwards.
    """
    if starts_on < timezone.now().date():
        raise Refusal(
            "grant.past",
            _("A role cannot begin on %(day)s: that day is past.") % {"day": starts_on.isoformat()},
            remedy=_("Enter today or a later day, by the calendar of UTC."),
            item="starts_on",
        )
    person, is_new = _found_or_made(email, name)
    given = grant(
        person=person, trial=trial, role=role, site=site, starts_on=starts_on, ends_on=ends_on, by=by
    )
    context = {"role": role, "starts_on": starts_on.isoformat(), **({"site": str(site)} if site else {})}
    kind = "granted" if person.has_usable_password() else "invited"
    notifications.enqueue(kind=kind, to=person, trial=trial, context=context, by=by)
    return Invited(given, is_new)


@audit.audited
def grant(
    *,
    person: Person,
    trial: Trial | None,
    role: str,
    site: Site | None = None,
    starts_on: date,
    ends_on: date | None = None,
    by: Person | None,
) -> RoleGrant:
    """Grant a role from a day on: at one site, in the whole trial or, without a trial, over the installation.

    Raises Refusal for an unknown role, a wrong scope, a foreign site, days in the wrong order, a closed account, a role
    for oneself, one that may not meet one held, or one that she holds there on one of those days already.
    """
    _check_place(role, trial, site)
    if ends_on is not None and ends_on < starts_on:
        raise Refusal(
            "grant.days",
            _("The last day lies before the first."),
            remedy=_("Enter a later day, or none for no end."),
            item="ends_on",
        )
    # Two grants at once must see each other: incompatible roles could meet otherwise.
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _check_open(person)
    _check_not_oneself(person, role, trial, by)
    _check_held(person, role, trial)
    _check_overlap(person, role, trial, site, starts_on, ends_on)
    given = RoleGrant.objects.create(
        person=person, trial=trial, site=site, role=role, starts_on=starts_on, ends_on=ends_on
    )
    audit.record("grant.given", on=given, trial=trial, site=site, changes=_told(given))
    return given


@audit.audited
def end_grant(*, given: RoleGrant, on: date | None, reason: str, by: Person) -> RoleGrant:
    """End a grant after a day, or at once with `on` None; it stays in the delegation log.

    Raises Refusal when it has ended, ends before that day anyway, has not begun by then, or is the last system
    administrator's.
    """
    reasons.require(reason)
    if given.trial_id is None:
        _hold_system_grants()
    given = (
        RoleGrant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("trial", "site", "person")
        .get(pk=given.pk)
    )
    today = timezone.now().date()
    if given.revoked_at is not None or (given.ends_on is not None and given.ends_on < today):
        raise Refusal("grant.ended", _("This role has ended already."))
    if on is not None and given.ends_on is not None and on > given.ends_on:
        raise Refusal(
            "grant.days",
            _("The role ends on %(day)s anyway.") % {"day": given.ends_on.isoformat()},
            remedy=_("To prolong it, grant it again."),
            item="on",
        )
    if on is not None and on < given.starts_on:
        raise Refusal(
            "grant.days",
            _("The last day lies before the first."),
            remedy=_("End the role at once instead."),
            item="on",
        )
    if given.trial is None:
        _keep_one(RoleGrant.objects.exclude(pk=given.pk))
    if on is None:
        given.revoked_at = timezone.now()
    else:
        given.ends_on = on
    given.save()
    ended = (
        {"revoked_at": given.revoked_at.isoformat()} if given.revoked_at else {"ends_on": str(given.ends_on)}
    )
    audit.record(
        "grant.ended", on=given, trial=given.trial, site=given.site, changes={**_told(given), **ended}
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


def _found_or_made(email: str, name: str) -> tuple[Person, bool]:
    """The account with an address, and whether it was made just now."""
    email, name = email.strip().lower(), name.strip()
    _check_writing(email, name)
    _check_email(email)
    standing = Person.objects.filter(email=email).first()
    if standing is None:
        return _new_account(email, name), True
    _check_open(standing)
    return standing, False


def _new_account(email: str, name: str) -> Person:
    if not name:
        raise Refusal("person.name", _("Enter the person's name."), item="name")
    person = Person(email=email, name=name)
    person.set_unusable_password()
    return _created(person)


def _created(person: Person) -> Person:
    standing = _("An account with this address exists already.")
    with taken.refused_with(Refusal("person.email", standing, item="email")):
        person.save()
    audit.record("person.created", on=person)
    return person


def _check_writing(email: str, name: str) -> None:
    for item, text in (("email", email), ("name", name)):
        if any(unicodedata.category(character) in _UNWRITTEN for character in text):
            raise Refusal(
                f"person.{item}",
                _("A name and an address stand on one line, without control characters."),
                remedy=_("Type it again."),
                item=item,
            )


def _told(given: RoleGrant) -> dict[str, str]:
    """Which role of whom, for the audit trail: by her address, as accounts are told apart, also by their owners."""
    return {"person": given.person.email, "role": given.role}


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refusal("person.email", " ".join(error.messages), item="email") from error


def _check_password(password: str, person: Person) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refusal("person.password", " ".join(error.messages), item="password") from error


def _check_place(role: str, trial: Trial | None, site: Site | None) -> None:
    definition = ROLES.get(role)
    if definition is None:
        raise Refusal(
            "grant.role",
            _("There is no role %(role)s.") % {"role": role},
            remedy=_("Choose one of the roles offered."),
            item="role",
        )
    given = Scope.INSTALLATION if trial is None else Scope.TRIAL if site is None else Scope.SITE
    if definition.scope is not given:
        raise _wrong_place(definition, given)
    if site is not None and trial is not None and site.trial_id != trial.pk:
        raise Refusal("grant.site", _("That site belongs to another trial."), item="site")


def _wrong_place(role: Role, given: Scope) -> Refusal:
    match role.scope:
        case Scope.INSTALLATION:
            text = _("“%(role)s” is a role over the whole installation.")
            remedy, item = _("Choose no trial and no site."), "trial"
        case Scope.TRIAL if given is Scope.SITE:
            text, remedy, item = _("“%(role)s” is a role in the whole trial."), _("Choose no site."), "site"
        case Scope.TRIAL:
            text, remedy, item = _("“%(role)s” is a role in a trial."), _("Choose the trial."), "trial"
        case Scope.SITE:
            text, remedy, item = _("“%(role)s” is a role at one site."), _("Choose the site."), "site"
    return Refusal("grant.scope", text % {"role": _(role.name)}, remedy=remedy, item=item)


def _check_open(person: Person) -> None:
    if person.is_service or not person.is_active:
        raise Refusal(
            "person.closed",
            _("The account %(email)s is closed and is not used again.") % {"email": person.email},
            remedy=_("Invite the person under another address."),
            item="email",
        )


def _check_not_oneself(person: Person, role: str, trial: Trial | None, by: Person | None) -> None:
    """Nobody gives herself a role in a trial; but who names the administrators may name herself one."""
    if by is None or trial is None or person.pk != by.pk:
        return
    if role != "administrator" or not access.holds(by, Permission.ADMINISTRATOR_GRANT):
        raise Refusal(
            "grant.self",
            _("Nobody gives herself a role in a trial."),
            remedy=_("Ask another administrator to do it."),
            item="email",
        )


def _check_held(person: Person, role: str, trial: Trial | None) -> None:
    """What she ever held in the trial or over the installation counts; over the installation, in any trial."""
    ever = RoleGrant.objects.filter(person=person)
    if trial is not None:
        ever = ever.filter(Q(trial=trial) | Q(trial__isnull=True))
    clash = access.incompatible(role, set(ever.values_list("role", flat=True)))
    if clash:
        raise Refusal(
            "grant.incompatible",
            _("%(role)s and %(other)s may not meet in one person: one of them is blinded.")
            % {"role": _(ROLES[role].name), "other": _(ROLES[clash].name)},
            remedy=_("Grant the role to somebody else."),
            item="role",
        )


def _check_overlap(
    person: Person, role: str, trial: Trial | None, site: Site | None, starts_on: date, ends_on: date | None
) -> None:
    same = RoleGrant.objects.filter(
        person=person, role=role, trial=trial, site=site, revoked_at__isnull=True
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        same = same.filter(starts_on__lte=ends_on)
    held = same.first()
    if held is not None:
        raise Refusal(
            "grant.held",
            _("%(name)s holds this role from %(day)s already.")
            % {"name": person.name, "day": held.starts_on.isoformat()},
            remedy=_("End that one first, or choose days outside it."),
            item="role",
        )


def _hold_system_grants() -> None:
    """Lock the roles over the installation: of two who end each other's, the second sees what the first has done."""
    held = RoleGrant.objects.filter(trial__isnull=True).order_by("pk")
    list(held.select_for_update(no_key=True))


def _keep_one(others: QuerySet[RoleGrant]) -> None:
    """Refuse to leave the installation without anybody who can sign in, today and later, and make administrators."""
    lasting = others.filter(trial__isnull=True, ends_on__isnull=True, person__is_active=True)
    remaining = access.in_force(lasting).select_related("person")
    if not any(given.person.has_usable_password() for given in remaining):
        raise Refusal(
            "grant.last",
            _("This is the last system administrator."),
            remedy=_("Make another one first; she counts once she has chosen her password."),
        )
