"""The roof's printed documents: who may do what, and who may know an arm."""

from collections.abc import Mapping

from config.documents.markdown import code, page, table
from trial.permissions import Permission
from trial.roles import INCOMPATIBLE, ROLES, Role, Scope

# These two need no role: the first is for anyone, the second for anyone signed in.
WITHOUT_ROLE = (Permission.PUBLIC, Permission.OWN_ACCOUNT)
YES = "yes"


def document() -> str:
    """The tables of `trial/roles.py`."""
    return page(
        "Permissions",
        "A role is granted to a person for a trial, from a day until a day; a site role at one site. A grant of the "
        "whole trial holds at every site. A role over the installation belongs to no trial and opens none.",
        "## Roles",
        roles(ROLES),
        "## Who may do what",
        "`public` is open to anyone, `own_account` to anyone signed in, about nobody but herself. Neither needs a "
        "role.",
        rights(ROLES),
        "## Who may know an arm",
        "*Own site* is the arm of a participant of the site the role is granted at. *One by one* is the arm of any "
        "participant on a page about that participant alone, never in a list, where arms could be counted. A role "
        "without *outcomes by arm* is blinded.",
        arms(ROLES),
        "## Pairs that may not meet in one person",
        "A grant is refused to somebody who holds, or has ever held, the other role of the pair in the same trial; a "
        "role over the installation counts in every trial.",
        pairs(INCOMPATIBLE),
    )


def roles(known: Mapping[str, Role]) -> str:
    """Every role with its scope and its sentence."""
    rows = [(role.name, code(role.key), role.scope.value, role.sentence) for role in known.values()]
    return table(("role", "key", "granted for", "in a sentence"), rows)


def rights(known: Mapping[str, Role]) -> str:
    """A row for each permission, a column for each role."""
    granted = [permission for permission in Permission if permission not in WITHOUT_ROLE]
    rows = [
        (code(permission), *(YES if permission in role.permissions else "" for role in known.values()))
        for permission in granted
    ]
    return table(("permission", *(role.name for role in known.values())), rows)


def arms(known: Mapping[str, Role]) -> str:
    """For each role, where it may learn which arm somebody is in."""
    head = ("role", "own site", "one by one", "outcomes by arm", "arm in a download", "blinded")
    return table(head, [(role.name, *_arms_of(role)) for role in known.values()])


def pairs(incompatible: frozenset[frozenset[str]]) -> str:
    """Every incompatible pair once, in alphabetical order."""
    return "\n".join(f"- {' and '.join(map(code, pair))}" for pair in sorted(map(sorted, incompatible)))


def _arms_of(role: Role) -> tuple[str, ...]:
    sees = Permission.TRACK_VIEW in role.permissions
    answers = (
        sees and role.scope is Scope.SITE,
        sees and role.scope is Scope.TRIAL,
        Permission.OUTCOMES_BY_ARM in role.permissions,
        Permission.TOKEN_READ_ARM in role.permissions,
        role.blinded,
    )
    return tuple(YES if answer else "no" for answer in answers)
