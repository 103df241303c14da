"""Doors of floor 4: what an API request that fails is told, as problem details (RFC 9457)."""

import math
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from outcomes.snapshot_files import SnapshotChanged
from outcomes.wording import damage_sentence

log = structlog.get_logger("equipoise.exports")

MEDIA_TYPE = "application/problem+json"
# Where the throttle itself cannot say how long.
RETRY_AFTER = 60


class BadParameters(exceptions.APIException):
    """Query parameters that cannot be served; `errors` is a list of field and message."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "parameters.wrong"

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(detail=_("The request's parameters cannot be served."))
        self.errors = errors


def handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: problem+json for everything that has a status, None (a 500) for the rest.

    Always JSON, whatever format was asked for: a program must not take an error for data.
    """
    known = _known(error)
    if known is None:
        return None
    problem: dict[str, Any] = {
        "type": f"urn:equipoise:problem:{_code(known)}",
        "title": HTTPStatus(known.status_code).phrase,
        "status": int(known.status_code),
        "detail": str(known.detail),
    }
    if isinstance(known, BadParameters):
        problem["errors"] = [{"field": field, "message": message} for field, message in known.errors]
    return JsonResponse(problem, status=known.status_code, content_type=MEDIA_TYPE, headers=_headers(known))


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        words = str(error) or _("There is nothing at this address that this token may read.")
        return exceptions.NotFound(words)
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, SnapshotChanged):
        log.error("snapshot changed")
        words = _("%(what)s Nothing was sent. Tell the trial's administrator.") % {
            "what": damage_sentence(error)
        }
        return exceptions.APIException(words, code="snapshot.changed")
    return None


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return (codes if isinstance(codes, str) else error.default_code).replace(".", "-").replace("_", "-")


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    challenge = getattr(error, "auth_header", "")
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.Throttled):
        wait = getattr(error, "wait", None) or RETRY_AFTER
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return headers
