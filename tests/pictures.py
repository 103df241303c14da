"""Tests: reading an SVG figure back: its texts, lines and paths with their places on the sheet."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from outcomes.reporting.lettering import text_width

SVG = "{http://www.w3.org/2000/svg}"


class Text(NamedTuple):
    """One line of text and the box it may fill, in pixels of the sheet."""

    text: str
    anchor: str
    x: float
    left: float
    right: float
    top: float
    bottom: float


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def placed(
    element: ElementTree.Element, x: float = 0, y: float = 0
) -> Iterator[tuple[ElementTree.Element, float, float]]:
    """Every element with the place of its origin on the sheet."""
    shift = re.match(r"translate\((-?[\d.]+),(-?[\d.]+)\)", element.get("transform", ""))
    if shift:
        x, y = x + float(shift[1]), y + float(shift[2])
    yield element, x, y
    for child in element:
        yield from placed(child, x, y)


def texts(picture: str) -> list[Text]:
    found = []
    for element, x, y in placed(parsed(picture)):
        if element.tag == SVG + "text":
            text, anchor = element.text or "", element.get("text-anchor", "start")
            size = float(element.get("font-size", "0").removesuffix("px"))
            width = text_width(text, size=size, bold=element.get("font-weight") == "bold")
            left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
            found.append(Text(text, anchor, x, left, left + width, y - 0.8 * size, y + 0.25 * size))
    return found


def lines(picture: str, **attributes: str) -> list[tuple[float, float, float, float]]:
    """(x1, y1, x2, y2) on the sheet of the straight lines with these attributes."""
    found = []
    for element, x, y in placed(parsed(picture)):
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        if element.tag == SVG + "line" and wanted.items() <= element.attrib.items():
            found.append((x, y, x + float(element.get("x2", "0")), y + float(element.get("y2", "0"))))
    return found


def paths(picture: str, **attributes: str) -> list[ElementTree.Element]:
    """The paths with these attributes, in order of drawing."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [path for path in parsed(picture).iter(SVG + "path") if wanted.items() <= path.attrib.items()]


def corners(path: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The points of each unbroken piece of a path of straight lines."""
    pieces: list[list[tuple[float, float]]] = []
    for letter, numbers in re.findall(r"([MLhvZ])([^MLhvZ]*)", path.get("d", "")):
        values = [float(number) for number in numbers.split(",") if number]
        if letter == "M":
            pieces.append([(values[0], values[1])])
        elif letter != "Z":
            x, y = pieces[-1][-1]
            if letter == "L":
                pieces[-1].append((values[0], values[1]))
            else:
                pieces[-1].append((x + values[0], y) if letter == "h" else (x, y + values[0]))
    return pieces


def colliding(picture: str) -> list[tuple[str, str]]:
    """Pairs of texts that may touch in the widest usual font."""
    found = texts(picture)
    return [
        (a.text, b.text)
        for place, a in enumerate(found)
        for b in found[place + 1 :]
        if a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    ]


def outside(picture: str) -> list[str]:
    """Texts that may reach over the edge of the sheet."""
    root = parsed(picture)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    return [
        text.text
        for text in texts(picture)
        if text.left < 0 or text.top < 0 or text.right > width or text.bottom > height
    ]
