"""RecordingMetadata: what our own recorder noted beside an answer, above all when each piece came.

In the file it is kept under one key of the response, ``x-chatviz``, which go-vcr ignores.
Invalid metadata never makes a recording unreadable: it is ignored, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Literal, TypeAlias, cast, get_args

from chatviz.cassettes.formats.durations import format_duration, parse_duration
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue

__all__ = [
    "CLOSED_BY_CALLER",
    "METADATA_KEY",
    "RecordingMetadata",
    "TimeSource",
    "metadata_tree",
    "read_metadata",
]

TimeSource: TypeAlias = Literal["measured", "simulated", "none"]

CLOSED_BY_CALLER = "closed by the caller"
"""Why an answer is not whole whose reader stopped before its end."""

METADATA_KEY = "x-chatviz"
"""The key of the response under which a file keeps the metadata."""


@dataclass(frozen=True, slots=True)
class RecordingMetadata:
    """What our own recorder noted beside an answer.

    Attributes
    ----------
    clock : str
        Where the times come from: ``"measured"``, ``"simulated"`` (the answer came from a paced
        replay: its times never count as measured), or ``"none"`` where there are none.
    pieces : tuple of (int, int)
        Of each piece of the body as it is kept: its size in bytes, and its arrival in nanoseconds
        since the request was sent. Empty where that is not known.
    total_ns : int | None
        Nanoseconds from the request sent to the end of the body.
    cut_short : str
        Why the body is not whole: ``CLOSED_BY_CALLER``; ``""`` where it is.
    content_encoding : str
        The coding in which the body came, where it is kept decoded or could not be decoded.
    encoded_size : int | None
        How many bytes came, where the body is kept decoded.
    undecoded : bool
        The body could not be decoded, and is kept as it came.
    removed : tuple[str, ...]
        The places that secrets were removed from, never their values.
    fault : str
        Why the file's entry could not be read whole; ``""`` where it could.
    extra : mapping
        Keys that are not known, as plain values.

    Raises
    ------
    ValueError
        An unknown clock, a negative size or time, or times that go backwards.
    """

    clock: TimeSource = "none"
    pieces: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    total_ns: int | None = None
    cut_short: str = ""
    content_encoding: str = ""
    encoded_size: int | None = None
    undecoded: bool = False
    removed: tuple[str, ...] = ()
    fault: str = ""
    extra: Mapping[YamlKey, YamlValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.clock not in get_args(TimeSource):
            raise ValueError(f"clock should be one of {', '.join(get_args(TimeSource))}.")
        times = [0, *(at for _, at in self.pieces)]
        if any(after < before for before, after in pairwise(times)):
            raise ValueError("the times of the pieces go back; each should be at or after the last")
        if any(size < 0 for size, _ in self.pieces):
            raise ValueError("the size of a piece is below 0")
        if min(self.total_ns or 0, self.encoded_size or 0) < 0:
            raise ValueError("total and encoded_size should not be below 0")

    def check_size(self, size: int) -> None:
        """Raise a ValueError where the pieces are not those of a body of this many bytes."""
        found = sum(size for size, _ in self.pieces)
        if self.pieces and found != size:
            raise ValueError(f"the pieces add up to {found:,} bytes, and the body has {size:,}")


def read_metadata(value: YamlValue, size: int) -> RecordingMetadata:
    """Read the metadata of a body of ``size`` bytes.

    Raises
    ------
    ValueError
        The metadata is invalid: the reason, without any value.
    """
    if not isinstance(value, dict):
        raise ValueError("the metadata should be a map")
    entries = dict(value)
    total = entries.pop("total", None)
    metadata = RecordingMetadata(
        clock=cast(TimeSource, _text(entries, "clock") or "none"),
        pieces=_read_pieces(_text(entries, "pieces")),
        total_ns=None if total is None else parse_duration(str(total)),
        cut_short=_text(entries, "cut_short"),
        content_encoding=_text(entries, "content_encoding"),
        encoded_size=_integer(entries, "encoded_size"),
        undecoded=_flag(entries, "undecoded"),
        removed=_texts(entries, "removed"),
        fault=_text(entries, "fault"),
        extra=entries,
    )
    metadata.check_size(size)
    return metadata


def metadata_tree(metadata: RecordingMetadata) -> dict[str, object]:
    """Return the metadata as plain values for the file, but their extra keys."""
    return {
        "clock": metadata.clock,
        "total": None if metadata.total_ns is None else format_duration(metadata.total_ns),
        "pieces": _write_pieces(metadata.pieces),
        "cut_short": metadata.cut_short,
        "content_encoding": metadata.content_encoding,
        "encoded_size": metadata.encoded_size,
        "undecoded": metadata.undecoded,
        "removed": metadata.removed,
        "fault": metadata.fault,
    }


def _read_pieces(text: str) -> tuple[tuple[int, int], ...]:
    words = text.split()
    if not all(map(_PIECE.fullmatch, words)):
        raise ValueError("pieces should be written as 'size+nanoseconds size+nanoseconds …'")
    numbers = [int(number) for number in text.replace("+", " ").split()]
    return tuple(zip(numbers[::2], accumulate(numbers[1::2]), strict=True))


def _write_pieces(pieces: Iterable[tuple[int, int]]) -> str:
    """Write each piece's size and the nanoseconds since the one before, in short lines."""
    lines, line, before = [], "", 0
    for size, at in pieces:
        word = f"{size}+{at - before}"
        before = at
        if line and len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def _text(entries: dict[YamlKey, YamlValue], name: str) -> str:
    value = entries.pop(name, None)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} should be text")
    return value or ""


def _texts(entries: dict[YamlKey, YamlValue], name: str) -> tuple[str, ...]:
    value = entries.pop(name, None) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} should be a list of texts")
    return tuple(item for item in value if isinstance(item, str))


def _integer(entries: dict[YamlKey, YamlValue], name: str) -> int | None:
    value = entries.pop(name, None)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise ValueError(f"{name} should be a whole number")
    return value


def _flag(entries: dict[YamlKey, YamlValue], name: str) -> bool:
    value = entries.pop(name, None)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} should be true or false")
    return bool(value)


_WIDTH = 88
_PIECE = re.compile(r"[0-9]{1,15}\+[0-9]{1,18}")
