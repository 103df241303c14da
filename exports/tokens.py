"""Doors of floor 4: who an API request speaks for."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from exports import selectors
from exports.models import ApiToken
from exports.secrets import digest
from trial.models import Person


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Bearer eqp_…`; `request.auth` becomes the ApiToken, `request.user` its person.

    Raises AuthenticationFailed (401) for a token unknown, revoked, expired or of a disabled person.
    """

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[Person, ApiToken]:
        token = selectors.token_by_digest(digest(key))
        if token is None:
            raise _failed("token.unknown", _("This token is not known. Copy it whole, with its prefix eqp_."))
        if token.revoked_at is not None:
            raise _failed("token.revoked", _("This token was revoked. Make a new one."))
        if token.expires_at <= timezone.now():
            raise _failed("token.expired", _("This token has expired. Make a new one."))
        if not token.person.is_active:
            raise _failed("token.disabled", _("The account of this token is disabled."))
        return token.person, token


def _failed(code: str, words: Any) -> AuthenticationFailed:
    return AuthenticationFailed(detail=words, code=code)
