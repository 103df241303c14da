"""Rules room, floor 0: the text of an expression becomes a small tree, or an error with column and remedy."""

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

TEXT_LIMIT = 1000
DEPTH_LIMIT = 50
DIGITS_LIMIT = 15


class ExpressionError(ValueError):
    """What is wrong with an expression, at which column (counted from 1), and what to do about it."""

    def __init__(self, message: str, text: str, column: int, remedy: str) -> None:
        super().__init__(message, text, column, remedy)
        self.message = message
        self.text = text
        self.column = column
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} (column {self.column} of: {self.text}) {self.remedy}"


@dataclass(frozen=True)
class Literal:
    """A text or number written in the expression."""

    column: int
    value: str | int | Decimal


@dataclass(frozen=True)
class Address:
    """The name of an item or fact, dotted when it lives elsewhere: 'ecog', 'death.date'."""

    column: int
    name: str


@dataclass(frozen=True)
class Missing:
    """`x is missing`."""

    column: int
    address: Address


@dataclass(frozen=True)
class Not:
    """`not x`."""

    column: int
    operand: "Node"


@dataclass(frozen=True)
class Junction:
    """`x and y and …` when `every`, else `x or y or …`."""

    column: int
    every: bool
    operands: "tuple[Node, ...]"


@dataclass(frozen=True)
class Comparison:
    """`a < b <= c …`: one operator between each two neighbours."""

    column: int
    operands: "tuple[Node, ...]"
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Membership:
    """`x in [a, b]`, or `'code' in item` where the item holds several codes."""

    column: int
    member: "Node"
    options: "tuple[Node, ...] | Address"


@dataclass(frozen=True)
class Minus:
    """`-x`."""

    column: int
    operand: "Node"


@dataclass(frozen=True)
class Arithmetic:
    """`x + y` and the other operations on numbers and dates."""

    column: int
    operator: str
    left: "Node"
    right: "Node"


Node = Literal | Address | Missing | Not | Junction | Comparison | Membership | Minus | Arithmetic

# Python's reader sees only texts made of these tokens: no f-strings, bytes, escapes, comments, nor names
# that Unicode normalization would merge. What is not listed is not in the language.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?![\w.'"]))
    |(?P<text>'[^'\\\x00-\x1f\x7f\ud800-\udfff]*'|"[^"\\\x00-\x1f\x7f\ud800-\udfff]*")
    |(?P<mark>==|!=|<=|>=|//|[-+*/%<>()\[\],])""",
    re.VERBOSE,
)
_SPACES = str.maketrans("\t\r\n", "   ")
_MISSING = "missing"
_OWN_WORDS = frozenset({"and", "or", "not", "in", "is", _MISSING})
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_CALCULATED: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_FOREIGN: dict[type[ast.expr], str] = {
    ast.Call: "A call such as f(x)",
    ast.Subscript: "A subscript such as x[1]",
    ast.List: "A list outside `in`",
    ast.Tuple: "A comma outside a list",
    ast.Starred: "A star before a name",
    ast.UnaryOp: "A plus sign before a value",
}
_EXAMPLE = "Write comparisons joined by and, or, not, such as: size >= 30 and lvi == 'yes'"
_UNREADABLE = {
    "=": "Write == to compare.",
    "&": "Write `and`.",
    "|": "Write `or`.",
    "!": "Write `not`, or != for unequal.",
    "\\": "A text holds no backslash: write the character itself.",
    "'": "Close the text with the quote it began with, on the same line.",
    '"': "Close the text with the quote it began with, on the same line.",
    ".": "Write an address without spaces, such as death.date, and a number as 0.5.",
}


def read(text: str) -> tuple[Node, frozenset[str]]:
    """The tree of an expression and the addresses it names.

    Raises ExpressionError, and nothing else, on a text that is not in the language, is longer than TEXT_LIMIT
    characters, is nested deeper than DEPTH_LIMIT or holds a number of more than DIGITS_LIMIT digits.
    """
    if len(text) > TEXT_LIMIT:
        message = f"The expression has {len(text)} characters, at most {TEXT_LIMIT} are allowed."
        raise ExpressionError(message, text[:60] + "…", TEXT_LIMIT + 1, "Split it into several checks.")
    addresses = frozenset(_addresses(text))
    # YAML brings line ends and leading spaces, which Python's reader would take for statements and indents.
    source = text.translate(_SPACES).lstrip(" ")
    reader = _Reader(text=text, source=source)
    try:
        body = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        # Python gives no offset for what is not there.
        message = f"Not an expression: {error.msg}." if error.offset else "The expression ends too soon."
        column = (error.offset or len(source) + 1) + len(text) - len(source)
        raise ExpressionError(message, text, column, _EXAMPLE) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("The expression is nested too deeply.", text, 1, "Split it.") from None
    return reader.node(body, 1), addresses


def _addresses(text: str) -> Iterator[str]:
    """The addresses of a text, once each of its tokens is known to be in the language."""
    column, before = 1, ""
    while column <= len(text):
        token = _TOKEN.match(text, column - 1)
        if token is None:
            shown = text[column - 1]
            remedy = _UNREADABLE.get(shown, _EXAMPLE)
            raise ExpressionError(f"{shown!r} cannot be read here.", text, column, remedy)
        kind, word = str(token.lastgroup), token.group()
        if kind == before == "text":
            raise ExpressionError("Two texts follow each other.", text, column, "Put a comma between them.")
        if kind == "number" and len(word.replace(".", "")) > DIGITS_LIMIT:
            remedy = f"Write at most {DIGITS_LIMIT} digits."
            raise ExpressionError("The number is too long.", text, column, remedy)
        if kind == "word" and word not in _OWN_WORDS:
            _refuse_reserved(word, text, column)
            yield word
        before = before if kind == "space" else kind
        column += len(word)


def _refuse_reserved(word: str, text: str, column: int) -> None:
    for part in word.split("."):
        if keyword.iskeyword(part):
            remedy = "Name the item otherwise; answers are texts in quotes: 'yes', 'no'."
            raise ExpressionError(f"{part!r} is a reserved word, not a name.", text, column, remedy)


@dataclass(frozen=True)
class _Reader:
    """Turns Python's tree into ours; `source` is `text` without line ends and leading spaces."""

    text: str
    source: str

    def node(self, tree: ast.expr, depth: int) -> Node:
        if depth > DEPTH_LIMIT:
            self.refuse(tree, f"The expression is nested deeper than {DEPTH_LIMIT} levels.", "Split it.")
        column = self.column(tree)
        match tree:
            case ast.Constant():
                return self.literal(tree)
            case ast.Name() | ast.Attribute():
                return self.address(tree)
            case ast.BoolOp(op=joined, values=values):
                return Junction(column, isinstance(joined, ast.And), self.nodes(values, depth))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(column, self.node(operand, depth + 1))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Minus(column, self.node(operand, depth + 1))
            case ast.BinOp(op=calculated, left=left, right=right):
                if type(calculated) not in _CALCULATED:
                    self.refuse(tree, "There is no power operator.", "Multiply instead: x * x.")
                operator = _CALCULATED[type(calculated)]
                return Arithmetic(column, operator, *self.nodes([left, right], depth))
            case ast.Compare():
                return self.comparison(tree, depth)
            case _:
                foreign = _FOREIGN.get(type(tree), "This")
                self.refuse(tree, f"{foreign} is not in the language.", _EXAMPLE)

    def nodes(self, trees: list[ast.expr], depth: int) -> tuple[Node, ...]:
        return tuple(self.node(tree, depth + 1) for tree in trees)

    def literal(self, tree: ast.Constant) -> Literal:
        if isinstance(tree.value, str):
            return Literal(self.column(tree), tree.value)
        # Python's reader has already rounded 0.1 to a float: the digits are taken from the text.
        digits = self.segment(tree)
        return Literal(self.column(tree), Decimal(digits) if "." in digits else int(digits))

    def address(self, tree: ast.expr) -> Address:
        name = self.segment(tree)
        if name == _MISSING:
            self.refuse(tree, "`missing` is not a value.", "Write `x is missing` or `x is not missing`.")
        return Address(self.column(tree), name)

    def comparison(self, tree: ast.Compare, depth: int) -> Node:
        if all(type(operator) in _COMPARED for operator in tree.ops):
            operators = tuple(_COMPARED[type(operator)] for operator in tree.ops)
            return Comparison(self.column(tree), self.nodes([tree.left, *tree.comparators], depth), operators)
        if len(tree.ops) > 1:
            remedy = "Put each of them in brackets, joined by `and`."
            self.refuse(tree, "`in` and `is` cannot be part of a chain of comparisons.", remedy)
        operator, right = tree.ops[0], tree.comparators[0]
        found: Node
        if isinstance(operator, ast.In | ast.NotIn):
            found = Membership(self.column(tree), self.node(tree.left, depth + 1), self.options(right, depth))
        else:
            found = Missing(self.column(tree), self.asked_missing(tree.left, right))
        return Not(found.column, found) if isinstance(operator, ast.NotIn | ast.IsNot) else found

    def options(self, tree: ast.expr, depth: int) -> tuple[Node, ...] | Address:
        match tree:
            case ast.List(elts=elements) if elements:
                return self.nodes(elements, depth)
            case ast.Name() | ast.Attribute():
                return self.address(tree)
            case _:
                remedy = "Write x in ['a', 'b'], or 'a' in item where several answers may be chosen."
                self.refuse(tree, "`in` needs a list that is not empty, or an item, on its right.", remedy)

    def asked_missing(self, left: ast.expr, right: ast.expr) -> Address:
        if not (isinstance(right, ast.Name) and right.id == _MISSING):
            self.refuse(right, "`is` asks only whether a value is missing.", "Write == to compare.")
        if not isinstance(left, ast.Name | ast.Attribute):
            self.refuse(left, "Only an item can be missing.", "Ask each item: x is missing or y is missing.")
        return self.address(left)

    def segment(self, tree: ast.expr) -> str:
        return self.source.encode()[tree.col_offset : tree.end_col_offset].decode()

    def column(self, tree: ast.expr) -> int:
        """Python counts bytes after the leading spaces; people count characters of the text they wrote."""
        characters = len(self.source.encode()[: tree.col_offset].decode())
        return characters + 1 + len(self.text) - len(self.source)

    def refuse(self, tree: ast.expr, message: str, remedy: str) -> NoReturn:
        raise ExpressionError(message, self.text, self.column(tree), remedy)
