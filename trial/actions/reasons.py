"""Writes of floor 0: changes that nobody makes without saying why."""

from django.utils.translation import gettext as _

from trial.refusals import Refusal


def require(reason: str) -> None:
    """Return when a reason was given. Raises Refusal."""
    if not reason.strip():
        raise Refusal(
            "reason.missing",
            _("This change needs a reason."),
            remedy=_("Say why; it is kept in the audit trail."),
            item="reason",
        )
