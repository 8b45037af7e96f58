"""What is written to a terminal: streamed text that cannot control it, within its width."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from typing import Final
from unicodedata import category, east_asian_width

import click

__all__ = [
    "SEVERITY_COLOURS",
    "cell_width",
    "echo",
    "echo_bytes",
    "indented",
    "paint",
    "safe_text",
    "width_of",
    "wrap_cells",
]

SEVERITY_COLOURS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}
NARROWEST: Final = 40  # columns

# Controls other than tab and line feed, marks that turn the reading order, lone surrogates, and
# tags, which are letters that nobody sees.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
    "\U000e0000-\U000e007f]"
)


def safe_text(text: str) -> str:
    """Return text in which every control character is to be seen, and does nothing."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def width_of(given: int | None) -> int:
    """Return the width to write in: the given one, or the terminal's, in columns."""
    return max(given or shutil.get_terminal_size().columns, NARROWEST)


def paint(text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """Return text with its colour; it is stripped where the output is no terminal."""
    if "NO_COLOR" in os.environ:
        return text
    return click.style(text, fg=colour, bold=bold or None, dim=dim or None)


def echo(text: str = "", *, err: bool = False) -> None:
    """Write a line."""
    click.echo(text, err=err)


def echo_bytes(data: bytes) -> None:
    """Write data for another program; a terminal gets it as text that cannot control it."""
    if sys.stdout.isatty():
        echo(safe_text(data.decode("utf-8", "replace")).removesuffix("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def cell_width(text: str) -> int:
    """Return how many columns text takes: wide characters two, marks none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def wrap_cells(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, made safe and broken at words so that each fits a width."""
    for paragraph in safe_text(text).expandtabs(4).split("\n"):
        line = ""
        for word in re.findall(r"\s+|\S+", paragraph):
            if cell_width(line + word) > width and line.strip():
                yield line.rstrip()
                line = ""
                if word.isspace():
                    continue
            *parts, line = _broken(line + word, width)
            yield from parts
        yield line.rstrip()


def indented(label: str, text: str, width: int, *, most: int | None = None) -> Iterator[str]:
    """Yield the lines of a labelled text: the label, and the text beside it, wrapped.

    Parameters
    ----------
    label : str
        At most 10 characters.
    text : str
        As it came; it is made safe here.
    width : int
        Columns.
    most : int or None
        How many lines at most; a last one says how many more there are.
    """
    space = " " * 12
    lines = list(wrap_cells(text.rstrip("\r\n"), width - len(space)))
    left = 0 if most is None else len(lines) - most
    shown = lines[:most] if left > 1 else lines
    for number, line in enumerate(shown):
        head = f"  {label:<9} " if number == 0 else space
        yield f"{paint(head, dim=True)}{line.rstrip()}"
    if left > 1:
        yield paint(f"{space}… {left:,} more lines (--full shows them)", dim=True)


def _broken(text: str, width: int) -> Iterator[str]:
    """Yield a text in parts that fit a width, each of one character at least."""
    start, used = 0, 0
    for place, character in enumerate(text):
        columns = _columns(character)
        if used + columns > width and place > start:
            yield text[start:place]
            start, used = place, 0
        used += columns
    yield text[start:]


def _columns(character: str) -> int:
    if character < "\u0300":
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
