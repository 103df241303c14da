"""No page asks the database more than its budget, session and user included, for anybody who may see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.test_access_matrix import asked, clients, rows
from tests.world import World

BUDGET = 12


@pytest.mark.shows("SPD-01")
@pytest.mark.parametrize("name", sorted({row["name"] for row in rows() if row["method"] == "GET"}))
def test_a_page_keeps_its_budget(world: World, name: str) -> None:
    spent: dict[str, int] = {}
    for row in [each for each in rows() if each["name"] == name and each["method"] == "GET"]:
        for role, client in clients(world).items():
            if row[role] == "ok":
                path = asked(world, row)
                with CaptureQueriesContext(connection) as queries:
                    client.get(path)
                reads = [q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
                spent[f"{role} {row['path']}"] = len(reads)
    assert {who: count for who, count in spent.items() if count > BUDGET} == {}
