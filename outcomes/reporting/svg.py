"""Rules room: the finishing of an SVG picture: named for readers, safe inside any page, small."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

FONTS = "Helvetica Neue, Arial, Liberation Sans, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_ALLOWED = frozenset({"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath"})
_UNWANTED = frozenset({"class", "role", "style", "pointer-events", "font-family", "version"})
_GEOMETRY = frozenset({"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"})
_LONG_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?e[-+]?\d+|-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_POLYLINE = re.compile(r"[-MLZ0-9.,]+")
_LEADING_ZERO = re.compile(r"^(-?)0\.")
_NOTHING = frozenset({"", "M0,0h0v0h0Z"})
_VERTEX = re.compile(r"([ML])(-?[\d.]+),(-?[\d.]+)|Z")


def finish(picture: str, *, title: str, description: str, prefix: str) -> str:
    """`picture` (SVG of our own renderer) with title, description, role and own ids, fit to stand in a page.

    `prefix` starts every id and must be unique in the page. Style attributes, classes and the renderer's
    inner roles go, coordinates are kept to a tenth of a pixel, fonts are named once, on the root.
    Raises ValueError on an empty title or description, a prefix that is no XML name, or an element that could
    run a script or fetch something.
    """
    if not title.strip() or not description.strip():
        raise ValueError("A figure needs a title and a description: pass both, translated.")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} cannot start an id: begin with a letter, then letters, digits, - or _.")
    root = ElementTree.fromstring(picture)
    for element in list(root.iter()):
        _clean(element, prefix)
    _prune(root)
    root.set("xmlns", _NAMESPACE.strip("{}"))
    root.set("id", prefix)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    root.set("font-family", FONTS)
    _insert(root, 0, "title", f"{prefix}-title", title)
    _insert(root, 1, "desc", f"{prefix}-desc", description)
    return ElementTree.tostring(root, encoding="unicode")


def _insert(root: ElementTree.Element, place: int, tag: str, name: str, text: str) -> None:
    element = ElementTree.Element(tag, {"id": name})
    element.text = text
    root.insert(place, element)


def _clean(element: ElementTree.Element, prefix: str) -> None:
    element.tag = element.tag.removeprefix(_NAMESPACE)
    if element.tag not in _ALLOWED:
        raise ValueError(
            f"The picture holds an element <{element.tag}>, which has no place in a figure of ours."
        )
    kept = {}
    for name, value in element.attrib.items():
        if name in _UNWANTED or name.startswith("aria-") or "href" in name or name.startswith("on"):
            continue
        if name == "id":
            value = f"{prefix}-{value}"
        elif name in _GEOMETRY:
            value = _rounded(value)
        kept[name] = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    if "d" in kept:
        kept["d"] = _shortened(kept["d"])
    element.attrib.clear()
    element.attrib.update(kept)


def _prune(element: ElementTree.Element) -> None:
    """Remove what draws nothing: the renderer's hidden backgrounds and the groups left empty by that."""
    for child in list(element):
        _prune(child)
        empty = child.tag == "g" and len(child) == 0
        pointless = child.tag == "path" and child.get("d", "") in _NOTHING
        if empty or pointless or child.get("display") == "none":
            element.remove(child)


def _rounded(value: str) -> str:
    return _LONG_DECIMAL.sub(lambda number: _tenths(float(number.group())), value)


def _tenths(number: float) -> str:
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _shortened(path: str) -> str:
    """A path of straight lines with level and upright steps written as such, without repeated points."""
    if not _POLYLINE.fullmatch(path):
        return path
    return "".join(_strokes(path))


def _strokes(path: str) -> Iterator[str]:
    x = y = 0.0
    for vertex in _VERTEX.finditer(path):
        if vertex.group() == "Z":
            yield "Z"
            continue
        to_x, to_y = float(vertex[2]), float(vertex[3])
        across, down = _tenths(to_x - x), _tenths(to_y - y)
        if vertex[1] == "M" or "0" not in (across, down):
            yield vertex.group()
        elif across != "0":
            yield "h" + _LEADING_ZERO.sub(r"\1.", across)
        elif down != "0":
            yield "v" + _LEADING_ZERO.sub(r"\1.", down)
        x, y = to_x, to_y
