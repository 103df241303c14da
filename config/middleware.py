"""Doors of the roof: the doorkeeper that refuses undeclared views, and the request log."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from config.purpose import contradiction, standing_purpose
from trial.access import signed_in
from trial.actions import people
from trial.permissions import Permission

log = structlog.get_logger("equipoise.requests")

Answer = Callable[[HttpRequest], HttpResponse]

# Views of libraries that cannot carry our decorator: the name of the URL → the permission it stands under.
DECLARED: dict[str, Permission] = {
    "account_login": Permission.PUBLIC,
    "account_logout": Permission.OWN_ACCOUNT,
    "account_inactive": Permission.PUBLIC,
    "account_reauthenticate": Permission.OWN_ACCOUNT,
    "account_change_password": Permission.OWN_ACCOUNT,
    "usersessions_list": Permission.OWN_ACCOUNT,
    "set_language": Permission.PUBLIC,
    "static": Permission.PUBLIC,
}


class Doorkeeper:
    """Refuses every view that declares no permission; signed-out people reach public views only."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = match.url_name if match else ""
        permission = getattr(view, "permission", None) or DECLARED.get(name or "")
        if permission is None:
            log.error("view without permission", route=match.route if match else "")
            raise PermissionDenied
        if permission is Permission.PUBLIC or getattr(view, "authenticates_itself", False):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return None


class OnePurpose:
    """Serves nothing from a database made for something else; asks until the database has said what it is for."""

    def __init__(self, answer: Answer) -> None:
        if not settings.PURPOSE:
            raise MiddlewareNotUsed
        self.answer = answer
        self.agreed = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.agreed:
            standing = standing_purpose()
            wrong = contradiction(standing)
            if wrong:
                log.error("wrong database", sentence=wrong)
                return render(request, "503.html", {"sentence": wrong}, status=HTTPStatus.SERVICE_UNAVAILABLE)
            self.agreed = bool(standing)
        return self.answer(request)


class SessionClock:
    """Ends a session that nobody has used for half an hour, or that began twelve hours ago; either is an act."""

    BEGAN, SEEN = "clock_began", "clock_seen"
    # Writing the session at every request would cost each page a write for nothing.
    EVERY = 60

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            began, seen = (request.session.get(name, now) for name in (self.BEGAN, self.SEEN))
            if now - seen > settings.SESSION_IDLE_SECONDS:
                self._end(request, "idle")
            elif now - began > settings.SESSION_COOKIE_AGE:
                self._end(request, "too long")
            elif self.BEGAN not in request.session or now - seen >= self.EVERY:
                request.session.update({self.BEGAN: began, self.SEEN: now})
        return self.answer(request)

    def _end(self, request: HttpRequest, reason: str) -> None:
        people.note_sign_out(by=signed_in(request), reason=reason)
        logout(request)


class RequestLog:
    """One line a request: route, not path, since paths hold participant labels."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = self.answer(request)
        if not request.path.startswith(settings.STATIC_URL):
            match = request.resolver_match
            log.info(
                "request",
                method=request.method,
                route=match.route if match else "",
                status=response.status_code,
                ms=round(1000 * (time.monotonic() - started)),
            )
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        if isinstance(error, Http404 | PermissionDenied):
            return
        match = request.resolver_match
        log.exception("request failed", route=match.route if match else "")
