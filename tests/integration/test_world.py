"""Tests: the small world stands, and the audit trail of everything that made it holds."""

from tests.world import DOZEN, World
from trial import audit
from trial.models import Act, Participant, RoleGrant


def test_the_world_is_built_through_actions_only(world: World) -> None:
    assert Participant.objects.filter(trial=world.trial).count() == DOZEN
    assert RoleGrant.objects.filter(trial=world.trial).count() == 9
    assert Act.objects.filter(chain=world.trial.key, verb="participant.allocated").count() == DOZEN
    assert audit.verify() == []


def test_every_endpoint_of_the_world_has_one_result(world: World) -> None:
    assert {world.result(endpoint).analysis.state for endpoint in ("DFS", "LRR", "OS")} == {"done"}
