"""Rules room of floor 0: the protocol folders beside this installation, each read once as long as it stands."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trial.protocol.loader import LoadedProtocol, load
from trial.protocol.problems import Problem, ProtocolError

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Folder:
    """A protocol folder by name: what it holds, or every problem that keeps it from being a protocol."""

    name: str
    loaded: LoadedProtocol | None
    problems: tuple[Problem, ...] = ()


def folders(root: Path) -> list[Folder]:
    """Every folder below `root` that holds a protocol, in the order of their names."""
    return [
        _read(path, _stamp(path)) for path in sorted(root.iterdir()) if (path / "protocol.yaml").is_file()
    ]


def folder(root: Path, name: str) -> Folder | None:
    """One folder by its name, None where there is none: never a path out of `root`."""
    return next((each for each in folders(root) if each.name == name), None)


def _stamp(path: Path) -> Stamp:
    """What changes when a file of the folder does: names, times of change and sizes."""
    files = sorted((*path.glob("*.y*ml"), *path.glob("forms/*.y*ml")))
    return tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: Stamp) -> Folder:
    try:
        return Folder(path.name, load(path))
    except ProtocolError as error:
        return Folder(path.name, None, tuple(error.problems))
