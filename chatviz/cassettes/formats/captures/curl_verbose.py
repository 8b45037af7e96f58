"""What ``curl -v`` prints: notes (``*``), heads sent (``>``) and received (``<``), and the bodies.

The lines of the bodies have no mark; what a request's body was is known from the command alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from chatviz.cassettes.cassette import Cassette, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats.captures.captured import captured
from chatviz.cassettes.formats.captures.command import find_command
from chatviz.cassettes.formats.captures.heads import (
    decode_head,
    read_request_head,
    read_response_head,
)
from chatviz.cassettes.formats.captures.terminal import plain_text
from chatviz.cassettes.formats.source_file import SourceFile

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether a line is the head of a response with curl's mark before it."""
    return _RECEIVED_HEAD.search(source.data) is not None


def read(source: SourceFile) -> Cassette:
    """Read every exchange but those with a proxy to connect through it; this raises nothing."""
    transcript = _Transcript()
    for line in plain_text(source.data).removesuffix(b"\n").split(b"\n"):
        transcript.add(_PROGRESS.sub(b"", line))
    command = find_command(transcript.around)
    exchanges = [
        exchange.read(transcript.scheme, command if number == 0 else None)
        for number, exchange in enumerate(transcript.exchanges)
        if not exchange.sent[:1] or not exchange.sent[0].startswith("CONNECT ")
    ]
    return captured(exchanges, source="curl -v", around=transcript.around)


@dataclass(slots=True)
class _PrintedExchange:
    """The lines of one exchange: those of its heads without their marks, and those of its body."""

    sent: list[str] = field(default_factory=list)
    received: list[list[str]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    is_in_head: bool = False
    is_over: bool = False

    def read(
        self, scheme: str, command: RecordedRequest | None
    ) -> tuple[RecordedRequest, RecordedResponse]:
        request = read_request_head(self.sent, scheme) if self.sent else RecordedRequest()
        if command is not None and command.method == (request.method or command.method):
            request = replace(request, body=command.body, url=request.url or command.url)
        heads = self.received or [["HTTP/1.1 000"]]
        before = ["\n".join(head) for head in heads[:-1]]
        return request, read_response_head(heads[-1], b"".join(self.body), before=before)


class _Transcript:
    """Sorts the lines of curl's output."""

    def __init__(self) -> None:
        self.exchanges: list[_PrintedExchange] = []
        self.around: list[bytes] = []
        self.scheme = "http"

    def add(self, line: bytes) -> None:
        """Take the next line."""
        marked = _MARKED.match(line)
        if marked is None:
            self._add_unmarked(line)
        elif marked["mark"] == b">":
            self._add_sent(decode_head(marked["text"].strip()))
        elif marked["mark"] == b"<":
            self._add_received(decode_head(marked["text"].strip()))
        else:
            self._add_note(line)

    def _add_note(self, line: bytes) -> None:
        self.around.append(line)
        if _SECURE.search(line):
            self.scheme = "https"
        if self.exchanges and _ENDED.search(line):
            self.exchanges[-1].is_over = True

    def _add_sent(self, text: str) -> None:
        if not self.exchanges or self.exchanges[-1].received:
            self.exchanges.append(_PrintedExchange())
        if text:
            self.exchanges[-1].sent.append(text)

    def _add_received(self, text: str) -> None:
        if not self.exchanges:
            self.exchanges.append(_PrintedExchange())
        exchange = self.exchanges[-1]
        if text.startswith("HTTP/"):
            exchange.received.append([text])
            exchange.is_in_head = True
        elif not text:
            exchange.is_in_head = False
        elif exchange.is_in_head:
            exchange.received[-1].append(text)
        else:
            self.around.append(f"< {text}".encode("utf-8", "surrogateescape"))  # a trailer

    def _add_unmarked(self, line: bytes) -> None:
        """Take a line of the body, or of the shell before and behind curl's output."""
        exchange = self.exchanges[-1] if self.exchanges else None
        if exchange is None or not exchange.received or (exchange.is_over and any(exchange.body)):
            self.around.append(line)
        elif exchange.is_in_head:
            # With -i the head is printed a second time, without marks.
            if decode_head(line.strip()) not in exchange.received[-1]:
                self.around.append(line)
        else:
            exchange.body += self._body_of(line, exchange)

    def _body_of(self, line: bytes, exchange: _PrintedExchange) -> Iterator[bytes]:
        """Yield a line of the body; a body without a last line break has a note on its line."""
        note = _NOTE_BEHIND.search(line)
        if note is None:
            yield line + b"\n"
        else:
            yield line[: note.start()]
            self._add_note(line[note.start() :])


_TIME = rb"(?:[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+ )?(?:\[[0-9x-]+\] )?"  # --trace-time, --trace-ids
_RECEIVED_HEAD: Final = re.compile(
    rb"^" + _TIME + rb"< HTTP/[0-9](?:\.[0-9])? [0-9]{3}", re.MULTILINE
)
_MARKED: Final = re.compile(
    _TIME + rb"(?:(?P<mark>[*<>])(?P<text>(?: .*)?)\r?|(?P<data>[{}] \[[0-9]+ bytes data\])\s*)\Z"
)
_SECURE: Final = re.compile(rb"TLS|SSL|ALPN|port 443\b")
_ENDED: Final = re.compile(rb"left intact|[Cc]losing connection|Connection died|shutting down")
_NOTE_BEHIND: Final = re.compile(
    rb"(?<=.)\* (?:Connection #[0-9]+ to host .{1,300} left intact|[Cc]losing connection.{0,80}|"
    rb"Excess found.{0,80}|transfer closed.{0,80})\r?\Z"
)
_COLUMN: Final = rb" {1,12}[0-9.]{1,12}[kMGTP]?"
_PROGRESS: Final = re.compile(
    rb"^\s*% Total .*|^\s+Dload +Upload .*|"
    rb"(?:^|\r) {0,12}[0-9]{1,3}(?:" + _COLUMN + rb"){7}"
    rb"(?: {1,12}[0-9-]{1,8}:[0-9-]{1,2}:[0-9-]{1,2}){3}" + _COLUMN + rb"\r?"
)
