"""Reads of floor 3: the frames of a snapshot, refused when a file is not what the manifest says."""

import io
from enum import StrEnum

import pandas as pd

from outcomes.models import Snapshot, SnapshotFile
from trial.digest import canonical, sha256


class Damage(StrEnum):
    """Why a snapshot cannot be read."""

    MANIFEST = "manifest"
    FILE = "file"
    NO_FILE = "no_file"


_SAID = {
    Damage.MANIFEST: "The manifest of snapshot {number} is not the one that was frozen.",
    Damage.FILE: "The file {name} of snapshot {number} is not the one that was frozen.",
    Damage.NO_FILE: "Snapshot {number} has no file {name}: it was taken by an earlier version.",
}


class SnapshotChanged(RuntimeError):
    """A file or the manifest of a snapshot differs from what was frozen; the English text names it."""

    def __init__(self, damage: Damage, number: int, name: str = "") -> None:
        super().__init__(_SAID[damage].format(number=number, name=name))
        self.damage, self.number, self.name = damage, number, name


def frame(snapshot: Snapshot, name: str) -> pd.DataFrame:
    """One frame of a snapshot. Raises SnapshotChanged naming the file, also when the snapshot never had it."""
    return frames(snapshot, name)[name]


def frames(snapshot: Snapshot, *names: str) -> dict[str, pd.DataFrame]:
    """Several frames by name, asked for at once. Raises SnapshotChanged as `frame` does."""
    if sha256(canonical(snapshot.manifest)) != snapshot.sha256:
        raise SnapshotChanged(Damage.MANIFEST, snapshot.number)
    told = snapshot.manifest["files"]
    for name in names:
        if name not in told:
            raise SnapshotChanged(Damage.NO_FILE, snapshot.number, name)
    contents = {
        file.name: bytes(file.content)
        for file in SnapshotFile.objects.filter(snapshot=snapshot, name__in=names)
    }
    for name in names:
        if sha256(contents.get(name, b"")) != told[name]["sha256"]:
            raise SnapshotChanged(Damage.FILE, snapshot.number, name)
    return {name: pd.read_parquet(io.BytesIO(contents[name]), engine="pyarrow") for name in names}
