"""Entries: what a browser is told of a run that is going on, and how they are packed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from chatviz.views.inspector.growth import Buffers

__all__ = ["Entry", "pack_entries"]


class Entry(NamedTuple):
    """A kind and its values, as JSON, with the buffers that they speak of.

    ``state name words`` · ``run columns`` (of one answer, by its ``index``: how it begins, grows
    or ends) · ``findings rows`` (of all answers together) ·
    ``explain texts`` (by the code of a finding) · ``count chunks bytes`` (of the answer
    that is coming) · ``ask`` · ``sums answers tokens cost``.
    """

    kind: str
    values: tuple[Any, ...]
    buffers: Sequence[bytes] = ()


def pack_entries(entries: Sequence[Entry]) -> Buffers:
    """Return a message's buffers: first the entries as JSON, ``[kind, first buffer, *values]``.

    What is no text in UTF-8 (lone surrogates) would stop a message that is JSON as a whole.
    """
    packed, buffers = [], Buffers([b""])
    for entry in entries:
        packed.append([entry.kind, len(buffers), *entry.values])
        buffers += entry.buffers
    text = json.dumps(packed, ensure_ascii=False, separators=(",", ":"))
    buffers[0] = text.encode("utf-8", "surrogatepass")
    return buffers
