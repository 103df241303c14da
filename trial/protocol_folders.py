"""Rules room of floor 0: the protocol folders beside this installation, each read once as long as it stands."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trial.protocol.loader import LoadedProtocol, load, yaml_files
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
    return [_read(path, _stamp(path)) for path in paths(root)]


def paths(root: Path) -> list[Path]:
    """Where they stand: every folder below `root` with a protocol.yaml, in the order of their names."""
    return sorted(file.parent for file in root.glob("*/protocol.yaml") if file.is_file())


def folder(root: Path, name: str) -> Folder | None:
    """One folder by its name, None where there is none: never a path out of `root`."""
    return next((each for each in folders(root) if each.name == name), None)


def _stamp(path: Path) -> Stamp:
    """What changes when a file of the folder does: names, times of change and sizes."""
    states = ((str(file), file.stat()) for file in sorted(yaml_files(path)))
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: Stamp) -> Folder:
    try:
        return Folder(path.name, load(path))
    except ProtocolError as error:
        return Folder(path.name, None, tuple(error.problems))
