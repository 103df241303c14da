"""Reads of floor 3: the frames of a snapshot, refused when a file is not what the manifest says."""

import io

import pandas as pd

from outcomes.models import Snapshot, SnapshotFile
from trial.digest import canonical, sha256


class SnapshotChanged(RuntimeError):
    """A file or the manifest of a snapshot differs from what was frozen; the text names it."""


def frame(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """One frame of a snapshot. Raises SnapshotChanged naming the file, also when the snapshot never had it."""
    return frames(snapshot, name)[name]


def frames(snapshot: Snapshot, *names: str) -> dict[str, pd.DataFrame]:
    """Several frames by name, asked for at once. Raises SnapshotChanged as `frame` does."""
    if sha256(canonical(snapshot.manifest)) != snapshot.sha256:
        raise SnapshotChanged(f"The manifest of snapshot {snapshot.number} is not the one that was frozen.")
    told = snapshot.manifest["files"]
    for name in names:
        if name not in told:
            raise SnapshotChanged(
                f"Snapshot {snapshot.number} has no file {name}: it was taken by an earlier version."
            )
    contents = {
        file.name: bytes(file.content)
        for file in SnapshotFile.objects.filter(snapshot=snapshot, name__in=names)
    }
    for name in names:
        if sha256(contents[name]) != told[name]["sha256"]:
            raise SnapshotChanged(
                f"The file {name} of snapshot {snapshot.number} is not the one that was frozen."
            )
    return {name: pd.read_parquet(io.BytesIO(contents[name]), engine="pyarrow") for name in names}
