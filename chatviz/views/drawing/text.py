"""Streamed text as it may be shown: nothing hidden, nothing that breaks XML, nothing too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import east_asian_width

__all__ = ["cut_text", "fit_text", "measure_text", "show_text", "wrap_text"]

# Controls, bidi controls (they turn the reading order), line separators, lone surrogates and the
# two characters that XML forbids.
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
# Widths in ems of DejaVu Sans, the widest of the fonts that a system is likely to choose.
_WIDTHS: Final = {
    character: width
    for width, characters in (
        (0.33, " ijl.,:;'|I·"),
        (0.42, 'frt()[]-/\\`!"'),
        (0.55, "scz?_"),
        (0.66, "ABEFPSTRVXYZCKL$&#*+=<>~^"),
        (0.8, "DGHNOQUw"),
        (1.0, "mMW@%—…▼◆×"),
    )
    for character in characters
}


def show_text(text: str) -> str:
    """Return text with every control, bidi control and lone surrogate made visible."""
    return _HIDDEN.sub(_show_hidden, text)


def cut_text(text: str, limit: int, *, size: int = 0) -> str:
    """Return text of at most a number of characters, and how many more there were.

    Parameters
    ----------
    size : int
        How long the whole was, where the text is only its beginning.
    """
    size = max(size, len(text))
    if size <= limit:
        return text
    return f"{text[:limit]}… ({size - limit:,} more characters)"


def measure_text(text: str, size: float, *, mono: bool = False) -> float:
    """Return how wide text may be, in pixels: an upper estimate, since fonts differ."""
    return size * sum(_measure_character(character, mono) for character in text)


def fit_text(text: str, width: float, size: float, *, mono: bool = False) -> str:
    """Return visible text that fits a width, cut with an ellipsis where it must be."""
    text = show_text(text[: int(width) + 1])
    if measure_text(text, size, mono=mono) <= width:
        return text
    room = width - measure_text("…", size, mono=mono)
    for place, character in enumerate(text):
        room -= size * _measure_character(character, mono)
        if room < 0:
            return text[:place].rstrip(" ") + "…"
    return text


def wrap_text(text: str, width: float, size: float) -> Iterator[str]:
    """Yield the lines of a text, made visible and broken at words so that each fits a width."""
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in re.split(r"(?<= )(?=[^ ])", show_text(paragraph)):
            if line and measure_text(line + word.rstrip(" "), size) > width:
                yield line.rstrip(" ")
                line = ""
            line += word
            while measure_text(line.rstrip(" "), size) > width:
                place = _find_break(line, width, size)
                yield line[:place]
                line = line[place:]
        yield line.rstrip(" ")


def _find_break(line: str, width: float, size: float) -> int:
    """Return how many characters of a word that is too long for a line fit it; at least one."""
    for place, character in enumerate(line):
        width -= size * _measure_character(character, False)
        if width < 0:
            return max(place, 1)
    return len(line)


def _show_hidden(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"


def _measure_character(character: str, mono: bool) -> float:
    if character > "\u02ff" and east_asian_width(character) in "WF":
        return 1.25 if mono else 1.05
    if mono:
        return 0.62 if character < "\u2400" else 0.9
    known = _WIDTHS.get(character)
    return known if known is not None else 0.64 if character < "\u2400" else 1.0
