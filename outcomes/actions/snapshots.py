"""Writes of floor 3: freezing a snapshot."""

import io
from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _

from outcomes import dataset
from outcomes.models import Snapshot, SnapshotFile
from outcomes.tabulation import ARM_TABLES
from trial import audit
from trial.digest import canonical, sha256
from trial.models import Person, Trial
from trial.refusals import Refusal
from trial.selectors import protocol_of, version_in_force


@audit.audited
def freeze(*, trial: Trial, cut_off: date, reason: str, by: Person) -> Snapshot:
    """Freeze the trial's counted data up to and including the day `cut_off`.

    The audit chain's head is held while the data are read: no other write can commit in between, and the
    snapshot is exactly the data as of act `audit_seq`. Raises Refusal for a future cut-off or no participants.
    """
    if cut_off > timezone.now().date():
        raise Refusal("snapshot.cut_off", _("The data cut-off lies in the future."), item="cut_off")
    # Before the head, as every other action does: who waits for one another in two orders waits for ever. Without its
    # protocol: another text may come into force while we wait, and what is joined is as old as the waiting.
    trial = Trial.objects.select_for_update(no_key=True).get(pk=trial.pk)
    head = audit.lock_head(trial)
    frames = dataset.collect(trial, protocol_of(trial), cut_off=cut_off)
    if frames.tables["adsl"].empty:
        raise Refusal(
            "snapshot.empty",
            _("No participant was randomized up to that day."),
            remedy=_("Choose a later data cut-off."),
            item="cut_off",
        )
    contents = {name: _parquet(table) for name, table in frames.tables.items()}
    manifest = _manifest(trial, cut_off, head, frames, contents)
    snapshot = Snapshot.objects.create(
        trial=trial,
        number=Snapshot.objects.filter(trial=trial).count() + 1,
        protocol=version_in_force(trial),
        cut_off=cut_off,
        reason=reason,
        taken_at=timezone.now(),
        taken_by=by,
        manifest=manifest,
        sha256=sha256(canonical(manifest)),
    )
    files = [
        SnapshotFile.objects.create(
            snapshot=snapshot,
            name=name,
            shows_arm=name in ARM_TABLES,
            sha256=sha256(content),
            content=content,
        )
        for name, content in contents.items()
    ]
    audit.record("snapshot.frozen", on=snapshot, trial=trial, changes={"sha256": snapshot.sha256}, made=files)
    return snapshot


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd")
    return buffer.getvalue()


def _manifest(
    trial: Trial, cut_off: date, head: Any, frames: dataset.Frames, contents: dict[str, bytes]
) -> dict[str, Any]:
    return {
        "trial": trial.key,
        "protocol_sha256": version_in_force(trial).sha256,
        "cut_off": cut_off.isoformat(),
        "audit_seq": head.seq,
        "audit_hash": head.hash,
        "files": {
            name: {
                "rows": len(frames.tables[name]),
                "sha256": sha256(content),
                "shows_arm": name in ARM_TABLES,
            }
            for name, content in contents.items()
        },
        "counts": frames.counts,
        "findings": [asdict(finding) for finding in frames.findings],
    }
