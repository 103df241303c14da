"""Writes of floor 0: sites."""

from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from trial import audit
from trial.models import Person, Site, Trial
from trial.refusals import Refusal
from trial.states import SITE, SiteState


@audit.audited
def add(*, trial: Trial, code: str, name: str, time_zone: str = "UTC", by: Person) -> Site:
    """Add an open site. Raises Refusal for an unknown time zone or a code already taken."""
    if time_zone not in available_timezones():
        raise Refusal(
            "site.time_zone",
            _("%(zone)s is not a time zone.") % {"zone": time_zone},
            remedy=_("Use an IANA name such as Asia/Shanghai."),
            item="time_zone",
        )
    if Site.objects.filter(trial=trial, code=code).exists():
        raise Refusal("site.code", _("Site %(code)s exists already.") % {"code": code}, item="code")
    site = Site.objects.create(trial=trial, code=code, name=name, time_zone=time_zone)
    audit.record("site.added", on=site, trial=trial, site=site)
    return site


@audit.audited
def change_state(*, site: Site, to: SiteState, reason: str, by: Person) -> Site:
    """Close a site or open it again. Raises Refusal when that is not a step from its present state."""
    site = Site.objects.select_for_update(of=("self",)).select_related("trial").get(pk=site.pk)
    if to not in SITE[SiteState(site.state)]:
        raise Refusal("site.state", _("The site is %(state)s already.") % {"state": site.state})
    before, site.state = site.state, to
    site.save()
    audit.record("site.state", on=site, trial=site.trial, site=site, changes={"state": [before, to]})
    return site
