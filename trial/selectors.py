"""Reads of floor 0."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from trial.access import TrialRoom, in_force, visible_to
from trial.models import (
    Act,
    Installation,
    Notification,
    Participant,
    Person,
    ProtocolVersion,
    RoleGrant,
    Site,
    Trial,
)
from trial.permissions import Permission
from trial.protocol.loader import load_files
from trial.protocol.schema import Protocol

# The file that says how public data are brought in.
IMPORTS = "imports.yaml"

_parsed: dict[str, Protocol] = {}


def version_in_force(trial: Trial) -> ProtocolVersion:
    """The protocol text in force. Raises LookupError before activation."""
    if trial.protocol is None:
        raise LookupError(f"{trial.key} has no activated protocol")
    return trial.protocol


def version_at(trial: Trial, at: datetime) -> ProtocolVersion | None:
    """The protocol text that was in force at a moment, None before the first activation."""
    return ProtocolVersion.objects.filter(trial=trial, activated_at__lte=at).order_by("number").last()


def protocol_of(trial: Trial) -> Protocol:
    """The protocol in force, parsed once per text and process. Raises LookupError before activation."""
    return parsed(version_in_force(trial))


def parsed(version: ProtocolVersion) -> Protocol:
    """A protocol version's text as objects, parsed once per text and process."""
    if version.sha256 not in _parsed:
        _parsed[version.sha256] = load_files(version.files).protocol
    return _parsed[version.sha256]


@lru_cache(maxsize=64)
def protocol_version(pk: int) -> ProtocolVersion:
    """A protocol version by key; immutable, so it is kept."""
    return ProtocolVersion.objects.get(pk=pk)


def purpose() -> str:
    """What this database is for, "" while it has not been said."""
    return Installation.objects.values_list("purpose", flat=True).first() or ""


def trials_by_key() -> dict[str, Trial]:
    """Every trial here with the protocol in force, its text left aside."""
    rows = Trial.objects.select_related("protocol").defer("protocol__files").order_by("key")
    return {trial.key: trial for trial in rows}


def is_synthetic(trial: Trial) -> bool:
    """Whether a demonstration's participants were invented: its protocol has no data to import."""
    return trial.is_demo and trial.protocol is not None and IMPORTS not in trial.protocol.files


def holds_synthetic() -> bool:
    """Whether any trial here is one of invented participants."""
    demos = Trial.objects.filter(is_demo=True, protocol__isnull=False)
    return demos.exclude(protocol__files__has_key=IMPORTS).exists()


def visible_sites(where: TrialRoom) -> QuerySet[Site]:
    """The sites she may see, by code."""
    rows = Site.objects.filter(trial=where.trial)
    if not where.can(Permission.TRIAL_VIEW):
        rows = rows.filter(pk__in=[grant.site_id for grant in where.grants])
    return rows.order_by("code")


def managed_sites(trial: Trial) -> QuerySet[Site]:
    """Every site of the trial, each with `participant_count` and `randomized_count`."""
    randomized = Count("participants", filter=Q(participants__randomized_at__isnull=False))
    rows = Site.objects.filter(trial=trial)
    return rows.annotate(participant_count=Count("participants"), randomized_count=randomized).order_by(
        "code"
    )


def grants_in_force(trial: Trial) -> QuerySet[RoleGrant]:
    """The roles of the trial that hold today in the hands of people whose accounts are open."""
    return in_force(RoleGrant.objects.filter(trial=trial, person__is_active=True))


def delegation_log(trial: Trial) -> QuerySet[RoleGrant]:
    """Every grant of the trial that was ever given, newest first day first."""
    rows = RoleGrant.objects.filter(trial=trial).select_related("person", "site", "trial")
    return rows.order_by("-starts_on", "person__name", "pk")


def trials_of(person: Person) -> list[Trial]:
    """Every trial in which somebody holds or held a role, by key."""
    return list(Trial.objects.filter(grants__person=person).distinct().order_by("key"))


def accounts() -> QuerySet[Person]:
    """Everybody who may have an account, by name, with her `grants` and their trials and sites."""
    grants = RoleGrant.objects.select_related("trial", "site").order_by("-starts_on", "pk")
    return (
        Person.objects.filter(is_service=False)
        .order_by("name", "pk")
        .prefetch_related(Prefetch("grants", grants))
    )


def outbox(trial: Trial | None) -> QuerySet[Notification]:
    """Messages of a trial, or of the whole installation, newest first; what they say stays out."""
    rows = (
        Notification.objects.defer("context").select_related("to", "trial").order_by("-requested_at", "-pk")
    )
    return rows if trial is None else rows.filter(trial=trial)


def sites_with(where: TrialRoom, permission: Permission) -> list[Site]:
    """The sites of the trial at which she holds a permission, by code."""
    return [site for site in sites(where.trial) if where.can(permission, site_id=site.pk)]


def next_labels(trial: Trial, codes: Iterable[str]) -> dict[str, str]:
    """The next free label of each site, by its code: the code and the number after the highest, `01-0042`.

    It has as many digits as that one, four where the site has none yet.
    """
    taken = Participant.objects.filter(trial=trial).values_list("label", flat=True)
    highest: dict[str, tuple[int, int]] = {}
    for code, _dash, digits in (each.rpartition("-") for each in taken):
        # More digits are no counted number but a date, or one that came from elsewhere.
        if re.fullmatch("[0-9]{1,6}", digits):
            highest[code] = max(highest.get(code, (0, 0)), (int(digits), len(digits)))
    free = {code: highest.get(code, (0, 4)) for code in codes}
    return {code: f"{code}-{number + 1:0{width}}" for code, (number, width) in free.items()}


def mistakable(site: Site, label: str) -> Participant | None:
    """Somebody of the site whose label differs from this one in the zeros before its number only: 01-001, 01-0001."""
    found = re.fullmatch("(.*?)0*([0-9]+)", label)
    if found is None:
        return None
    same = f"^{re.escape(found[1])}0*{found[2]}$"
    return Participant.objects.filter(site=site, label__regex=same).exclude(label=label).first()


def sites(trial: Trial) -> list[Site]:
    """All sites of a trial, by code."""
    return list(Site.objects.filter(trial=trial).order_by("code"))


def participants(
    where: TrialRoom, *, search: str = "", state: str = "", site: str = ""
) -> QuerySet[Participant]:
    """Visible participants, filtered by a part of the label, a state and a site code, in label order."""
    rows = visible_to(where).select_related("site")
    filters: dict[str, Any] = {"label__icontains": search, "state": state, "site__code": site}
    return rows.filter(**{name: value for name, value in filters.items() if value}).order_by("label")


def acts(where: TrialRoom, *, participant: str = "", verb: str = "") -> QuerySet[Act]:
    """Audit acts of the trial that she may read, newest first: all, or those of her sites."""
    rows = Act.objects.filter(chain=where.trial.key).select_related("actor")
    if not where.can(Permission.AUDIT_VIEW):
        codes = [
            g.site.code for g in where.grants if g.site and Permission.AUDIT_VIEW in g.definition.permissions
        ]
        rows = rows.filter(site__in=codes)
    filters = {"participant": participant, "verb": verb}
    return rows.filter(**{name: value for name, value in filters.items() if value}).order_by("-seq")


def verbs(where: TrialRoom) -> list[str]:
    """The kinds of acts among those that she may read, in alphabetical order."""
    return list(acts(where).order_by("verb").values_list("verb", flat=True).distinct())
