"""Writes of floor 4: making, using and revoking API tokens, and noting what left the building."""

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from exports.models import ApiToken, TokenUse
from exports.secrets import DEFAULT_DAYS, LONGEST_DAYS, Scope, digest, make_secret
from outcomes.models import Snapshot
from trial import access, audit
from trial.models import Person, Site, Trial
from trial.permissions import Permission
from trial.refusals import Refusal


@audit.audited
def make(
    *,
    trial: Trial,
    name: str,
    scopes: Collection[Scope],
    days: int = DEFAULT_DAYS,
    site: Site | None = None,
    by: Person,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is kept nowhere and cannot be shown again.

    Raises Refusal without the right, for `read:arm` in blinded hands, no scope, a name taken, a foreign
    site or a life of more than a year.
    """
    _refuse_wrong_hands(trial, set(scopes), by)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refusal(
            "token.days",
            _("A token lives between 1 and %(longest)s days.") % {"longest": LONGEST_DAYS},
            remedy=_("Choose fewer days and make a new one when it has expired."),
            item="days",
        )
    if site is not None and site.trial_id != trial.pk:
        raise Refusal("token.site", _("That site belongs to another trial."), item="site")
    if ApiToken.objects.filter(person=by, trial=trial, name=name).exists():
        raise Refusal(
            "token.name",
            _("You have a token of this name already."),
            remedy=_("Names are not used again: choose another."),
            item="name",
        )
    secret, now = make_secret(), timezone.now()
    token = ApiToken.objects.create(
        person=by,
        trial=trial,
        site=site,
        name=name,
        digest=digest(secret),
        scopes=sorted(scopes),
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    said = {"name": name, "scopes": token.scopes, "expires_at": token.expires_at.isoformat()}
    audit.record("token.made", on=token, trial=trial, site=site, changes=said)
    return token, secret


@audit.audited
def revoke(*, token: ApiToken, by: Person) -> ApiToken:
    """End a token now; revoking it again changes nothing."""
    token = (
        ApiToken.objects.select_for_update(of=("self",), no_key=True)
        .select_related("trial", "site")
        .get(pk=token.pk)
    )
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save()
        said = {"name": token.name}
        audit.record("token.revoked", on=token, trial=token.trial, site=token.site, changes=said)
    return token


@audit.audited
def note_use(*, token: ApiToken, by: Person) -> None:
    """Remember that a token is used now. No act of its own: what it fetches is one."""
    TokenUse.objects.update_or_create(token=token, defaults={"at": timezone.now()})


@audit.audited
def note_download(
    *, token: ApiToken, snapshot: Snapshot | None, what: str, form: str, rows: int, by: Person
) -> None:
    """Record that data left the building: what, how much, from which snapshot, with which token."""
    changes = {
        "what": what,
        "format": form,
        "rows": rows,
        "snapshot": snapshot.number if snapshot else None,
        "token": token.pk,
        "scopes": token.scopes,
    }
    audit.record("data.downloaded", on=token, trial=token.trial, site=token.site, changes=changes)


def _refuse_wrong_hands(trial: Trial, scopes: set[Scope], by: Person) -> None:
    if not scopes:
        raise Refusal("token.scopes", _("A token needs at least one scope."), item="scopes")
    if not access.can(by, Permission.TOKEN_MAKE, trial=trial):
        raise Refusal("token.right", _("Your role in this trial may not make tokens."))
    if Scope.READ_ARM in scopes and not access.can(by, Permission.TOKEN_READ_ARM, trial=trial):
        raise Refusal(
            "token.blinded",
            _("A blinded role cannot hold a token that reads the arm."),
            remedy=_("Make the token without read:arm."),
            item="scopes",
        )
