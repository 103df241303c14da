"""Rules: YAML text into plain data that remembers its lines, with the words of YAML 1.2 only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from trial.protocol.problems import Problem, Step, dotted

LARGEST_FILE = 1_000_000
DEEPEST_NESTING = 20

Tree = dict[str, "Tree"] | list["Tree"] | str | int | Decimal | bool | None

_NULL, _BOOL, _INT, _FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))


@dataclass(frozen=True)
class Document:
    """One YAML file: its data, and the nodes that know on which line each key stands."""

    file: str
    tree: Tree
    root: yaml.Node

    def line(self, path: Sequence[Step]) -> int:
        """The line, from 1, of the last key of `path` that the file holds."""
        node, line = self.root, _line(self.root)
        for step in path:
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        node, line = value, _line(key)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = _line(node)
        return line


def read(file: str, text: str) -> tuple[Document | None, list[Problem]]:
    """The document in `text`, or None and everything that keeps it from being read.

    Refused: over LARGEST_FILE bytes, nested deeper than DEEPEST_NESTING, anchors and aliases (a short text
    could expand into a huge one), tags, several documents, keys that are not plain or stand twice.
    """
    if len(text.encode(errors="surrogatepass")) > LARGEST_FILE:
        return None, [too_large(file)]
    try:
        loader = _Yaml12(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        return None, [_unreadable(file, text, error)]
    problems = [Problem(file, line, "", *what) for line, what in loader.refused]
    if root is None:
        return None, [Problem(file, 0, "", "the file is empty", "Write its keys, or remove the file")]
    if problems:
        return None, problems
    tree = _plain(root, (), file, problems)
    return (None if problems else Document(file, tree, root)), problems


def too_large(file: str) -> Problem:
    """What is said of a file above the limit."""
    return Problem(
        file, 0, "", f"it is larger than {LARGEST_FILE} bytes", "Split it, or move data to `data/`"
    )


class _Yaml12(yaml.BaseLoader):
    """Composes nodes only. `no`, `on`, `1984-03-01` and `01` stay text, as YAML 1.2 and people read them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.refused: list[tuple[int, tuple[str, str]]] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]
            self._refuse(event, f"`*{event.anchor}` repeats another part of the file", "Write that part out")
            return yaml.ScalarNode(_NULL, "")
        if event.anchor is not None:
            self._refuse(
                event, f"`&{event.anchor}` names a part for repetition", "Remove it; write parts out"
            )
            event.anchor = None
        if event.tag is not None:
            self._refuse(event, f"the tag `{event.tag}` is not allowed", "Remove it; put text between quotes")
            event.tag = None
        if self.depth == DEEPEST_NESTING:
            raise yaml.MarkedYAMLError(problem="the file is nested too deeply", problem_mark=event.start_mark)
        self.depth += 1
        node: yaml.Node = super().compose_node(parent, index)  # type: ignore[assignment]
        self.depth -= 1
        return node

    def _refuse(self, event: Any, message: str, remedy: str) -> None:
        self.refused.append((event.start_mark.line + 1, (message, remedy)))


for _tag, _pattern, _first in (
    (_NULL, r"~|null|", ["~", "n", ""]),
    (_BOOL, r"true|false", ["t", "f"]),
    # No leading zeros: a site called 01 is a text. At most 15 digits: nothing here is larger.
    (_INT, r"[-+]?(?:0|[1-9][0-9]{0,14})", list("-+0123456789")),
    (_FLOAT, r"[-+]?(?:0|[1-9][0-9]{0,14})?\.[0-9]{1,15}", list("-+.0123456789")),
):
    _Yaml12.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


def _plain(node: yaml.Node, path: tuple[Step, ...], file: str, problems: list[Problem]) -> Tree:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, file, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, (*path, number), file, problems) for number, each in enumerate(node.value)]
    return _scalar(node.tag, node.value)


def _mapping(
    node: yaml.MappingNode, path: tuple[Step, ...], file: str, problems: list[Problem]
) -> dict[str, Tree]:
    lines: dict[str, int] = {}
    tree: dict[str, Tree] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            remedy = "Write a word before the colon"
            problems.append(Problem(file, _line(key), dotted(path), "a key is a list or a mapping", remedy))
            continue
        inner = (*path, key.value)
        if key.value in lines:
            message = f"the key `{key.value}` stands twice, first on line {lines[key.value]}"
            problems.append(Problem(file, _line(key), dotted(inner), message, "Keep one of the two"))
        lines.setdefault(key.value, _line(key))
        tree[key.value] = _plain(value, inner, file, problems)
    return tree


def _scalar(tag: str, text: str) -> Tree:
    if tag == _NULL:
        return None
    if tag == _BOOL:
        return text == "true"
    if tag == _INT:
        return int(text)
    return Decimal(text) if tag == _FLOAT else text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _unreadable(file: str, text: str, error: yaml.YAMLError) -> Problem:
    remedy = "Correct the YAML: look at the indentation, the colons and the quotes on this line"
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        return Problem(file, mark.line + 1 if mark else 0, "", said, remedy)
    position = int(getattr(error, "position", 0))
    line = text.count("\n", 0, position) + 1
    return Problem(file, line, "", "a character that YAML does not allow", "Remove that character")
