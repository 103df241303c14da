"""Views room of floor 4: the words of tokens."""

from datetime import datetime

from django.utils.translation import gettext as _

from exports.models import ApiToken
from exports.secrets import Scope


def token_badge(token: ApiToken, *, now: datetime) -> dict[str, str]:
    """A token's state as a cell of components/cell.html, in the looks of the states it is closest to."""
    if token.revoked_at is not None:
        return {"status": "cancelled", "label": _("Revoked")}
    if token.expires_at <= now:
        return {"status": "queued", "label": _("Expired")}
    return {"status": "done", "label": _("In force")}


def scope_sentence(scope: Scope) -> str:
    """What a scope lets a token read."""
    return {
        Scope.READ_DATA: _(
            "read:data – participants and times to event of frozen snapshots, without the arm"
        ),
        Scope.READ_METADATA: _("read:metadata – what the columns mean"),
        Scope.READ_ARM: _("read:arm – adds the arm to the data, and opens results by arm"),
    }[scope]
