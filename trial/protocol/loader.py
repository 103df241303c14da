"""Rules: a protocol folder, or its copy in the database, becomes a Protocol or a list of all its problems."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from trial.digest import sha256
from trial.protocol import addresses, consistency, documents, shape_errors
from trial.protocol.documents import Document, Tree
from trial.protocol.problems import Problem, ProtocolError, Step, dotted, nearest
from trial.protocol.schema import Protocol

_PROTOCOL = "protocol.yaml"
_FORM_FILE = re.compile(r"forms/([a-z][a-z0-9_]*)\.yaml")
# Keys of the whole protocol that stand in a file of their own.
_FILE_OF = {part: f"{part}.yaml" for part in ("endpoints", "codelists", "imports")}
_NEEDED = (_PROTOCOL, _FILE_OF["endpoints"])


@dataclass(frozen=True)
class LoadedProtocol:
    """A protocol without faults, the text of each file it was read from, and the hash of all of them."""

    protocol: Protocol
    files: dict[str, str]
    sha256: str


def load(folder: Path) -> LoadedProtocol:
    """The protocol in `folder`; `data/` and files that are not YAML are left alone.

    Raises ProtocolError with every problem found: of the files and their shape, then of their meaning.
    """
    if not (folder / _PROTOCOL).is_file():
        remedy = f"Name a folder that holds {_PROTOCOL}, such as protocols/colon-moertel"
        raise ProtocolError([Problem(str(folder), 0, "", "there is no protocol in this folder", remedy)])
    texts = {path.relative_to(folder).as_posix(): _text(path, folder) for path in yaml_files(folder)}
    problems = [text for text in texts.values() if isinstance(text, Problem)]
    if problems:
        raise ProtocolError(problems)
    return load_files({name: text for name, text in texts.items() if isinstance(text, str)})


def yaml_files(folder: Path) -> Iterator[Path]:
    """The files of a protocol folder that belong to its text, in any order."""
    for place in (folder, folder / "forms"):
        yield from (path for path in place.glob("*") if path.suffix.lower() in {".yaml", ".yml"})


def load_files(files: Mapping[str, str]) -> LoadedProtocol:
    """The protocol in `files` (text by path inside the folder), as `load` does, from the database's copy."""
    read = {name: documents.read(name, text) for name, text in files.items()}
    problems = [*_wrong_files(files), *(problem for _, found in read.values() for problem in found)]
    whole = _Whole({name: document for name, (document, _) in read.items() if document})
    problems += whole.misplaced_keys()
    try:
        protocol = Protocol.model_validate(whole.tree())
    except ValidationError as error:
        raise ProtocolError([*problems, *whole.shape_problems(error)]) from None
    if not problems:
        faults = [*consistency.faults(protocol), *addresses.faults(protocol)]
        problems = [whole.problem(fault.path, fault.message, fault.remedy) for fault in faults]
    if problems:
        raise ProtocolError(problems)
    return LoadedProtocol(protocol, dict(files), hash_of(files))


def hash_of(files: Mapping[str, str]) -> str:
    """SHA-256, hexadecimal, of the lines `<sha256 of a file>  <its path>` in the order of the paths.

    Anyone can recompute it: `sha256sum *.yaml forms/*.yaml | LC_ALL=C sort -k 2 | sha256sum`.
    """
    lines = (f"{sha256(text)}  {name}\n" for name, text in sorted(files.items()))
    return sha256("".join(lines))


def _text(path: Path, folder: Path) -> str | Problem:
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as file:
            content = file.read(documents.LARGEST_FILE + 1)
    except OSError as error:
        return Problem(name, 0, "", f"it cannot be read ({error.strerror})", "Let this user read the file")
    if len(content) > documents.LARGEST_FILE:
        return documents.too_large(name)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(name, line, "", "it is not UTF-8 text", "Save the file in UTF-8")


def _wrong_files(files: Mapping[str, str]) -> Iterator[Problem]:
    allowed = {_PROTOCOL, *_FILE_OF.values()}
    for name in files:
        if name not in allowed and not _FORM_FILE.fullmatch(name):
            remedy = nearest(name, {*allowed, "forms/<form>.yaml"})
            yield Problem(name, 0, "", "a protocol has no such file", remedy)
    for name in _NEEDED:
        if name not in files:
            yield Problem(
                name, 0, "", "this file is missing", "Add it; protocols/README.md says what it holds"
            )


@dataclass(frozen=True)
class _Whole:
    """The readable documents of a protocol as one tree, and the way from a place in it to a file and line."""

    documents: dict[str, Document]

    def tree(self) -> Tree:
        header = self._header()
        forms = {found[1]: name for name in self.documents if (found := _FORM_FILE.fullmatch(name))}
        parts = {part: self.documents[name].tree for part, name in _FILE_OF.items() if name in self.documents}
        return {**header, **parts, "forms": {form: self.documents[name].tree for form, name in forms.items()}}

    def misplaced_keys(self) -> Iterator[Problem]:
        """Keys of protocol.yaml that would be hidden by the file of that name."""
        for part, file in {**_FILE_OF, "forms": "forms/<form>.yaml"}.items():
            if part in self._header():
                line = self.documents[_PROTOCOL].line([part])
                yield Problem(_PROTOCOL, line, part, "this has a file of its own", f"Move it to {file}")

    def shape_problems(self, error: ValidationError) -> Iterator[Problem]:
        """What the shape of the files lacks; what stands in a file that could not be read is not missing."""
        for each in error.errors(include_url=False):
            problem = self.problem(shape_errors.path(each), *shape_errors.said(each))
            if problem.file in self.documents:
                yield problem

    def problem(self, path: tuple[Step, ...], message: str, remedy: str) -> Problem:
        """The fault at a place of the whole tree, told by file, line and the key inside that file."""
        file, inner = _place(path)
        line = self.documents[file].line(inner) if file in self.documents else 0
        return Problem(file, line, dotted(inner), message, remedy)

    def _header(self) -> dict[str, Tree]:
        tree = self.documents[_PROTOCOL].tree if _PROTOCOL in self.documents else None
        return tree if isinstance(tree, dict) else {}


def _place(path: tuple[Step, ...]) -> tuple[str, tuple[Step, ...]]:
    match path:
        case ("forms", str(form), *rest):
            return f"forms/{form}.yaml", tuple(rest)
        case (str(part), *rest) if part in _FILE_OF:
            return _FILE_OF[part], tuple(rest)
    return _PROTOCOL, path
