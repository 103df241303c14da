"""Writes of floor 0: the participant's way from screening to the end."""

import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from trial import audit
from trial.actions import sites, taken
from trial.models import Consent, Participant, Person, Site
from trial.refusals import Refusal
from trial.selectors import mistakable, next_labels, protocol_of
from trial.states import AFTER_RANDOMIZATION, PARTICIPANT, ParticipantState, SiteState
from trial.wording import state_word

# Labels stand in addresses of pages, in file names and in exports; the page that registers has an address of its own.
LABEL = re.compile(r"(?!register$)[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# Why somebody is not randomized although no criterion of the protocol says so.
DECLINED, OTHER = "declined", "other"
_CONSENTED = (ParticipantState.CONSENTED, ParticipantState.ENROLLED, ParticipantState.RANDOMIZED)


@audit.audited
def register(*, site: Site, label: str, by: Person) -> Participant:
    """Register a person for screening under a label that names nobody.

    Raises Refusal when the site is closed, the label is malformed or taken in this trial, or when it would be
    mistaken for another one of the site.
    """
    # As it is now, and until we are done: it may be closed at this moment.
    if sites.locked(site).state != SiteState.OPEN:
        raise Refusal(
            "site.closed",
            _("Site %(code)s is closed.") % {"code": site.code},
            remedy=_("Ask the administrator to open it again."),
            item="site",
        )
    if not LABEL.fullmatch(label):
        raise Refusal(
            "participant.label",
            _("“%(label)s” cannot be a label.") % {"label": label},
            remedy=_("Use letters, digits, - and _, first a letter or digit, at most 40."),
            item="label",
        )
    _check_distinct(site, label)
    participant = Participant(
        trial=site.trial, site=site, label=label, registered_at=timezone.now(), registered_by=by
    )
    standing = _("Participant %(label)s exists already.") % {"label": label}
    with taken.refused_with(Refusal("participant.label", standing, item="label")):
        participant.save()
    audit.record("participant.registered", on=participant, participant=participant)
    return participant


@audit.audited
def consent(*, participant: Participant, version: str, given_on: date, by: Person) -> Consent:
    """Record consent to one version of the consent text; a later version may be consented to as well.

    Raises Refusal for a version the protocol does not have or that is recorded already, a day before it was in
    use or after today at the site, and where nobody can consent any more.
    """
    participant = locked(participant)
    _check_consent(participant, version, given_on)
    first = participant.state not in _CONSENTED
    if first:
        _move(participant, ParticipantState.CONSENTED)
    given = Consent(
        participant=participant,
        version=version,
        given_on=given_on,
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    _check_once(given)
    given.save()
    if first:
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
def restate_consent(
    *, participant: Participant, was: str, version: str, given_on: date, reason: str, by: Person
) -> Consent:
    """Correct what was recorded of the consent to version `was`; unchanged when it says the same already.

    Raises Refusal as `consent` does, for a consent that was never recorded, and for a day after randomization.
    """
    participant = locked(participant)
    given = Consent.objects.filter(participant=participant, version=was).first()
    if given is None:
        raise Refusal("consent.absent", _("No consent to text %(version)s is recorded.") % {"version": was})
    before = {"version": given.version, "given_on": given.given_on.isoformat()}
    after = {"version": version, "given_on": given_on.isoformat()}
    if before == after:
        return given
    _check_consent(participant, version, given_on)
    given.participant, given.version, given.given_on = participant, version, given_on
    _check_once(given)
    given.save()
    participant.consented_on = min(_consent_days(participant))
    participant.save()
    audit.record(
        "participant.consent_restated",
        on=participant,
        participant=participant,
        changes={name: [before[name], after[name]] for name in before if before[name] != after[name]},
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
def withdraw(
    *, participant: Participant, reason: str, by: Person, withdrawn_on: date | None = None
) -> Participant:
    """Record that the participant has withdrawn, on which day if it is known; what was collected stays.

    Raises Refusal for a day before the consent or after today at the site, and where nobody can withdraw.
    """
    participant = locked(participant)
    before = participant.state
    check_withdrawal(participant, withdrawn_on)
    _move(participant, ParticipantState.WITHDRAWN)
    participant.save()
    day = {"withdrawn_on": withdrawn_on.isoformat()} if withdrawn_on else {}
    audit.record(
        "participant.withdrawn",
        on=participant,
        participant=participant,
        changes={"state": [before, participant.state], **day},
        # Why somebody withdraws may name what she was given.
        shows_arm=True,
    )
    return participant


@audit.audited
def reinstate(*, participant: Participant, reason: str, by: Person) -> Participant:
    """Take back a withdrawal that was recorded wrongly: the participant stands where she stood before."""
    participant = locked(participant)
    before, standing = participant.state, _standing(participant)
    if before != ParticipantState.WITHDRAWN:
        raise _stuck(participant, standing)
    _move(participant, standing, back=True)
    participant.save()
    audit.record(
        "participant.reinstated",
        on=participant,
        participant=participant,
        changes={"state": [before, participant.state]},
        shows_arm=True,
    )
    return participant


@audit.audited
def screen_fail(*, participant: Participant, reason: str, by: Person) -> Participant:
    """Record why somebody is not randomized: `reason` is the id of an eligibility criterion, `declined` or `other`.

    Raises Refusal for another reason, and once randomized.
    """
    participant = locked(participant)
    known = [*(each.id for each in protocol_of(participant.trial).eligibility), DECLINED, OTHER]
    if reason not in known:
        raise Refusal(
            "screen_failure.reason",
            _("“%(reason)s” is no reason for a screen failure.") % {"reason": reason},
            remedy=_("Use one of: %(reasons)s.") % {"reasons": ", ".join(known)},
            item="reason",
        )
    before = participant.state
    _move(participant, ParticipantState.SCREEN_FAILED)
    participant.screen_failure = reason
    participant.save()
    audit.record(
        "participant.screen_failed",
        on=participant,
        participant=participant,
        changes={"state": [before, participant.state], "screen_failure": reason},
    )
    return participant


def _check_distinct(site: Site, label: str) -> None:
    """Refuse a label that people would read as that of somebody else."""
    other = mistakable(site, label)
    if other is not None:
        told = _("“%(label)s” would be mistaken for participant %(other)s: only zeros tell them apart.")
        raise Refusal(
            "participant.label",
            told % {"label": label, "other": other.label},
            remedy=_("The next free label is %(label)s.")
            % {"label": next_labels(site.trial, [site.code])[site.code]},
            item="label",
        )


def locked(participant: Participant) -> Participant:
    """The participant's row as it is now, held until the transaction ends."""
    rows = Participant.objects.select_for_update(of=("self",), no_key=True).select_related(
        "site", "trial__protocol"
    )
    # The whole text of the protocol would come with every row; who wants it finds it parsed.
    return rows.defer("trial__protocol__files").get(pk=participant.pk)


def _check_consent(participant: Participant, version: str, given_on: date) -> None:
    known = {each.id: each for each in protocol_of(participant.trial).consent_versions}
    if version not in known:
        raise Refusal(
            "consent.version",
            _("The protocol has no consent text %(version)s.") % {"version": version},
            remedy=_("Use one of: %(versions)s.") % {"versions": ", ".join(known)},
            item="version",
        )
    if not known[version].effective_from <= given_on <= participant.site.today:
        raise Refusal(
            "consent.day",
            _("Consent text %(version)s cannot have been given on %(day)s.")
            % {"version": version, "day": given_on.isoformat()},
            remedy=_("Enter a day from %(first)s to today.")
            % {"first": known[version].effective_from.isoformat()},
            item="given_on",
        )


def _check_once(given: Consent) -> None:
    """Each version is consented to once, and the first consent comes before randomization."""
    others = Consent.objects.filter(participant=given.participant).exclude(pk=given.pk)
    if others.filter(version=given.version).exists():
        raise Refusal(
            "consent.again",
            _("Consent to text %(version)s is recorded already.") % {"version": given.version},
            remedy=_("Correct what is recorded, with a reason."),
            item="version",
        )
    randomized = given.participant.randomized_on
    days = [given.given_on, *others.values_list("given_on", flat=True)]
    if randomized is not None and min(days) > randomized:
        raise Refusal(
            "consent.order",
            _("Consent cannot have been given on %(day)s, after randomization.")
            % {"day": given.given_on.isoformat()},
            remedy=_("Enter a day until %(last)s.") % {"last": randomized.isoformat()},
            item="given_on",
        )


def _consent_days(participant: Participant) -> list[date]:
    return list(Consent.objects.filter(participant=participant).values_list("given_on", flat=True))


def check_withdrawal(participant: Participant, withdrawn_on: date | None) -> None:
    """Raises Refusal for a day on which nobody can have withdrawn: before the consent, or after today at the site."""
    first, last = participant.consented_on, participant.site.today
    if withdrawn_on is None or (withdrawn_on <= last and (first is None or first <= withdrawn_on)):
        return
    raise Refusal(
        "withdrawal.day",
        _("Nobody can have withdrawn on %(day)s.") % {"day": withdrawn_on.isoformat()},
        remedy=_("Enter a day from the consent to today."),
        item="withdrawn_on",
    )


def _standing(participant: Participant) -> ParticipantState:
    """How far the participant has come, whatever happened after."""
    if participant.randomized_at:
        return ParticipantState.RANDOMIZED
    return ParticipantState.ENROLLED if participant.enrolled_at else ParticipantState.CONSENTED


def _move(participant: Participant, to: ParticipantState, *, back: bool = False) -> None:
    """Take a step; only `back` leads out of a withdrawal, and nothing leads behind randomization."""
    withdrawn = participant.state == ParticipantState.WITHDRAWN
    behind = participant.randomized_at is not None and to not in AFTER_RANDOMIZATION
    if to not in PARTICIPANT[ParticipantState(participant.state)] or withdrawn is not back or behind:
        raise _stuck(participant, to)
    participant.state = to


def _stuck(participant: Participant, to: ParticipantState) -> Refusal:
    return Refusal(
        "participant.state",
        _("Participant %(label)s is %(state)s and cannot become %(to)s.")
        % {"label": participant.label, "state": state_word(participant.state), "to": state_word(to)},
        remedy=_("Look at her casebook: somebody may have changed it meanwhile."),
    )
