"""Rules room: how wide a text will be, and where to break it, without knowing the reader's font."""

import unicodedata

# Ems of DejaVu Sans, the widest font a browser is likely to fall back to: what fits in it fits in Arial.
_NARROW = frozenset(" ilIjtfr.,:;'|!()[]-\u00a0")
_BROAD = frozenset("mwMW%@+\u2212=<>\u2190\u2192")
_WIDE_SCRIPT = frozenset("WF")


def _ems(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in _WIDE_SCRIPT:
        return 1.0
    if letter in _NARROW:
        return 0.4
    if letter in _BROAD:
        return 0.95
    return 0.72 if letter.isupper() else 0.63


def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Upper estimate of the width of `text` in pixels, set in a sans-serif font of `size` pixels."""
    return sum(map(_ems, text)) * size * (1.1 if bold else 1.0)


def _pieces(text: str) -> list[str]:
    """Words, and single letters of scripts written without spaces; a piece keeps the space before it."""
    pieces = [""]
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in _WIDE_SCRIPT
        if letter == " " or (wide and pieces[-1].strip()):
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def wrapped(text: str, *, width: float, size: float, bold: bool = False) -> list[str]:
    """`text` as lines of at most `width` pixels; a single word wider than that keeps a line of its own."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and text_width(lines[-1] + piece, size=size, bold=bold) > width:
            lines.append(piece.lstrip(" "))
        else:
            lines[-1] += piece
    return lines
