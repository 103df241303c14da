"""The front door: what happens around signing in, as acts of the audit trail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from trial.actions import people


class Adapter(DefaultAccountAdapter):
    """No sign-up; sign-ins, failures and sign-outs are audited; passwords are set by our action."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        people.note_sign_in(by=user)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            people.note_sign_out(by=request.user)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            # Attempts on a closed account are what an investigator of a break-in looks for.
            people.note_failed_sign_in(email=str(credentials.get("email", "")), reason="too many failures")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        people.note_failed_sign_in(email=str(credentials.get("email", "")))

    def set_password(self, user: Any, password: str) -> None:
        people.set_password(person=user, password=password, by=user)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The library writes to nobody: what people are told by mail are our Notification rows."""
