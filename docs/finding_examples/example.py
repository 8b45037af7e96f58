"""What an example of a finding is, and how its bytes are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack
from typing import Any, Final
from zlib import crc32

from chatviz.measures.money.prices import Price

__all__ = [
    "HAND_MADE",
    "Exchange",
    "FindingExample",
    "answer",
    "call",
    "chunk",
    "frame",
    "says",
    "stream",
]

HAND_MADE: Final = "hand-made"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, as far as it matters, and the answer's bytes."""

    body: bytes
    request: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingExample:
    """The smallest bytes that show a kind of finding, and how careless code misreads them.

    Attributes
    ----------
    about : str
        What it is, and who does it.
    origin : str
        ``"hand-made"``, or whose recording the bytes are cut from.
    recording : str
        That recording's file, below a folder of cassettes; ``""`` where the bytes are hand-made.
    exchanges : sequence of Exchange
    file : str
        A recording's text, where that is odd and not the bytes of an answer; ``""`` elsewhere.
    careless : str
        Code as people write it; its last line is an expression, which is its result. It sees
        ``body``, ``chunks`` (the decoded data lines, or payloads of frames), ``answers`` (the
        chunks of each answer), ``requests``, ``recording`` (the decoded file), ``json`` and the
        usual built-in functions.
    read : str
        An expression on ``run``, ``runs`` or ``talk`` that shows what chatviz read instead.
    prices : mapping of str to Price
        The prices with which it is found, where it takes any.
    """

    about: str
    origin: str = HAND_MADE
    recording: str = ""
    exchanges: Sequence[Exchange] = ()
    file: str = ""
    careless: str
    read: str
    prices: Mapping[str, Price] = field(default_factory=dict)


def answer(
    body: bytes, *, request: Mapping[str, Any] | None = None, status: int = 200, url: str = ""
) -> tuple[Exchange]:
    """Return one answer by itself."""
    return (Exchange(body, request or {}, status, url),)


def stream(*payloads: str, done: bool = True) -> bytes:
    """Return server-sent events, one for each payload, and ``[DONE]``."""
    shown = (*payloads, "[DONE]") if done else payloads
    return "".join(f"data: {payload}\n\n" for payload in shown).encode()


def frame(event: str, payload: str, *, kind: str = "event") -> bytes:
    """Return a frame of an AWS event stream; ``kind`` may be ``"exception"``."""
    texts = {f":{kind}-type": event, ":message-type": kind}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\7" + pack(">H", len(text)) + text.encode()
        for name, text in texts.items()
    )
    lengths = pack(">II", 16 + len(headers) + len(payload.encode()), len(headers))
    body = lengths + pack(">I", crc32(lengths)) + headers + payload.encode()
    return body + pack(">I", crc32(body))


def chunk(choice: str, rest: str = "") -> str:
    """Return a chunk with the given fields of its choice, and other fields behind it."""
    return f'{{"choices":[{{"index":0,{choice}}}]{rest and "," + rest}}}'


def says(delta: str, finish: str = "", rest: str = "") -> str:
    """Return a chunk with the given fields of its delta, and a finish reason."""
    reason = f',"finish_reason":"{finish}"' if finish else ""
    return chunk(f'"delta":{{{delta}}}{reason}', rest)


def call(*deltas: str, finish: str = "", before: str = "") -> str:
    """Return a chunk with tool deltas, each given by its fields."""
    return says(f'{before}"tool_calls":[{",".join(f"{{{one}}}" for one in deltas)}]', finish)
