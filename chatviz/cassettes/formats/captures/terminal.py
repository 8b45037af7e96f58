"""An answer copied out of a terminal or a log: with the command before it and the prompt behind it.

The answer is found by what it is itself: a response's head, events whose data is a chunk of a chat,
or JSON of a chat. What is around it is kept beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from chatviz.cassettes.cassette import Cassette, RecordedResponse
from chatviz.cassettes.formats.captures.answers import FIELD, chat_payload, is_cassette, is_json
from chatviz.cassettes.formats.captures.captured import captured
from chatviz.cassettes.formats.captures.command import find_command
from chatviz.cassettes.formats.captures.heads import STATUS_LINE, decode_head, read_response_head
from chatviz.cassettes.formats.source_file import SourceFile

__all__ = ["plain_text", "read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether there is an answer of a chat among other lines."""
    return _find(source) is not None


def read(source: SourceFile) -> Cassette:
    """Read the answer, and what was asked where its curl command is there; this raises nothing."""
    found = _find(source)
    assert found is not None  # it would not have been recognised
    lines = [*found.before.split(b"\n"), *found.dropped]
    exchange = find_command(lines), found.response
    return captured([exchange], source="a terminal", around=lines)


def plain_text(data: bytes) -> bytes:
    """Return what a terminal showed: without its colours, and with plain line breaks."""
    return _CONTROL.sub(b"", data).replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")


class _Found(NamedTuple):
    """What was found: the text before the answer, and the lines in and behind it that are none."""

    before: bytes
    response: RecordedResponse
    dropped: list[bytes]


def _find(source: SourceFile) -> _Found | None:
    text = plain_text(source.data)
    if not _HINT.search(text) or is_cassette(text):
        return None
    status = _STATUS.search(text)
    if status is not None:
        head, _, body = text[status.start() :].partition(b"\n\n")
        lines = decode_head(head).splitlines()
        data, dropped = _take_body(body)
        before = text[: status.start()]
        return _Found(before, read_response_head(lines, data), dropped)
    start = _start_of_events(text)
    if start is None:
        start = _start_of_json(text)
    if start is not None:
        data, dropped = _take_body(text[start:])
        return _Found(text[:start], RecordedResponse(200, body=data), dropped)
    return _find_labelled(text)


def _start_of_events(text: bytes) -> int | None:
    """Return where the first event begins whose data is a chunk of a chat, its other lines too."""
    for found in islice(_DATA.finditer(text), _MOST_TRIED):
        if chat_payload(found[1].replace(b"\n", b"")) is not None:
            start = found.start()
            while start:
                line_start = text.rfind(b"\n", 0, start - 1) + 1
                line = text[line_start : start - 1]
                if line.strip() and not FIELD.match(line):
                    break
                start = line_start
            return start
    return None


def _start_of_json(text: bytes) -> int | None:
    starts = (found.start() for found in islice(_JSON.finditer(text), _MOST_TRIED))
    return next((start for start in starts if chat_payload(text[start:]) is not None), None)


def _take_body(text: bytes) -> tuple[bytes, list[bytes]]:
    """Return the answer that a text begins with, and the lines in and behind it that are none."""
    if text.lstrip().startswith((b"{", b"[")):
        end = _end_of_json(text)
        return text[:end], text[end:].split(b"\n")
    lines = text.split(b"\n")
    last = max((number for number, line in enumerate(lines) if FIELD.match(line)), default=-1)
    if last < 0:
        return text, []
    while last + 1 < len(lines) and not lines[last + 1].strip():
        last += 1
    dropped: list[bytes] = []
    kept = [*_events_in(lines[: last + 1], dropped)]
    return b"".join(line + b"\n" for line in kept), [*dropped, *lines[last + 1 :]]


def _events_in(lines: list[bytes], dropped: list[bytes]) -> Iterator[bytes]:
    """Yield the lines of events; a line that a terminal has broken is put together again."""
    held: list[bytes] = []
    for line in lines:
        if held and line.strip() and not FIELD.match(line):
            held.append(line)
            continue
        yield from _together(held, dropped)
        held = [line] if FIELD.match(line) else []
        if not held and line.strip():
            dropped.append(line)
        elif not held:
            yield line
    yield from _together(held, dropped)


def _together(lines: list[bytes], dropped: list[bytes]) -> Iterator[bytes]:
    whole = b"".join(lines)
    if len(lines) > 1 and not is_json(whole.partition(b":")[2]):
        dropped += lines[1:]
        whole = lines[0]
    if lines:
        yield whole


def _end_of_json(text: bytes) -> int:
    """Return where the last of the JSON values ends that follow one another from the start."""
    whole = text.decode("utf-8", "surrogateescape")
    decoder, end, at = json.JSONDecoder(), 0, 0
    while found := _NEXT_JSON.match(whole, at):
        at = found.end() - 1
        try:
            _, at = decoder.raw_decode(whole, at)
        except (ValueError, RecursionError):
            break
        end = at
    return len(whole[:end].encode("utf-8", "surrogateescape"))


def _find_labelled(text: bytes) -> _Found | None:
    """Find events of which each line has something before it: a time, a name of a container."""
    lines = text.split(b"\n")
    found = [_LABELLED.match(line) for line in lines]
    payloads = [match[1] for match in found if match is not None]
    if not payloads or 2 * len(payloads) < sum(bool(line.strip()) for line in lines):
        return None
    if all(chat_payload(_DATA_NAME.sub(b"", each)) is None for each in payloads[:_MOST_TRIED]):
        return None
    body = b"".join(each + b"\n\n" for each in payloads)
    dropped = [line for line, match in zip(lines, found, strict=True) if match is None]
    return _Found(b"", RecordedResponse(200, body=body), dropped)


_MOST_TRIED: Final = 20
_HINT: Final = re.compile(rb"^HTTP/[0-9]|data: ?(?:\{|\[DONE)|^[\[{]", re.MULTILINE)
_STATUS: Final = re.compile(rb"^" + STATUS_LINE.pattern, re.MULTILINE)
# With the lines behind it into which a terminal may have broken it.
_DATA: Final = re.compile(rb"^data: ?(\{.*(?:\n(?!data:|event:|id:|:).+)*)", re.MULTILINE)
_DATA_NAME: Final = re.compile(rb"^data: ?")
_JSON: Final = re.compile(rb"^[\[{]", re.MULTILINE)
_NEXT_JSON: Final = re.compile(r"\s*[\[{]")
_LABELLED: Final = re.compile(rb"[^{}\"']{1,80}?\b(data: ?(?:\{|\[DONE).*)")
# ECMA-48's control sequences, and the titles that shells set for their windows.
_CONTROL: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
