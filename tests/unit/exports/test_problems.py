"""What a failing API request is told: always problem+json, never what nobody should know."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import NotAcceptable, Throttled

from exports.problems import BadParameters, handler
from outcomes.snapshot_files import Damage, SnapshotChanged


def told(error: Exception) -> tuple[Any, dict[str, Any]]:
    response = handler(error, {})
    assert response is not None
    assert response.headers["Content-Type"] == "application/problem+json"
    return response, json.loads(response.content)


def test_a_changed_snapshot_is_an_error_with_a_remedy() -> None:
    response, problem = told(SnapshotChanged(Damage.FILE, 1, "adtte"))
    assert response.status_code == problem["status"] == 500
    assert problem["type"] == "urn:equipoise:problem:snapshot-changed"
    assert problem["detail"].startswith("The file adtte of snapshot 1 is not the one that was frozen. ")
    assert "administrator" in problem["detail"]


def test_errors_of_django_have_a_problem_too() -> None:
    assert told(Http404("There is no snapshot 9."))[1]["detail"] == "There is no snapshot 9."
    assert told(Http404())[1]["status"] == 404
    assert told(PermissionDenied())[1]["status"] == 403
    assert told(NotAcceptable())[1]["status"] == 406


def test_bad_parameters_are_listed() -> None:
    problem = told(BadParameters([("limit", "Too many."), ("format", "Unknown.")]))[1]
    assert problem["errors"] == [
        {"field": "limit", "message": "Too many."},
        {"field": "format", "message": "Unknown."},
    ]


def test_who_comes_too_often_is_told_when_to_come_back() -> None:
    assert told(Throttled(wait=2.1))[0].headers["Retry-After"] == "3"
    assert told(Throttled(wait=0))[0].headers["Retry-After"] == "60"
    assert told(Throttled())[0].headers["Retry-After"] == "60"


def test_an_unforeseen_error_is_left_to_the_house() -> None:
    assert handler(ZeroDivisionError("a participant's data"), {}) is None
