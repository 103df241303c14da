"""No page asks the database more than its budget, session and user included, for anybody who may see it."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.integration.pages import BUDGET
from tests.integration.test_access_matrix import COLUMNS, asked, clients, rows
from tests.world import World
from trial.actions import people


@pytest.mark.shows("SPD-01")
@pytest.mark.parametrize("name", sorted({row["name"] for row in rows() if row["method"] == "GET"}))
def test_a_page_keeps_its_budget(world: World, name: str) -> None:
    spent: dict[str, int] = {}
    for row in [each for each in rows() if each["name"] == name and each["method"] == "GET"]:
        path = asked(world, row)
        for role, client in clients(world, (column for column in COLUMNS if row[column] == "ok")).items():
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            reads = [q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
            spent[f"{role} {row['path']}"] = len(reads)
    assert {who: count for who, count in spent.items() if count > BUDGET} == {}


@pytest.mark.shows("SPD-01")
@pytest.mark.parametrize("role", ["data_manager", "unblinded_statistician"])
def test_home_keeps_its_budget_for_somebody_in_two_trials(world: World, role: str) -> None:
    her = world.person(role)
    by = people.service_identity(name="IMPORT")
    people.grant(person=her, trial=world.other_trial, role=role, starts_on=date(2020, 1, 1), by=by)
    client = Client()
    client.force_login(her)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    assert len(queries) <= BUDGET
