"""What is written to a terminal: streamed text that cannot control it, within its width."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

import click

__all__ = ["SEVERITY_COLOURS", "echo", "indented", "paint", "safe_text", "width_of"]

SEVERITY_COLOURS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}
NARROWEST: Final = 40  # columns

# Controls other than tab and line feed, marks that turn the reading order, lone surrogates.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
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
    lines = [
        piece
        for line in safe_text(text).expandtabs(4).split("\n")
        for piece in wrap(line, width - len(space), drop_whitespace=False) or [""]
    ]
    left = 0 if most is None else len(lines) - most
    shown = lines[:most] if left > 1 else lines
    for number, line in enumerate(shown):
        head = f"  {label:<9} " if number == 0 else space
        yield f"{paint(head, dim=True)}{line.rstrip()}"
    if left > 1:
        yield paint(f"{space}… {left:,} more lines (--full shows them)", dim=True)
