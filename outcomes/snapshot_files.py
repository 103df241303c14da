"""Reads of floor 3: the frames of a snapshot, refused when a file is not what the manifest says."""

import io

import pandas as pd

from outcomes.models import Snapshot, SnapshotFile
from trial.digest import canonical, sha256


class SnapshotChanged(RuntimeError):
    """A file or the manifest of a snapshot differs from what was frozen; the text names it."""


def frame(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """One frame of a snapshot. Raises SnapshotChanged naming the file, also when the snapshot never had it."""
    if sha256(canonical(snapshot.manifest)) != snapshot.sha256:
        raise SnapshotChanged(f"The manifest of snapshot {snapshot.number} is not the one that was frozen.")
    if name not in snapshot.manifest["files"]:
        raise SnapshotChanged(
            f"Snapshot {snapshot.number} has no file {name}: it was taken by an earlier version."
        )
    file = SnapshotFile.objects.get(snapshot=snapshot, name=name)
    content = bytes(file.content)
    if sha256(content) != snapshot.manifest["files"][name]["sha256"]:
        raise SnapshotChanged(
            f"The file {name} of snapshot {snapshot.number} is not the one that was frozen."
        )
    return pd.read_parquet(io.BytesIO(content), engine="pyarrow")
