"""Writes of floor 2: opening a scheme and the single gate; and the proof that the sequence was followed."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from crf.selectors import lookup
from randomization import concealed, selectors
from randomization.criteria import BEFORE_ENROLMENT
from randomization.lists import InvalidList, ratio, read_list
from randomization.models import Allocation, Scheme, Stratum
from randomization.schemes import SEED_BYTES, InvalidSizes, check_sizes
from randomization.sealing import SealBroken, seal
from randomization.selectors import Readiness, Step
from randomization.strata import UNSTRATIFIED, StratumKey, codes, shares
from randomization.verification import (
    Change,
    Fault,
    Shown,
    Taken,
    Verification,
    beside,
    changed,
    in_stratum,
)
from randomization.wording import sizes_rule, unopened
from trial import audit
from trial.actions import notifications, participants
from trial.digest import canonical, sha256
from trial.eligibility import Standing
from trial.models import Act, Participant, Person, Site, Trial
from trial.protocol.schema import Protocol, RandomizationMethod
from trial.refusals import Refusal
from trial.selectors import parsed, protocol_of, version_in_force
from trial.states import ParticipantState

LONGEST_KEY = 80
_RANDOMIZED = (ParticipantState.RANDOMIZED, ParticipantState.COMPLETED)


@audit.audited
def upload_list(*, trial: Trial, text: str, by: Person) -> Scheme:
    """Seal an allocation list for a trial, once.

    Raises Refusal for a second scheme, another method, a list that does not fit, or an unusable SEAL_KEY.
    """
    protocol = _unopened(trial, RandomizationMethod.UPLOADED_LIST)
    if protocol.randomization.strata:
        raise Refusal(
            "scheme.strata",
            _("An uploaded list has no strata, but the protocol has."),
            remedy=_("Use permuted blocks, or a protocol without strata."),
        )
    slots = _read(text, protocol)
    scheme = Scheme.objects.create(
        trial=trial,
        protocol=version_in_force(trial),
        method=RandomizationMethod.UPLOADED_LIST,
        sealed_list=_sealed(json.dumps(slots)),
        list_sha256=sha256(text),
        opened_at=timezone.now(),
        opened_by=by,
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
def open_scheme(*, trial: Trial, block_sizes: Sequence[int], by: Person, seed: bytes | None = None) -> Scheme:
    """Draw and seal the seed of stratified permuted blocks, seal the block sizes, publish the SHA-256 of both. Once.

    Only a demonstration may be given its seed, so that its figures can be checked. Raises Refusal for a second
    scheme, another method, unfit sizes, a seed that may not be given, or an unusable SEAL_KEY.
    """
    protocol = _unopened(trial, RandomizationMethod.PERMUTED_BLOCKS)
    _check_sizes(block_sizes, protocol)
    if seed is not None and not (trial.is_demo and len(seed) == SEED_BYTES):
        raise Refusal(
            "scheme.seed",
            _("The seed is drawn by the system; only a demonstration is given one, of %(bytes)s bytes.")
            % {"bytes": SEED_BYTES},
            remedy=_("Leave the seed out."),
            item="seed",
        )
    seed = seed or secrets.token_bytes(SEED_BYTES)
    # Few block sizes are plausible: without the nonce their hash would tell them.
    supplement = canonical({"block_sizes": list(block_sizes), "nonce": secrets.token_hex(SEED_BYTES)})
    scheme = Scheme.objects.create(
        trial=trial,
        protocol=version_in_force(trial),
        method=RandomizationMethod.PERMUTED_BLOCKS,
        sealed_seed=_sealed(seed.hex()),
        seed_sha256=sha256(seed),
        sealed_supplement=_sealed(supplement),
        supplement_sha256=sha256(supplement),
        opened_at=timezone.now(),
        opened_by=by,
    )
    audit.record("scheme.opened", on=scheme, trial=trial, changes=_commitments(scheme))
    return scheme


@audit.audited
def confirm_eligibility(*, participant: Participant, by: Person, seen: str | None = None) -> Participant:
    """Say that a participant is eligible, on values judged now; `seen` as for `randomize`.

    Raises Refusal naming what is not met, or that values have changed since the page was made.
    """
    participant = participants.locked(participant)
    _hold_site(participant)
    found = selectors.readiness(participant)
    for step in found.steps:
        if step.id in BEFORE_ENROLMENT:
            _refuse_unless_met(step)
    _refuse_if_stale(found, seen)
    return participants.enrol(participant=participant, by=by)


@audit.audited
def randomize(
    *,
    participant: Participant,
    idempotency_key: str,
    by: Person,
    at: datetime | None = None,
    seen: str | None = None,
) -> Allocation:
    """The single gate: lock, judge every criterion on current values, take the stratum's next number, allocate.

    `seen` is the `Readiness.token` of the page on which somebody decided. `at` (aware, UTC) is for allocations that
    happened before this system held the trial; people omit it. A repeated idempotency key returns the first result.
    Raises Refusal with the reason; nothing is consumed.
    """
    participant = participants.locked(participant)
    # Asked under the lock: the same request sent twice at once waits here for its twin's answer.
    earlier = _answered(participant, idempotency_key)
    if earlier:
        return earlier
    _hold_site(participant)
    stratum_key = _passed(selectors.readiness(participant), seen)
    stratum = _locked_stratum(participant, stratum_key.key)
    number, arm, moment = _next(stratum, participant, at)
    allocation = Allocation.objects.create(
        stratum=stratum,
        number=number,
        participant=participant,
        arm=arm,
        basis=dict(stratum_key.values),
        idempotency_key=idempotency_key,
        allocated_at=moment,
        allocated_by=by,
    )
    marked = participants.mark_randomized(participant=participant, track=arm, at=moment, by=by)
    notifications.tell_randomized(participant=marked, by=by)
    audit.record(
        "participant.allocated",
        on=allocation,
        participant=participant,
        changes={"stratum": stratum.key, **_doubts(stratum_key)},
    )
    return allocation


def check_seals() -> None:
    """Open everything sealed with the installation's key. Raises SealBroken naming the remedy."""
    for scheme in Scheme.objects.select_related("protocol"):
        concealed.place(scheme, UNSTRATIFIED, 1)


def verify(trial: Trial) -> Verification:
    """Derive every allocation of the trial again and compare; writes nothing, names no arm.

    Raises Refusal before the randomization was opened, SealBroken for a wrong key.
    """
    scheme = selectors.scheme_of(trial)
    if scheme is None:
        message, remedy = unopened()
        raise Refusal("scheme.absent", message, remedy=remedy)
    protocol = protocol_of(trial) if scheme.protocol is None else parsed(scheme.protocol)
    order = [factor.id for factor in protocol.randomization.strata]
    rows = list(
        Allocation.objects.filter(stratum__scheme=scheme)
        .select_related("stratum", "participant__site", "participant__trial__protocol")
        .order_by("stratum__key", "number")
    )
    taken = [_taken(row) for row in rows]
    faults = [*_broken_commitments(scheme), *_against_the_trail(trial, rows)]
    for key, group in groupby(taken, key=lambda each: each.stratum):
        faults += in_stratum(list(group), concealed.sequence(scheme, key), order)
    faults += beside(taken, _shown(trial))
    return Verification(len(rows), tuple(faults), tuple(_changed(rows) if order else ()))


def _unopened(trial: Trial, method: RandomizationMethod) -> Protocol:
    """The protocol in force, if it randomizes by this method and no scheme was opened yet."""
    if Scheme.objects.filter(trial=trial).exists():
        raise Refusal(
            "scheme.exists",
            _("The randomization of this trial was opened already; it cannot be replaced."),
            remedy=_("Go on with the one that was opened."),
        )
    protocol = protocol_of(trial)
    if protocol.randomization.method is not method:
        raise Refusal(
            "scheme.method",
            _("The protocol does not randomize by this method, but by: %(method)s.")
            % {"method": protocol.randomization.method.value},
            remedy=_("Open the randomization by the protocol's method."),
        )
    return protocol


def _read(text: str, protocol: Protocol) -> dict[str, list[str]]:
    try:
        return read_list(text, arms=[arm.id for arm in protocol.arms])
    except InvalidList as error:
        told = _("The allocation list cannot be used: %(problems)s") % {"problems": error}
        raise Refusal(
            "scheme.list", told, remedy=_("Correct the list and upload it again."), item="list"
        ) from error


def _check_sizes(block_sizes: Sequence[int], protocol: Protocol) -> None:
    try:
        check_sizes(block_sizes, shares(protocol))
    except InvalidSizes as error:
        told = _("These block sizes cannot be used.")
        remedy = sizes_rule(shares(protocol))
        raise Refusal("scheme.sizes", told, remedy=remedy, item="block_sizes") from error


def _sealed(text: str) -> bytes:
    try:
        return seal(text, key=settings.SEAL_KEY)
    except SealBroken as error:
        raise _no_key() from error


def _no_key() -> Refusal:
    """What everybody is told. What is wrong with the key is for the operator, whom verify_randomization tells."""
    return Refusal(
        "seal.key",
        _("The randomization of this trial cannot be sealed or unsealed here. Nothing was done."),
        remedy=_("Tell the administrator of the installation: SEAL_KEY is wrong or missing."),
    )


def _answered(participant: Participant, idempotency_key: str) -> Allocation | None:
    """The allocation that an earlier request with this key got. Raises Refusal for a key that cannot be used."""
    if not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise Refusal(
            "randomize.key",
            _("The request has no usable key."),
            remedy=_("Open the page again and randomize from there."),
        )
    earlier = Allocation.objects.filter(idempotency_key=idempotency_key).first()
    if earlier and earlier.participant_id != participant.pk:
        raise Refusal(
            "randomize.key",
            _("This request was already used for another participant."),
            remedy=_("Open the page of this participant and randomize from there."),
        )
    return earlier


def _hold_site(participant: Participant) -> None:
    """Lock the rows of site and trial, in this order, and read them as they are now.

    Two at the last place of a site must not both count the same; recruitment and text must not change before we commit.
    """
    participant.site = Site.objects.select_for_update(no_key=True).get(pk=participant.site_id)
    # Without its protocol: what is joined to a row that we wait for is as old as the waiting.
    participant.trial = Trial.objects.select_for_update(no_key=True).get(pk=participant.trial_id)


def _passed(found: Readiness, seen: str | None) -> StratumKey:
    """The stratum of a participant who meets every criterion. Raises Refusal with the first that is not met."""
    for step in found.steps:
        _refuse_unless_met(step)
    _refuse_if_stale(found, seen)
    if found.stratum is None:
        # A criterion of its own says that there is one: nobody is allocated in another if it should ever err.
        raise LookupError("every criterion is met, but there is no stratum")
    return found.stratum


def _refuse_if_stale(found: Readiness, seen: str | None) -> None:
    if seen is not None and seen != found.token:
        raise Refusal(
            "randomize.stale",
            _("Values that this decision hangs on have changed since the page was made."),
            remedy=_("Look at the page again, then decide."),
        )


def _refuse_unless_met(step: Step) -> None:
    if step.standing is not Standing.MET:
        raise Refusal(step.code, step.words, remedy=step.remedy, item=step.item)


def _locked_stratum(participant: Participant, key: str) -> Stratum:
    """The stratum's row, made when it is first needed, held until the transaction ends."""
    scheme = selectors.scheme_of(participant.trial)
    # Whoever else makes it first is waited for.
    Stratum.objects.get_or_create(scheme=scheme, key=key)
    rows = Stratum.objects.select_for_update(of=("self",), no_key=True).select_related("scheme__protocol")
    return rows.get(scheme=scheme, key=key)


def _next(stratum: Stratum, participant: Participant, at: datetime | None) -> tuple[int, str, datetime]:
    """Number, arm and time of the stratum's next allocation, read under its lock."""
    last = Allocation.objects.filter(stratum=stratum).aggregate(number=Max("number"), at=Max("allocated_at"))
    number = (last["number"] or 0) + 1
    moment = _moment(participant, at, not_before=last["at"])
    try:
        arm = concealed.place(stratum.scheme, stratum.key, number)
    except SealBroken as error:
        raise _no_key() from error
    if arm is None:
        raise Refusal(
            "scheme.exhausted",
            _("The allocation list has no place left."),
            remedy=_("Nobody can be randomized any more by this list."),
        )
    return number, arm, moment


def _doubts(stratum: StratumKey) -> dict[str, str]:
    """What was counted as not present because nobody knew it, for the act."""
    return {"unknown": ", ".join(stratum.unknown)} if stratum.unknown else {}


def _moment(participant: Participant, at: datetime | None, *, not_before: datetime | None) -> datetime:
    """When the allocation is made: after consent, not in the future, never before its stratum's last."""
    now = timezone.now()
    moment = at or now
    day = moment.astimezone(ZoneInfo(participant.site.time_zone)).date()
    if moment > now or (participant.consented_on is not None and day < participant.consented_on):
        raise Refusal(
            "randomize.at",
            _("Nobody can have been randomized before the consent, or in the future."),
            remedy=_("Correct the time of the allocation."),
            item="at",
        )
    if not_before is not None and moment < not_before:
        raise Refusal(
            "randomize.order",
            _("A later allocation of this stratum is recorded already."),
            remedy=_("Record allocations in the order of time; if they are, check the clock of the server."),
            item="at",
        )
    return moment


def _commitments(scheme: Scheme) -> dict[str, str]:
    return {"seed_sha256": scheme.seed_sha256, "supplement_sha256": scheme.supplement_sha256}


def _broken_commitments(scheme: Scheme) -> Iterator[Fault]:
    """Whether what is sealed is what was published, in the scheme and in the act that opened it."""
    if scheme.method == RandomizationMethod.UPLOADED_LIST:
        held, verb = {"sha256": scheme.list_sha256}, "scheme.uploaded"
    else:
        held, verb = _commitments(scheme), "scheme.opened"
        opened = {
            "seed_sha256": sha256(concealed.seed(scheme)),
            "supplement_sha256": sha256(concealed.supplement(scheme)),
        }
        for name, digest in opened.items():
            if digest != held[name]:
                yield Fault(name, "what is sealed is not what was published")
    act = Act.objects.filter(chain=scheme.trial.key, verb=verb, refused=False).first()
    for name, digest in held.items():
        if act is None or act.changes.get(name) != digest:
            yield Fault(name, "the scheme does not hold what the audit trail published")


def _against_the_trail(trial: Trial, rows: Sequence[Allocation]) -> Iterator[Fault]:
    """Where the allocations differ from those that the audit trail cites, also when sequence and arms agree."""
    table = Allocation._meta.db_table
    acts = Act.objects.filter(chain=trial.key, verb="participant.allocated", refused=False)
    cited = {pk: (digest, act) for act in acts for name, pk, digest in act.history if name == table}
    for row in rows:
        digest, act = cited.pop(row.pk, ("", None))
        if act is None:
            yield Fault(_taken(row).where, "the audit trail knows no such allocation")
        elif (
            digest != audit.row_digest(row) or act.changes.get("stratum", row.stratum.key) != row.stratum.key
        ):
            yield Fault(_taken(row).where, "it was changed after it was made")
    for _digest, act in cited.values():
        yield Fault(f"participant {act.participant}", "the allocation in the audit trail is missing")


def _taken(row: Allocation) -> Taken:
    return Taken(
        stratum=row.stratum.key,
        number=row.number,
        participant=row.participant.label,
        arm=row.arm,
        at=row.allocated_at,
        basis=row.basis,
    )


def _shown(trial: Trial) -> Iterator[Shown]:
    for each in Participant.objects.filter(trial=trial).order_by("label"):
        yield Shown(each.label, each.track, each.randomized_at, ParticipantState(each.state) in _RANDOMIZED)


def _changed(rows: Sequence[Allocation]) -> Iterator[Change]:
    for row in rows:
        protocol = protocol_of(row.participant.trial)
        verified: Mapping[str, str | None] = codes(protocol, lookup(row.participant, protocol=protocol))
        yield from changed(row.participant.label, row.basis, verified)
