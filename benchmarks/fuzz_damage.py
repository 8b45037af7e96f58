"""What can happen to a stream or a file: functions from its bytes, and others, to damaged ones."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

__all__ = ["FILE_DAMAGE", "STREAM_DAMAGE", "Damage"]

Damage = Callable[[random.Random, bytes, bytes], bytes]

ODD_VALUES = (
    None, True, False, 0, -1, 3.5, 10**40, 1e308, "", "x" * 3_000, "\ud83d", "\0", "[DONE]",
    "<script>", [], [[]], {}, {"index": -1}, {"": None}, [None] * 40, "NaN", "data: ",
)  # fmt: skip
ODD_BYTES = (
    b"\0", b"\r", b"\r\n\r\n", b"\n\n", b":", b"data:", b"data: {}\n\n", b"event: error\n",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xf0\x9f\x98", b"\x1e", b"}" * 50, b"[" * 3_000, b'"', b"\\",
    b"\\ud83d", b"data: [DONE]\n\n", b"retry: 9\n", b"id: 1\n", b"\x00\x00\x00\x10" * 4, b"NaN",
    b"\xe2\x80\xa8", b"data: {\"error\": {\"message\": \"no\", \"code\": 500}}\n\n", b"9" * 5_000,
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_VALUE = re.compile(rb"\"(?:[^\"\\\n]|\\.)*\"|\btrue\b|\bfalse\b|\bnull\b|-?\d+(?:\.\d+)?")


def _place(rng: random.Random, body: bytes) -> int:
    return rng.randrange(len(body) + 1)


def cut(rng: random.Random, body: bytes, other: bytes) -> bytes:
    return body[: _place(rng, body)]


def behead(rng: random.Random, body: bytes, other: bytes) -> bytes:
    return body[_place(rng, body) :]


def flip(rng: random.Random, body: bytes, other: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def insert(rng: random.Random, body: bytes, other: bytes) -> bytes:
    at = _place(rng, body)
    return body[:at] + rng.choice(ODD_BYTES) + body[at:]


def drop(rng: random.Random, body: bytes, other: bytes) -> bytes:
    a, b = sorted((_place(rng, body), _place(rng, body)))
    return body[:a] + body[min(b, a + rng.choice((1, 5, 200, 5_000))) :]


def splice(rng: random.Random, body: bytes, other: bytes) -> bytes:
    return body[: _place(rng, body)] + other[_place(rng, other) :]


def repeat(rng: random.Random, body: bytes, other: bytes) -> bytes:
    a, b = sorted((_place(rng, body), _place(rng, body)))
    return body[:b] + body[a : min(b, a + 3_000)] + body[b:]


def _events(body: bytes) -> tuple[list[bytes], bytes]:
    separator = next((one for one in (b"\r\n\r\n", b"\n\n", b"\n") if one in body), b"\n")
    return body.split(separator), separator


def drop_event(rng: random.Random, body: bytes, other: bytes) -> bytes:
    events, separator = _events(body)
    del events[rng.randrange(len(events))]
    return separator.join(events)


def double_event(rng: random.Random, body: bytes, other: bytes) -> bytes:
    events, separator = _events(body)
    at = rng.randrange(len(events))
    return separator.join([*events[:at], *[events[at]] * rng.choice((2, 2, 9)), *events[at + 1 :]])


def swap_events(rng: random.Random, body: bytes, other: bytes) -> bytes:
    events, separator = _events(body)
    a, b = rng.randrange(len(events)), rng.randrange(len(events))
    events[a], events[b] = events[b], events[a]
    return separator.join(events)


def shuffle_events(rng: random.Random, body: bytes, other: bytes) -> bytes:
    events, separator = _events(body)
    rng.shuffle(events)
    return separator.join(events)


def foreign_event(rng: random.Random, body: bytes, other: bytes) -> bytes:
    events, separator = _events(body)
    events.insert(rng.randrange(len(events) + 1), rng.choice(_events(other)[0]))
    return separator.join(events)


def odd_value(rng: random.Random, body: bytes, other: bytes) -> bytes:
    found = list(_VALUE.finditer(body))
    for _ in range(rng.choice((1, 1, 4))):
        if not found:
            break
        one = rng.choice(found)
        odd = json.dumps(rng.choice(ODD_VALUES)).encode()
        body = body[: one.start()] + odd + body[one.end() :]
        found = list(_VALUE.finditer(body)) if len(body) < 200_000 else []
    return body


def odd_number(rng: random.Random, body: bytes, other: bytes) -> bytes:
    found = list(_NUMBER.finditer(body))
    if not found:
        return body
    one = rng.choice(found)
    odd = rng.choice((b"-1", b"1e999", b"99999999999999999999", b"0.1", b"1e-5", b"NaN"))
    return body[: one.start()] + odd + body[one.end() :]


def line_ends(rng: random.Random, body: bytes, other: bytes) -> bytes:
    return body.replace(b"\n", rng.choice((b"\r", b"\r\n", b"\n\n", b"", b" \n")))


def nest(rng: random.Random, body: bytes, other: bytes) -> bytes:
    found = list(_VALUE.finditer(body))
    if not found:
        return body
    one = rng.choice(found)
    deep = rng.choice((50, 500, 5_000))
    kind = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return body[: one.start()] + kind[0] * deep + b"1" + kind[1] * deep + body[one.end() :]


STREAM_DAMAGE: dict[str, Damage] = {
    one.__name__: one
    for one in (
        cut, behead, flip, insert, drop, splice, repeat, drop_event, double_event, swap_events,
        shuffle_events, foreign_event, odd_value, odd_number, line_ends, nest,
    )
}  # fmt: skip

_YAML_ODD = (
    b"&a ", b"*a ", b"!!binary ", b"!!python/object:os.system ", b"- ", b"? ", b": ", b"|\n",
    b"<<: ", b"%YAML 9\n", b"---\n", b"...\n", b"\t", b"'", b'"', b"{", b"[", b"# ", b"\x85", b"~",
    b"!!set ",
)  # fmt: skip


def yaml_mark(rng: random.Random, body: bytes, other: bytes) -> bytes:
    lines = body.split(b"\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    place = len(line) - len(line.lstrip()) if rng.random() < 0.6 else _place(rng, line)
    lines[at] = line[:place] + rng.choice(_YAML_ODD) + line[place:]
    return b"\n".join(lines)


def indent(rng: random.Random, body: bytes, other: bytes) -> bytes:
    lines = body.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = b" " * rng.randrange(1, 9) + lines[at] if rng.random() < 0.5 else lines[at].lstrip()
    return b"\n".join(lines)


def lines_swapped(rng: random.Random, body: bytes, other: bytes) -> bytes:
    lines = body.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def line_lost(rng: random.Random, body: bytes, other: bytes) -> bytes:
    lines = body.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def line_doubled(rng: random.Random, body: bytes, other: bytes) -> bytes:
    lines = body.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


FILE_DAMAGE: dict[str, Damage] = {
    one.__name__: one
    for one in (
        cut, behead, flip, insert, drop, repeat, odd_value, odd_number, line_ends, nest,
        yaml_mark, indent, lines_swapped, line_lost, line_doubled,
    )
}  # fmt: skip
