"""One-time links: whoever holds one may choose the password of an account, once, for HOURS.

Django's token of password resets: an HMAC over the person's key, address, password and the time, under SECRET_KEY.
A chosen password changes what it covers, so it works once. It is made when needed and stored nowhere.
"""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from trial.models import Person


class OneTime(PasswordResetTokenGenerator):
    """Tokens of this purpose only: another use of Django's generator would make others."""

    key_salt = "trial.links.OneTime"


_tokens = OneTime()
HOURS = settings.PASSWORD_RESET_TIMEOUT // 3600


def make(person: Person) -> str:
    """The whole address of a new one-time link for a person. Never log it, never store it."""
    uid = urlsafe_base64_encode(str(person.pk).encode())
    return address(reverse("welcome", args=[uid, _tokens.make_token(person)]))


def address(path: str) -> str:
    """The whole address of a page, as people reach it."""
    return f"{settings.PUBLIC_URL}{path}"


def holder(uid: str, token: str) -> Person | None:
    """The person whom an unused link of the last HOURS belongs to; None for every other."""
    try:
        key = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    person = Person.objects.filter(pk=key, is_active=True, is_service=False).first()
    return person if person is not None and fits(person, token) else None


def fits(person: Person, token: str) -> bool:
    """Whether the token was made for the person as she is now, no longer than HOURS ago."""
    return _tokens.check_token(person, token)
