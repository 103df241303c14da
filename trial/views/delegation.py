"""Views room of floor 0: people and their roles as tables and facts, the same in a trial and over the installation."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from trial.models import Person, RoleGrant
from trial.roles import ROLES

UrlOf = Callable[[Any], str]


def grant_columns(*, person: bool) -> list[dict[str, Any]]:
    """The headings of a delegation log, with or without who."""
    labels = [_("Person")] if person else []
    labels += [_("Role"), _("Where"), _("First day"), _("Last day"), _("State")]
    return [*({"label": label} for label in labels), {"label": _("Action"), "hidden": True}]


def grant_rows(grants: Iterable[RoleGrant], *, person: UrlOf | None, end: UrlOf) -> list[dict[str, Any]]:
    """One row a grant; `person` and `end` give the address of the person's page and of the page that ends it, or ""."""
    rows = []
    for given in grants:
        url = "" if has_ended(given) else end(given)
        who = (
            [{"text": given.person.name, "url": person(given.person), "note": given.person.email}]
            if person
            else []
        )
        cells = [
            *who,
            _(ROLES[given.role].name),
            _where(given),
            {"date": given.starts_on},
            _last_day(given),
            _state(given),
            {"links": [(_("End"), url)]} if url else "",
        ]
        rows.append({"cells": cells})
    return rows


def has_ended(given: RoleGrant) -> bool:
    """Whether a grant is over, by the calendar of UTC."""
    past = given.ends_on is not None and given.ends_on < timezone.now().date()
    return given.revoked_at is not None or past


def begins_later(given: RoleGrant) -> bool:
    """Whether a grant has not begun, by the calendar of UTC."""
    return given.starts_on > timezone.now().date()


def account_state(person: Person) -> dict[str, str]:
    """Whether an account is open, waits for its password, or is closed."""
    if not person.is_active:
        return {"status": "locked", "label": _("Closed")}
    if not person.has_usable_password():
        return {"status": "due", "label": _("Invited")}
    return {"status": "done", "label": _("Open account")}


def account_facts(person: Person) -> list[tuple[str, str]]:
    """What the page of a person says above her roles."""
    if not person.is_active:
        password = _("closed for good")
    elif person.has_usable_password():
        password = _("chosen")
    else:
        password = _("not chosen yet: she has not used her link")
    return [(_("E-mail address"), person.email), (_("Password"), password)]


def _where(given: RoleGrant) -> str:
    if given.site is not None:
        return str(given.site)
    return _("The whole trial") if given.trial is not None else _("The installation")


def _last_day(given: RoleGrant) -> dict[str, Any]:
    if given.revoked_at is not None:
        return {"time": given.revoked_at}
    return {"date": given.ends_on} if given.ends_on else {"missing": _("no end")}


def _state(given: RoleGrant) -> dict[str, str]:
    if has_ended(given):
        return {"status": "cancelled", "label": _("Ended")}
    if begins_later(given):
        return {"status": "not_due", "label": _("Begins later")}
    if not given.person.is_active:
        return {"status": "locked", "label": _("Account closed")}
    return {"status": "done", "label": _("In force")}
