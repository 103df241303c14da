"""Writes of floor 0: the participant's way from screening to the end."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from trial import audit
from trial.models import Consent, Participant, Person, Site
from trial.refusals import Refusal
from trial.selectors import protocol_of
from trial.states import PARTICIPANT, ParticipantState, SiteState

# Labels stand in addresses of pages, in file names and in exports; the page that registers has an address of its own.
LABEL = re.compile(r"(?!register$)[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@audit.audited
def register(*, site: Site, label: str, by: Person) -> Participant:
    """Register a person for screening under a label that names nobody.

    Raises Refusal when the site is closed, the label is malformed or taken in this trial.
    """
    if site.state != SiteState.OPEN:
        raise Refusal("site.closed", _("Site %(code)s is closed.") % {"code": site.code})
    if not LABEL.fullmatch(label):
        raise Refusal(
            "participant.label",
            _("“%(label)s” cannot be a label.") % {"label": label},
            remedy=_("Use letters, digits, - and _, first a letter or digit, at most 40."),
            item="label",
        )
    if Participant.objects.filter(trial=site.trial, label=label).exists():
        raise Refusal(
            "participant.label", _("Participant %(label)s exists already.") % {"label": label}, item="label"
        )
    participant = Participant(
        trial=site.trial, site=site, label=label, registered_at=timezone.now(), registered_by=by
    )
    participant.save()
    audit.record("participant.registered", on=participant, participant=participant)
    return participant


@audit.audited
def consent(*, participant: Participant, version: str, given_on: date, by: Person) -> Consent:
    """Record consent to one version of the consent text.

    Raises Refusal for a version the protocol does not have, a day before it was in use or after today at the
    site, or when consent is not the next step.
    """
    participant = locked(participant)
    _check_consent(participant, version, given_on)
    given = Consent(
        participant=participant,
        version=version,
        given_on=given_on,
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    given.save()
    _move(participant, ParticipantState.CONSENTED)
    participant.consented_on = given_on
    participant.save()
    audit.record(
        "participant.consented",
        on=participant,
        participant=participant,
        changes={"version": version, "given_on": given_on.isoformat()},
    )
    return given


@audit.audited
def enrol(*, participant: Participant, by: Person) -> Participant:
    """Confirm eligibility: the participant may be randomized."""
    participant = locked(participant)
    _move(participant, ParticipantState.ENROLLED)
    participant.enrolled_at, participant.enrolled_by = timezone.now(), by
    participant.save()
    audit.record("participant.enrolled", on=participant, participant=participant)
    return participant


@audit.audited
def mark_randomized(*, participant: Participant, track: str, at: datetime, by: Person) -> Participant:
    """Called by the gate of floor 2 and by nothing else: the public side of an allocation."""
    participant = locked(participant)
    _move(participant, ParticipantState.RANDOMIZED)
    participant.track, participant.randomized_at, participant.randomized_by = track, at, by
    participant.save()
    # The arm stays out of the act: it may be read by people who must not know it.
    audit.record("participant.randomized", on=participant, participant=participant)
    return participant


@audit.audited
def withdraw(*, participant: Participant, reason: str, by: Person) -> Participant:
    """Record that the participant has withdrawn; what was collected stays."""
    participant = locked(participant)
    before = participant.state
    _move(participant, ParticipantState.WITHDRAWN)
    participant.save()
    audit.record(
        "participant.withdrawn",
        on=participant,
        participant=participant,
        changes={"state": [before, participant.state]},
        # Why somebody withdraws may name what she was given.
        shows_arm=True,
    )
    return participant


def locked(participant: Participant) -> Participant:
    """The participant's row as it is now, held until the transaction ends."""
    rows = Participant.objects.select_for_update(of=("self",)).select_related("site", "trial__protocol")
    return rows.get(pk=participant.pk)


def _check_consent(participant: Participant, version: str, given_on: date) -> None:
    known = {each.id: each for each in protocol_of(participant.trial).consent_versions}
    if version not in known:
        raise Refusal(
            "consent.version",
            _("The protocol has no consent text %(version)s.") % {"version": version},
            remedy=_("Use one of: %(versions)s.") % {"versions": ", ".join(known)},
            item="version",
        )
    today = timezone.now().astimezone(ZoneInfo(participant.site.time_zone)).date()
    if not known[version].effective_from <= given_on <= today:
        raise Refusal(
            "consent.day",
            _("Consent text %(version)s cannot have been given on %(day)s.")
            % {"version": version, "day": given_on.isoformat()},
            remedy=_("Enter a day from %(first)s to today.")
            % {"first": known[version].effective_from.isoformat()},
            item="given_on",
        )


def _move(participant: Participant, to: ParticipantState) -> None:
    if to not in PARTICIPANT[ParticipantState(participant.state)]:
        raise Refusal(
            "participant.state",
            _("Participant %(label)s is %(state)s and cannot become %(to)s.")
            % {"label": participant.label, "state": participant.state, "to": to},
        )
    participant.state = to
