"""Doors of floor 4: whether a token may do what a request asks, today."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from exports.models import ApiToken
from exports.secrets import Scope
from trial.access import TrialRoom, rooms
from trial.permissions import Permission


def admit(token: ApiToken, *, trial: str, permission: Permission, scope: Scope) -> TrialRoom:
    """The room of the token's person in the trial, looked at anew at each request.

    Raises Http404 for another trial than the token's, PermissionDenied when her grants or the token's scopes
    do not cover the request, or when the token reads the arm and her role may no longer do so.
    """
    if token.trial.key != trial:
        raise Http404
    where = next((known for known in rooms(token.person) if known.trial.pk == token.trial_id), None)
    if where is None:
        raise PermissionDenied(_("The role this token was made under has ended."))
    if not where.can(permission):
        raise PermissionDenied(_("The role of this token's owner does not allow this."))
    if scope not in token.scopes:
        words = _("This token lacks the scope %(scope)s. Make one that has it.")
        raise PermissionDenied(words % {"scope": scope})
    if Scope.READ_ARM in token.scopes and not where.can(Permission.TOKEN_READ_ARM):
        raise PermissionDenied(
            _("This token reads the arm, which its owner's role may not. Revoke it and make another.")
        )
    return where


def reads_arm(token: ApiToken) -> bool:
    """Whether the token may see which arm a participant is in."""
    return Scope.READ_ARM in token.scopes
