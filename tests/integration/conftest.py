"""Tests: the database of the journeys holds the world; each test sees it whole and its changes are rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import Client

from tests import salvage
from tests import world as worlds
from tests.integration.guards import writes_come_from_actions
from tests.integration.pages import client_of
from tests.unit.trial import protocol_files
from trial.actions import people, protocols, sites
from trial.models import Trial
from trial.protocol.loader import load_files


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> worlds.World:
    """The database of pytest-django, filled once."""
    # Hashing a password for real costs a tenth of a second; the world has sixteen people.
    get_hasher().time_cost = 1
    with django_db_blocker.unblock():
        return worlds.build()


@pytest.fixture
def only_actions_write(db: None) -> Iterator[None]:
    """Fails the test at the first write on our tables that no action makes. A module of planted faults overrides it."""
    with connection.execute_wrapper(writes_come_from_actions):
        yield


@pytest.fixture
def world(only_actions_write: None, django_db_setup: worlds.World) -> worlds.World:
    """Two trials, two sites each, a dozen participants, every role."""
    return django_db_setup


@pytest.fixture
def sign_in(world: worlds.World) -> Any:
    """A client signed in as the person of a role: `sign_in("coordinator", site="02")`."""

    def signed_in(role: str, **where: str) -> Client:
        client = Client()
        client.force_login(world.person(role, **where))
        return client

    return signed_in


@pytest.fixture
def main_trial(only_actions_write: None) -> Trial:
    """The main trial with its randomization opened, without participants."""
    return salvage.open_trial()


@pytest.fixture
def small_trial(only_actions_write: None) -> Trial:
    """A small trial by permuted blocks, no demonstration, its randomization not opened yet."""
    by = people.service_identity(name="SMALL")
    trial = protocols.activate(loaded=load_files(protocol_files.FILES), by=by).trial
    sites.add(trial=trial, code="01", name="One", by=by)
    return trial


@pytest.fixture
def as_role(main_trial: Trial) -> Any:
    """A client signed in as a person of the main trial: `as_role("coordinator", site="02")`."""

    return client_of


@pytest.fixture
def with_password(as_role: Any) -> Any:
    """A client signed in as a person who has a password."""

    def signed_in(role: str, **where: str) -> Client:
        person = salvage.person(role, **where)
        people.set_password(person=person, password=worlds.PASSWORD, by=None)
        return as_role(role, **where)

    return signed_in


@pytest.fixture
def proven(with_password: Any) -> Any:
    """A client whose person has just given the password again."""

    def signed_in(role: str, **where: str) -> Client:
        client = with_password(role, **where)
        client.post("/account/confirm/", {"password": worlds.PASSWORD})
        return client

    return signed_in
