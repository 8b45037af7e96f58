"""Arguments that grow: Vertex AI sends values, each with its JSON path, where it is asked to.

The source is the reference of ``streamFunctionCallArguments``: a text may come in pieces, of which
all but the last say ``willContinue``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from chatviz.chat.deltas import ArgumentPiece
from chatviz.dialects.json_values import items_of

__all__ = ["read_pieces"]

MAX_STEPS: Final = 100  # of a path; what nests deeper is kept unread
_VALUES: Final = ("stringValue", "numberValue", "boolValue", "nullValue")
_FIELDS: Final = frozenset(("jsonPath", "willContinue", *_VALUES))
# The steps of RFC 9535 that lead to one place.
_STEP: Final = re.compile(
    r"\.(?P<name>[^.\[\]'\"]+)|\[(?P<item>[0-9]{1,9})\]"
    r"|\[(?:'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\")\]"
)
_ESCAPE: Final = re.compile(r"\\(.)")


def read_pieces(
    sent: Any,
    spell: Callable[[tuple[str | int, ...], Any], str],
    path: tuple[str | int, ...],
) -> tuple[tuple[ArgumentPiece, ...], list[tuple[int, Any]]]:
    """Return the pieces of a call's arguments, and those that cannot be read, by their number.

    Parameters
    ----------
    sent : Any
        What ``partialArgs`` holds.
    spell : callable
        Gives the JSON text of a value that is at a path.
    path : tuple of str or int
        Where ``partialArgs`` is.
    """
    pieces: list[ArgumentPiece] = []
    unread: list[tuple[int, Any]] = []
    for number, piece in enumerate(items_of(sent)):
        steps = _read_path(piece.get("jsonPath")) if isinstance(piece, dict) else ()
        names = [name for name in _VALUES if name in piece] if steps else []
        if len(names) != 1 or not piece.keys() <= _FIELDS:
            unread.append((number, piece))
            continue
        name = names[0]
        json = "null" if name == "nullValue" else spell((*path, number, name), piece[name])
        if (name == "stringValue") != json.startswith('"') or json.startswith(("[", "{")):
            unread.append((number, piece))
            continue
        pieces.append(ArgumentPiece(steps, json, bool(piece.get("willContinue"))))
    return tuple(pieces), unread


def _read_path(sent: Any) -> tuple[str | int, ...]:
    """Return the steps of a path; none where it leads to no single place in an object."""
    if not isinstance(sent, str) or not sent.startswith("$"):
        return ()
    steps: list[str | int] = []
    place = 1
    while place < len(sent):
        found = _STEP.match(sent, place)
        if found is None or len(steps) == MAX_STEPS:
            return ()
        if found["item"] is not None:
            steps.append(int(found["item"]))
        elif found["name"] is not None:
            steps.append(found["name"])
        else:
            quoted = found["single"] if found["double"] is None else found["double"]
            steps.append(_ESCAPE.sub(r"\1", quoted))
        place = found.end()
    return tuple(steps)
