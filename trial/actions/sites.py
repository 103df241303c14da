"""Writes of floor 0: sites."""

import re
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from trial import audit
from trial.actions import reasons, taken
from trial.models import Person, Site, Trial
from trial.refusals import Refusal
from trial.states import SITE, SiteState

# Codes stand in labels of participants, in addresses of pages, in strata and in exports; the page that adds a site has
# an address of its own.
CODE = re.compile(r"(?!add$)[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


@audit.audited
def add(
    *, trial: Trial, code: str, name: str, time_zone: str = "UTC", cap: int | None = None, by: Person
) -> Site:
    """Add an open site; `cap` is the most participants it may randomize, None for no limit.

    Raises Refusal for a code that is malformed or taken, a name left empty, an unknown time zone, a cap below one.
    """
    if not CODE.fullmatch(code):
        raise Refusal(
            "site.code",
            _("“%(code)s” cannot be the code of a site.") % {"code": code},
            remedy=_("Use letters, digits, - and _, first a letter or digit, at most 20."),
            item="code",
        )
    _check_name(name)
    _check_time_zone(time_zone)
    _check_cap(cap)
    standing = _("Site %(code)s exists already.") % {"code": code}
    with taken.refused_with(Refusal("site.code", standing, item="code")):
        site = Site.objects.create(trial=trial, code=code, name=name.strip(), time_zone=time_zone, cap=cap)
    audit.record("site.added", on=site, trial=trial, site=site)
    return site


@audit.audited
def describe(*, site: Site, name: str, time_zone: str, reason: str, by: Person) -> Site:
    """Correct a site's name, and its time zone while it has no participants.

    Raises Refusal for a name left empty or an unknown time zone, and for another time zone later: the days of its
    participants were told by the old one.
    """
    reasons.require(reason)
    site = locked(site)
    _check_name(name)
    _check_time_zone(time_zone)
    if time_zone != site.time_zone and site.participants.exists():
        raise Refusal(
            "site.time_zone_used",
            _("The site has participants: their days were told by the clock of %(zone)s.")
            % {"zone": site.time_zone},
            remedy=_("Leave the time zone as it is."),
            item="time_zone",
        )
    changes = {"name": [site.name, name.strip()], "time_zone": [site.time_zone, time_zone]}
    site.name, site.time_zone = name.strip(), time_zone
    site.save()
    changed = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    audit.record("site.described", on=site, trial=site.trial, site=site, changes=changed)
    return site


@audit.audited
def change_cap(*, site: Site, cap: int | None, reason: str, by: Person) -> Site:
    """Set the most participants the site may randomize, None for no limit; those randomized stay. Raises Refusal."""
    reasons.require(reason)
    site = locked(site)
    _check_cap(cap)
    before, site.cap = site.cap, cap
    site.save()
    audit.record("site.cap", on=site, trial=site.trial, site=site, changes={"cap": [before, cap]})
    return site


@audit.audited
def change_state(*, site: Site, to: SiteState, reason: str, by: Person) -> Site:
    """Close a site or open it again. Raises Refusal when that is not a step from its present state."""
    reasons.require(reason)
    site = locked(site)
    if to not in SITE[SiteState(site.state)]:
        is_open = site.state == SiteState.OPEN
        said = _("Site %(code)s is open already.") if is_open else _("Site %(code)s is closed already.")
        raise Refusal(
            "site.state",
            said % {"code": site.code},
            remedy=_("Look at the list of sites: somebody else may have done it."),
        )
    before, site.state = site.state, to
    site.save()
    audit.record("site.state", on=site, trial=site.trial, site=site, changes={"state": [before, to]})
    return site


def locked(site: Site) -> Site:
    """The site's row as it is now, held until the transaction ends."""
    return Site.objects.select_for_update(of=("self",), no_key=True).select_related("trial").get(pk=site.pk)


def _check_name(name: str) -> None:
    if not name.strip():
        raise Refusal("site.name", _("A site needs a name."), item="name")


def _check_time_zone(time_zone: str) -> None:
    if time_zone not in available_timezones():
        raise Refusal(
            "site.time_zone",
            _("%(zone)s is not a time zone.") % {"zone": time_zone},
            remedy=_("Use an IANA name such as Asia/Shanghai."),
            item="time_zone",
        )


def _check_cap(cap: int | None) -> None:
    if cap is not None and cap < 1:
        raise Refusal(
            "site.cap",
            _("%(cap)s cannot be the most participants of a site.") % {"cap": cap},
            remedy=_("Enter a number from 1, or nothing for no limit."),
            item="cap",
        )
