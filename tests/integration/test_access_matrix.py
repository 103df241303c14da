"""Every URL, for every role, at its own and another site, in its own and another trial, as the matrix says."""

import csv
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.world import OTHER_TRIAL, TRIAL, World
from trial import roles
from trial.models import RoleGrant
from trial.permissions import Permission
from trial.roles import ROLES, Scope

MATRIX = Path(__file__).parent / "access_matrix.csv"
WITHOUT_OTHER = {"own", "installation", "without a token"}
SIGN_IN, AGAIN = "/account/sign-in/", "/account/confirm/"


def rows() -> list[dict[str, str]]:
    with MATRIX.open() as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


COLUMNS = ("anonymous", *ROLES)


def clients(world: World, columns: Iterable[str] = COLUMNS) -> dict[str, Client]:
    """A client for each of these columns of the matrix."""
    found = {column: Client() for column in columns}
    for column, client in found.items():
        if column != "anonymous":
            client.force_login(world.person(column))
    return found


def asked(world: World, row: dict[str, str]) -> str:
    """The path of a row, with the world's own things in its places."""
    return row["path"].format(
        trial=TRIAL,
        other_trial=OTHER_TRIAL,
        here=world.participant(site="01").label,
        there=world.participant(site="02").label,
        other=world.participant(trial=OTHER_TRIAL).label,
        result=world.result("DFS").pk,
        person=world.person("coordinator").pk,
        grant=RoleGrant.objects.get(person=world.person("coordinator")).pk,
        stranger=world.person("coordinator", trial=OTHER_TRIAL).pk,
    )


def answered(client: Client, method: str, path: str) -> str:
    """The answer in the words of the matrix."""
    response = client.generic(method, path)
    where = response.headers.get("Location", "")
    if response.status_code == 302 and where.startswith(SIGN_IN):
        return "in"
    if response.status_code == 302 and where.startswith(AGAIN):
        return "again"
    return "ok" if response.status_code in (200, 302, 303, 400, 422) else str(response.status_code)


def differences(world: World, *, only: str = "") -> list[str]:
    """Where the house answers otherwise than the matrix, for every column or one."""
    signed_in = clients(world, (only,) if only else COLUMNS)
    found = []
    for row in rows():
        path = asked(world, row)
        for role, client in signed_in.items():
            if row["name"] == "account_logout" and role != "anonymous":
                continue
            answer = answered(client, row["method"], path)
            if answer != row[role]:
                found.append(
                    f"{row['method']} {row['path']} as {role}: {answer}, the matrix says {row[role]}"
                )
    return found


@pytest.mark.shows("ACC-01", "ACC-02")
def test_the_house_answers_as_the_matrix_says(world: World) -> None:
    assert differences(world) == []


@pytest.mark.shows("ACC-01")
def test_every_url_stands_in_the_matrix() -> None:
    def names(patterns: list[Any]) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                found |= names(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                assert pattern.name, f"{pattern.pattern} has no name"
                found.add(pattern.name)
        return found

    assert {row["name"] for row in rows()} == names(get_resolver().url_patterns)


@pytest.mark.shows("ACC-01")
def test_every_page_of_a_trial_is_tried_from_another_trial() -> None:
    own = {row["name"] for row in rows() if row["whose"] not in WITHOUT_OTHER}
    other = {row["name"] for row in rows() if row["whose"] == "other trial"}
    assert own == other


# A page's right granted to a role that lacks it, or taken from one that has it, must show in the matrix.
# Not yet asked for by any page: importing, pooled outcomes.
UNUSED = {
    Permission.PUBLIC,
    Permission.OWN_ACCOUNT,
    Permission.DATA_IMPORT,
    Permission.OUTCOMES_POOLED,
    # Granted to a token: tested with the API.
    Permission.TOKEN_READ_ARM,
}
# Whoever may not see participants gains nothing by the right to write about them: no answer can change.
NEEDS_PARTICIPANTS = {
    Permission.FORM_ENTER,
    Permission.FORM_CORRECT,
    Permission.RANDOMIZE,
    Permission.TRACK_VIEW,
}


# Asked for over the installation; a role in a trial gains nothing by it, nor the other way round.
OF_INSTALLATION = {Permission.PROTOCOL_ACTIVATE, Permission.ADMINISTRATOR_GRANT}
OF_BOTH = {Permission.OUTBOX_VIEW}


def _observable(role: str, permission: Permission) -> bool:
    if ROLES[role].scope is Scope.INSTALLATION:
        return permission in OF_INSTALLATION | OF_BOTH
    if permission in OF_INSTALLATION:
        return False
    sees = Permission.PARTICIPANT_VIEW in ROLES[role].permissions
    return permission not in UNUSED and (sees or permission not in NEEDS_PARTICIPANTS)


MUTATIONS = [
    (role, permission) for role in ROLES for permission in Permission if _observable(role, permission)
]


@pytest.mark.shows("ACC-02")
@pytest.mark.parametrize(("role", "permission"), MUTATIONS[::5], ids=lambda value: str(value))
def test_a_changed_grant_is_caught_by_the_matrix(
    world: World, monkeypatch: pytest.MonkeyPatch, role: str, permission: Permission
) -> None:
    _mutate(monkeypatch, role, permission)
    assert differences(world, only=role) != []


@pytest.mark.drill
@pytest.mark.shows("ACC-02")
@pytest.mark.parametrize(("role", "permission"), MUTATIONS, ids=lambda value: str(value))
def test_every_changed_grant_is_caught_by_the_matrix(
    world: World, monkeypatch: pytest.MonkeyPatch, role: str, permission: Permission
) -> None:
    _mutate(monkeypatch, role, permission)
    assert differences(world, only=role) != []


def _mutate(monkeypatch: pytest.MonkeyPatch, role: str, permission: Permission) -> None:
    definition = roles.ROLES[role]
    mutated = dataclasses.replace(definition, permissions=definition.permissions ^ {permission})
    monkeypatch.setitem(roles.ROLES, role, mutated)
