"""Tests: asking the API with a token, as a program does."""

from typing import Any

from django.test import Client

from exports import actions
from exports.models import ApiToken
from exports.secrets import Scope
from tests.world import TRIAL, World

DATA, META, ARM = Scope.READ_DATA, Scope.READ_METADATA, Scope.READ_ARM


def token(world: World, role: str, *scopes: Scope, name: str = "test", **more: Any) -> tuple[ApiToken, str]:
    """A token of the person of a role, with its secret."""
    return actions.make(trial=world.trial, name=name, scopes=scopes or (DATA,), by=world.person(role), **more)


def fetch(secret: str, what: str = "adtte/", *, trial: str = TRIAL, **headers: str) -> Any:
    """The API's answer."""
    return Client().get(
        f"/api/v1/trials/{trial}/{what}", headers={"Authorization": f"Bearer {secret}", **headers}
    )
