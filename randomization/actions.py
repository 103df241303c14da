"""Writes of floor 2: the sealed list and the single gate."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from crf.selectors import submitted
from randomization import concealed
from randomization.models import Allocation, Scheme, Stratum
from randomization.schemes import InvalidList, ratio, read_list
from randomization.sealing import SealBroken, seal
from trial import audit
from trial.actions import participants
from trial.digest import sha256
from trial.models import Participant, Person, Trial
from trial.protocol.schema import Protocol
from trial.refusals import Refusal
from trial.selectors import protocol_of
from trial.states import ParticipantState, SiteState

# One randomization scheme without strata has the single stratum of this key.
UNSTRATIFIED = "*"


@audit.audited
def upload_list(*, trial: Trial, text: str, by: Person) -> Scheme:
    """Seal an allocation list for a trial, once.

    Raises Refusal for a second list, a list that does not fit, or an unusable SEAL_KEY.
    """
    if Scheme.objects.filter(trial=trial).exists():
        raise Refusal("scheme.exists", _("This trial has an allocation list already; it cannot be replaced."))
    slots = _read(text, protocol_of(trial))
    scheme = Scheme.objects.create(
        trial=trial,
        method="uploaded_list",
        sealed_list=_sealed(slots),
        list_sha256=sha256(text),
        uploaded_at=timezone.now(),
        uploaded_by=by,
    )
    Stratum.objects.bulk_create(
        Stratum(scheme=scheme, key=key, length=len(arms)) for key, arms in slots.items()
    )
    audit.record(
        "scheme.uploaded",
        on=scheme,
        trial=trial,
        changes={"sha256": scheme.list_sha256, "ratio": ratio(slots)},
        shows_arm=True,
    )
    return scheme


@audit.audited
def randomize(
    *, participant: Participant, idempotency_key: str, by: Person, at: datetime | None = None
) -> Allocation:
    """The single gate: lock, check, take the next number, allocate.

    `at` (aware, UTC) is for allocations that happened before this system held the trial; people omit it.
    A repeated idempotency key returns the first result. Raises Refusal with the reason; nothing is consumed.
    """
    participant = participants.locked(participant)
    # Asked under the lock: the same request sent twice at once waits here for its twin's answer.
    earlier = Allocation.objects.filter(idempotency_key=idempotency_key).first()
    if earlier:
        return _same(earlier, participant)
    _check(participant)
    stratum = _locked_stratum(participant)
    number = Allocation.objects.filter(stratum=stratum).count() + 1
    arm = _next_arm(stratum, number)
    allocation = Allocation.objects.create(
        stratum=stratum,
        number=number,
        participant=participant,
        arm=arm,
        idempotency_key=idempotency_key,
        allocated_at=at or timezone.now(),
        allocated_by=by,
    )
    participants.mark_randomized(participant=participant, track=arm, at=allocation.allocated_at, by=by)
    audit.record("participant.allocated", on=allocation, participant=participant)
    return allocation


def check_seals() -> None:
    """Open every sealed list with the installation's key. Raises SealBroken naming the remedy."""
    for scheme in Scheme.objects.all():
        concealed.opened(scheme)


def _read(text: str, protocol: Protocol) -> dict[str, list[str]]:
    try:
        return read_list(text, arms=[arm.id for arm in protocol.arms], strata=[UNSTRATIFIED])
    except InvalidList as error:
        raise Refusal("scheme.list", str(error), item="list") from error


def _sealed(slots: Mapping[str, list[str]]) -> bytes:
    try:
        return seal(json.dumps(slots), key=settings.SEAL_KEY)
    except SealBroken as error:
        raise Refusal("seal.key", str(error)) from error


def _same(earlier: Allocation, participant: Participant) -> Allocation:
    if earlier.participant_id != participant.pk:
        raise Refusal("randomize.key", _("This request was already used for another participant."))
    return earlier


def _check(participant: Participant) -> None:
    """Every criterion of the gate on current values."""
    protocol = protocol_of(participant.trial)
    if participant.state != ParticipantState.ENROLLED:
        raise Refusal(
            "randomize.state",
            _("Participant %(label)s is %(state)s, not enrolled.")
            % {"label": participant.label, "state": participant.state},
            remedy=_("Record consent and confirm eligibility first."),
        )
    if participant.site.state != SiteState.OPEN:
        raise Refusal("site.closed", _("Site %(code)s is closed.") % {"code": participant.site.code})
    if not participant.consents.filter(version=protocol.consent_versions[-1].id).exists():
        raise Refusal("randomize.consent", _("Consent to the current version is not recorded."))
    absent = [form for form in protocol.randomization.needs if not submitted(participant, form)]
    if absent:
        raise Refusal(
            "randomize.form",
            _("These forms are not submitted: %(forms)s.") % {"forms": ", ".join(absent)},
            remedy=_("Submit them and randomize again."),
        )


def _locked_stratum(participant: Participant) -> Stratum:
    scheme = Scheme.objects.filter(trial=participant.trial).first()
    if scheme is None:
        raise Refusal("scheme.absent", _("This trial has no allocation list yet."))
    return (
        Stratum.objects.select_for_update(of=("self",))
        .select_related("scheme")
        .get(scheme=scheme, key=UNSTRATIFIED)
    )


def _next_arm(stratum: Stratum, number: int) -> str:
    try:
        arm = concealed.place(stratum, number)
    except SealBroken as error:
        raise Refusal("seal.key", str(error)) from error
    if arm is None:
        raise Refusal("scheme.exhausted", _("The allocation list has no place left."))
    return arm
