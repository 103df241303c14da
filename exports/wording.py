"""Views room of floor 4: the words of tokens."""

from datetime import datetime

from django.utils.translation import gettext as _

from exports.models import ApiToken
from exports.secrets import Scope


def token_state(token: ApiToken, *, now: datetime) -> tuple[str, str, str, str]:
    """A token's state, its word, and the tone and icon of its badge."""
    if token.revoked_at is not None:
        return "revoked", _("Revoked"), "neutral", "cross"
    if token.expires_at <= now:
        return "expired", _("Expired"), "neutral", "clock"
    return "in_force", _("In force"), "ok", "check"


def scope_sentence(scope: Scope) -> str:
    """What a scope lets a token read."""
    return {
        Scope.READ_DATA: _(
            "read:data – participants and times to event of frozen snapshots, without the arm"
        ),
        Scope.READ_METADATA: _("read:metadata – what the columns mean"),
        Scope.READ_ARM: _("read:arm – adds the arm to the data, and opens results by arm"),
    }[scope]
