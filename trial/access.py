"""The only place that answers "may she?".

Another site's or another trial's object is 404, a missing right is 403, no sign-in leads to the sign-in page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from trial.models import Participant, Person, RoleGrant, Site, Trial
from trial.permissions import Permission
from trial.roles import INCOMPATIBLE, NAMED_BY_INSTALLATION, ROLES

View = Callable[..., HttpResponseBase]


class Over(StrEnum):
    """What a URL speaks about, hence what is loaded through `visible_to` before the view runs."""

    NOTHING = "nothing"
    INSTALLATION = "installation"
    TRIAL = "trial"
    PARTICIPANT = "participant"


@dataclass(frozen=True)
class TrialRoom:
    """A trial as one person sees it: `grants` are hers in this trial, today."""

    trial: Trial
    grants: tuple[RoleGrant, ...]

    def can(self, permission: Permission, *, site_id: int | None = None) -> bool:
        """Whether a grant of the whole trial, or one at that site, carries the permission."""
        return any(
            permission in grant.definition.permissions and (grant.site_id is None or grant.site_id == site_id)
            for grant in self.grants
        )

    def can_somewhere(self, permission: Permission) -> bool:
        """Whether any of her grants here carries the permission."""
        return any(permission in grant.definition.permissions for grant in self.grants)

    @property
    def blinded(self) -> bool:
        """Whether outcomes by arm must stay unknown to her."""
        return not self.can_somewhere(Permission.OUTCOMES_BY_ARM)


def grants_of(person: Any) -> tuple[RoleGrant, ...]:
    """Her grants in force today; read once a request and kept on the person."""
    if not person.is_authenticated:
        return ()
    kept: tuple[RoleGrant, ...] | None = getattr(person, "_grants_today", None)
    if kept is None:
        rows = in_force(RoleGrant.objects.filter(person=person))
        kept = tuple(rows.select_related("trial__protocol", "site").order_by("pk"))
        person._grants_today = kept
    return kept


def in_force(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    """Those of the grants that hold today, by the calendar of UTC: from the first day to the last, unless revoked."""
    today = timezone.now().date()
    begun = grants.filter(starts_on__lte=today, revoked_at__isnull=True)
    return begun.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def site_staff(site: Site) -> list[Person]:
    """Everybody who holds a role at the site today and may sign in, by address."""
    grants = in_force(RoleGrant.objects.filter(site=site, person__is_active=True, person__is_service=False))
    staff = {grant.person.email: grant.person for grant in grants.select_related("person")}
    return [person for _email, person in sorted(staff.items())]


def of_this_trial_only(where: TrialRoom, person: Person) -> bool:
    """Whether somebody never held a role anywhere else: only then may this trial's administrator close her account."""
    return not RoleGrant.objects.filter(person=person).exclude(trial=where.trial).exists()


def named_by_installation(given: RoleGrant) -> bool:
    """Whether a role is one that the system administrator gives and ends."""
    return given.role in NAMED_BY_INSTALLATION


def may_be_shown_link(person: Person, *, trial: Trial | None) -> bool:
    """Whether an administrator of the trial, or of the installation with None, may be shown a link for her account.

    Whoever has the link is that person. So never once she has chosen a password, and only while every role she ever
    held is one that those who ask give themselves; in a trial, none that knows the arms.
    """
    if not person.is_active or person.is_service or person.has_usable_password():
        return False
    held = RoleGrant.objects.filter(person=person)
    if trial is None:
        return not held.exclude(role__in=NAMED_BY_INSTALLATION).exists()
    return all(given.trial_id == trial.pk and not given.definition.tells_arms for given in held)


def rooms(person: Any) -> list[TrialRoom]:
    """The trials she may enter, each with her grants there."""
    grants = grants_of(person)
    trials = {grant.trial.key: grant.trial for grant in grants if grant.trial}
    return [
        TrialRoom(trial, tuple(grant for grant in grants if grant.trial_id == trial.pk))
        for _key, trial in sorted(trials.items())
    ]


def room(person: Any, key: str) -> TrialRoom:
    """Her room in the trial with that key; raises Http404 when she has none."""
    for candidate in rooms(person):
        if candidate.trial.key == key:
            return candidate
    raise Http404


def can(person: Any, permission: Permission, *, trial: Trial, site: Site | None = None) -> bool:
    """May this person do this in this trial (at this site)?"""
    return any(
        candidate.can(permission, site_id=site.pk if site else None)
        for candidate in rooms(person)
        if candidate.trial.pk == trial.pk
    )


def holds(person: Any, permission: Permission) -> bool:
    """Whether a role of hers over the whole installation, not in a trial, carries the permission."""
    grants = (grant for grant in grants_of(person) if grant.trial is None)
    return any(permission in grant.definition.permissions for grant in grants)


def visible_to(where: TrialRoom) -> QuerySet[Participant]:
    """Participants she may see in this trial: all of them, or those of her sites."""
    seen = Participant.objects.filter(trial=where.trial)
    if where.can(Permission.PARTICIPANT_VIEW):
        return seen
    seeing = [g for g in where.grants if Permission.PARTICIPANT_VIEW in g.definition.permissions]
    sites = [grant.site_id for grant in seeing if grant.site_id is not None]
    return seen.filter(site_id__in=sites)


def may_know_arm(where: TrialRoom, *, site: str, alone: bool) -> bool:
    """Whether she may know the arm of a participant of the site with that code.

    Staff of the site may; whoever looks at the whole trial only where the participant stands `alone`, never
    in a list of many, where arms could be counted.
    """
    grants = [g for g in where.grants if Permission.TRACK_VIEW in g.definition.permissions]
    return any(alone if grant.site is None else grant.site.code == site for grant in grants)


def knows_arm_of(where: TrialRoom, participant: Participant) -> bool:
    """Whether she may know the arm of this participant, who stands alone."""
    return may_know_arm(where, site=participant.site.code, alone=True)


def requires(permission: Permission, *, over: Over = Over.NOTHING) -> Callable[[View], View]:
    """Declare a view's permission and load its subject through what the person may see.

    Over.INSTALLATION wants the permission over the installation and passes nothing; Over.TRIAL passes
    `where: TrialRoom`; Over.PARTICIPANT passes `where` and `participant`.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission is Permission.PUBLIC:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return view(request, *args, **_loaded(request.user, permission, over, kwargs))

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.over = over  # type: ignore[attr-defined]
        return guarded

    return declare


def recently_authenticated(view: View) -> View:
    """Ask for the password again when the last proof of it is older than five minutes.

    Who was sending something is told that it was not done; afterwards the page it was sent from opens again.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            told = _(
                "Nothing was done yet. After the password the page opens again: press its button once more."
            )
            messages.info(request, told)
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('account_reauthenticate')}?{query}")

    return guarded


def signed_in(request: HttpRequest) -> Person:
    """The person behind a request that `requires` has let through."""
    return cast(Person, request.user)


def incompatible(role: str, held: set[str]) -> str:
    """The first role already held that may not meet `role` in one person, or ""."""
    return next((other for other in sorted(held) if frozenset((role, other)) in INCOMPATIBLE), "")


def role_names(person: Person) -> list[str]:
    """Names of the roles she holds today, for the page header."""
    return sorted({ROLES[grant.role].name for grant in grants_of(person)})


def _loaded(person: Any, permission: Permission, over: Over, kwargs: dict[str, Any]) -> dict[str, Any]:
    if over is Over.NOTHING:
        return kwargs
    if over is Over.INSTALLATION:
        if not holds(person, permission):
            raise PermissionDenied
        return kwargs
    where = room(person, kwargs.pop("trial"))
    if over is Over.TRIAL:
        if not where.can_somewhere(permission):
            raise PermissionDenied
        return {"where": where, **kwargs}
    if not where.can_somewhere(Permission.PARTICIPANT_VIEW):
        raise PermissionDenied
    found = visible_to(where).select_related("site").filter(label=kwargs.pop("participant")).first()
    if found is None:
        raise Http404
    found.trial = where.trial
    if not where.can(permission, site_id=found.site_id):
        raise PermissionDenied
    return {"where": where, "participant": found, **kwargs}
