"""The only way into the audit trail: audited blocks, acts, the chain and its verification.

Rule followed: 21 CFR 11.10(e) and ICH E6(R3) 4.2.2 (who, what, when, old, new, why; cannot be switched off).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from trial import writing
from trial.digest import canonical, sha256
from trial.models import Act, ChainHead
from trial.models.audit import INSTALLATION
from trial.refusals import Refusal

P = ParamSpec("P")
R = TypeVar("R")

GENESIS = "0" * 64
CHUNK = 500
SUBJECT = 120
CHAINED = (
    "chain",
    "seq",
    "verb",
    "refused",
    "subject",
    "site",
    "participant",
    "reason",
    "changes",
    "shows_arm",
    "history",
    "previous",
)


@dataclass(frozen=True)
class Fault:
    """One thing `verify` found wrong: where it is and what it looks like."""

    chain: str
    seq: int
    message: str


def audited(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in one transaction whose acts are chained last, just before it commits.

    The action takes `by` (a Person, or None before sign-in) and may take `reason`. A Refusal rolls
    everything back and is then recorded by itself; it is raised again either way.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with writing_block(
            by=kwargs.get("by"),
            reason=str(kwargs.get("reason") or ""),
            verb=action.__qualname__,
            about=kwargs,
        ):
            return action(*args, **kwargs)

    return run


@contextmanager
def writing_block(*, by: Any, reason: str, verb: str, about: dict[str, Any]) -> Iterator[None]:
    """The block behind `audited`, for an action whose body is not one call."""
    inner = writing.nested()
    try:
        with transaction.atomic(), writing.block(actor=by, reason=reason) as block:
            yield
            if inner:
                writing.hand_up(block)
            else:
                _chain(block)
    except Refusal as refusal:
        if not inner:
            _record_refusal(refusal, by=by, verb=verb, about=about)
        raise


def record(
    verb: str,
    *,
    on: models.Model | str,
    trial: Any = None,
    participant: Any = None,
    site: Any = None,
    changes: dict[str, Any] | None = None,
    shows_arm: bool = False,
    made: Iterable[models.Model] = (),
) -> Act:
    """Say what the running action did; the act is chained when the outermost action commits.

    `on` is the row or a text naming it; without `trial` or `participant` the act belongs to the
    installation's chain. History rows written since the last act of this block are cited by this one, and so
    are append-only rows: `on` itself and those in `made`.
    """
    block = writing.current()
    cited = [*block.history, *made, *([on] if _append_only(on) else [])]
    if participant is not None:
        trial, site = participant.trial, site or participant.site
    act = Act(
        chain=trial.key if trial else INSTALLATION,
        at=timezone.now(),
        actor=block.actor,
        verb=verb,
        subject=on if isinstance(on, str) else f"{on._meta.label_lower}:{on.pk}",
        site=site.code if site else "",
        participant=participant.label if participant else "",
        reason=block.reason,
        changes=changes or {},
        shows_arm=shows_arm,
        history=[[row._meta.db_table, row.pk, row_digest(row)] for row in cited],
    )
    block.history.clear()
    block.acts.append(act)
    return act


def lock_head(trial: Any) -> ChainHead:
    """Hold the trial's chain: until the caller's transaction ends nobody else's acts, hence writes, commit."""
    return _locked_head(trial.key)


def _locked_head(chain: str) -> ChainHead:
    heads = ChainHead.objects.select_for_update(no_key=True)
    head = heads.filter(chain=chain).first()
    if head is None:
        # Whoever else makes it first is waited for.
        ChainHead.objects.get_or_create(chain=chain)
        head = heads.get(chain=chain)
    return head


def row_digest(row: models.Model) -> str:
    """SHA-256 of what a row holds, field by field, times in UTC; empty fields are left out.

    A column that a later version adds, empty in the rows that are there, thus leaves their digests as they are.
    """
    held = {
        field.attname: _stored(field, row)
        for field in row._meta.concrete_fields
        if not _empty(field.value_from_object(row))
    }
    return sha256(canonical(held))


def _empty(value: Any) -> bool:
    """Whether a field holds nothing. A number 0 is something, though Python takes it to equal False."""
    return value is None or value is False or value in ("", [], {})


def _stored(field: Any, row: models.Model) -> Any:
    value = field.value_from_object(row)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else field.value_to_string(row)


def _append_only(row: Any) -> bool:
    return isinstance(row, models.Model) and getattr(type(row), "append_only", False)


def verify() -> list[Fault]:
    """Recompute every chain and every cited history row; an empty list means nothing was touched."""
    faults: list[Fault] = []
    cited: set[tuple[str, int]] = set()
    heads = {head.chain: head for head in ChainHead.objects.all()}
    chains = set(Act.objects.values_list("chain", flat=True).distinct()) | set(heads)
    for chain in sorted(chains):
        faults += _verify_chain(chain, heads.get(chain), cited)
    return faults + _uncited(cited)


def _chain(block: writing.Block) -> None:
    if block.history:
        raise writing.OutsideAction(
            "History rows were written and no act cites them: call audit.record last."
        )
    for chain in sorted({act.chain for act in block.acts}):
        _append(chain, [act for act in block.acts if act.chain == chain])


def _append(chain: str, acts: list[Act]) -> None:
    head = _locked_head(chain)
    for act in acts:
        head.seq += 1
        act.seq, act.previous = head.seq, head.hash
        act.hash = head.hash = act_hash(act)
    Act.objects.bulk_create(acts, batch_size=500)
    head.save()


def act_hash(act: Act) -> str:
    """SHA-256 over the act's fields and the hash of the act before it."""
    fields = {name: getattr(act, name) for name in CHAINED}
    return sha256(canonical({**fields, "at": act.at.isoformat(), "actor": act.actor_id}))


def _record_refusal(refusal: Refusal, *, by: Any, verb: str, about: dict[str, Any]) -> None:
    participant = about.get("participant") or getattr(about.get("record"), "participant", None)
    site = about.get("site")
    subjects = (
        participant,
        site,
        *(about.get(name) for name in ("snapshot", "given", "token", "notification")),
    )
    trial = about.get("trial") or next((each.trial for each in subjects if each is not None), None)
    # A site of another trial is what may have been refused: its code means nothing in this chain.
    site = site if site is not None and trial is not None and site.trial_id == trial.pk else None
    with transaction.atomic(), writing.block(actor=by, reason=str(about.get("reason") or "")) as block:
        # An item may be any text that was sent; the column holds 120 characters.
        item = (refusal.item or refusal.code)[:SUBJECT]
        act = record(verb, on=item, trial=trial, participant=participant, site=site)
        act.refused, act.shows_arm = True, refusal.shows_arm
        act.changes = {"code": refusal.code}
        _chain(block)


def _verify_chain(chain: str, head: ChainHead | None, cited: set[tuple[str, int]]) -> list[Fault]:
    faults: list[Fault] = []
    expected, previous = 1, GENESIS
    acts = Act.objects.filter(chain=chain).order_by("seq").iterator(chunk_size=CHUNK)
    while chunk := list(islice(acts, CHUNK)):
        rows = _cited_rows(chunk)
        for act in chunk:
            faults += _verify_act(act, expected, previous, rows)
            cited.update((table, history_id) for table, history_id, _digest in act.history)
            expected, previous = act.seq + 1, act.hash
    if head is None or (head.seq, head.hash) != (expected - 1, previous):
        faults.append(Fault(chain, expected - 1, "the end of the chain is not where its head says"))
    return faults


def _verify_act(
    act: Act, expected: int, previous: str, rows: dict[tuple[str, int], models.Model]
) -> list[Fault]:
    faults = []
    if act.seq > expected:
        faults.append(Fault(act.chain, expected, f"acts {expected} to {act.seq - 1} are missing"))
    messages = []
    if act.previous != previous:
        messages.append("does not follow the act before it")
    if act_hash(act) != act.hash:
        messages.append("its content does not match its hash")
    for table, history_id, digest in act.history:
        row = rows.get((table, history_id))
        if row is None or row_digest(row) != digest:
            messages.append(f"row {table}:{history_id} was changed or removed")
    return [*faults, *(Fault(act.chain, act.seq, message) for message in messages)]


def _cited_rows(acts: list[Act]) -> dict[tuple[str, int], models.Model]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for act in acts:
        for table, history_id, _digest in act.history:
            wanted[table].append(history_id)
    tables = _citable_tables()
    return {
        (table, row.pk): row
        for table, keys in wanted.items()
        if table in tables
        for row in tables[table]._default_manager.filter(pk__in=keys)
    }


def _uncited(cited: set[tuple[str, int]]) -> list[Fault]:
    """Rows no act knows, and tracked rows that differ from their newest history row."""
    faults = []
    for table, model in _citable_tables().items():
        known = {key for name, key in cited if name == table}
        for key in model._default_manager.values_list("pk", flat=True).iterator():
            if key not in known:
                faults.append(Fault("", 0, f"row {table}:{key} is cited by no act"))
        if hasattr(model, "history_id"):
            faults += _behind_the_back(model)
    return faults


def _behind_the_back(history_model: Any) -> list[Fault]:
    tracked = history_model.instance_type
    names = [field.attname for field in history_model.tracked_fields]
    newest: dict[Any, dict[str, Any]] = {}
    for row in history_model.objects.order_by("history_id").values("history_type", *names).iterator():
        newest[row[tracked._meta.pk.attname]] = row
    faults = []
    for row in tracked._default_manager.values(*names).iterator():
        last = newest.pop(row[tracked._meta.pk.attname], None)
        if last is None or {name: last[name] for name in names} != row:
            faults.append(
                Fault("", 0, f"{tracked._meta.label_lower}:{row['id']} was changed behind the audit trail")
            )
    faults += [
        Fault("", 0, f"{tracked._meta.label_lower}:{pk} was removed behind the audit trail")
        for pk, last in newest.items()
        if last["history_type"] != "-"
    ]
    return faults


def _citable_tables() -> dict[str, Any]:
    """Tables whose rows acts cite: every history and everything append-only but the acts themselves."""
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if model is not Act and (hasattr(model, "history_id") or getattr(model, "append_only", False))
    }
