"""A recording as values: a cassette holds interactions, each a request with its response.

These values do not know which recorder wrote them, nor how they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice
from typing import Any, Final

from chatviz.cassettes.metadata import METADATA_KEY, RecordingMetadata, TimeSource, read_metadata
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.dialects import dialect_for, dialect_of_payload, dialect_of_request
from chatviz.shown import Shown
from chatviz.wire.events import TimedBytes
from chatviz.wire.exchange import RequestHead, ResponseHead, header, show_url
from chatviz.wire.framing import BodyDecoder
from chatviz.wire.json_text import load_any_json

__all__ = ["CAPTURED", "Cassette", "Interaction", "RecordedRequest", "RecordedResponse"]

CAPTURED = "plain"
"""The extra key of an interaction that was captured alone, with what was around it."""

_FIRST: Final = 5  # chunks of an answer at a path that is not known: one of them tells what it is


@dataclass(frozen=True, slots=True)
class Cassette(Shown):
    """A file of recorded HTTP.

    Attributes
    ----------
    interactions : tuple[Interaction, ...]
        In the order of the file.
    version : int
        The version that the recorder gave its format, 0 where it has none.
    format : str
        Whose format it was: ``"go-vcr"``, ``"vcrpy"``, ``"har"``, or ``"plain"`` for the saved
        body of one answer.
    path : str | None
        The file that it was read from. Cassettes that hold the same are equal, whatever the file,
        its format and its version.
    extra : mapping
        Keys of the file that the format does not know, as plain values.
    """

    interactions: tuple[Interaction, ...] = ()
    version: int = field(default=2, compare=False)
    format: str = field(default="go-vcr", compare=False)
    path: str | None = field(default=None, compare=False)
    extra: Mapping[YamlKey, YamlValue] = field(default_factory=dict)

    def __repr__(self) -> str:
        count = len(self.interactions)
        place = "" if self.path is None else f" from {self.path!r}"
        noun = "interaction" if count == 1 else "interactions"
        unread = sum(bool(interaction.fault) for interaction in self.interactions)
        others = sum(not (each.is_chat or each.fault) for each in self.interactions)
        parts = [f"{others} of them not a chat"] if others else []
        parts += [f"{unread} of them not read whole"] if unread else []
        note = f" ({', '.join(parts)})" if parts else ""
        version = f" version {self.version}" if self.version else ""
        return f"<Cassette: {count} {noun}{note}, {self.format}{version}{place}>"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request with its response.

    Attributes
    ----------
    request : RecordedRequest
    response : RecordedResponse
    id : int | None
        The number that the recorder gave it; its place in the cassette is not taken from it.
    extra : mapping
        Keys that the format does not know, as plain values.
    """

    request: RecordedRequest
    response: RecordedResponse
    id: int | None = None
    extra: Mapping[YamlKey, YamlValue] = field(default_factory=dict)

    @property
    def is_chat(self) -> bool:
        """Whether a dialect speaks the request, whatever was answered.

        A captured answer is taken for a chat, whether its request is known or not; where the
        recorder has hidden the URL, the request's body tells. At a gateway's own path, which no
        dialect knows, both have to look like a chat: what was asked, and what was answered.
        """
        if CAPTURED in self.extra or not (self.request.method or self.request.url):
            return bool(self.response.body)
        head = self.request.head
        if head.tells_place and dialect_for(head) is not None:
            return True
        if head.tells_place and head.method.upper() not in ("POST", ""):
            return False
        asked = _chat_asked(head.body)
        if asked is None or not head.tells_place:
            return asked is not None
        response = self.response
        if response.status >= 400 or header(response.headers, "content-encoding"):
            return asked.get("stream") is True  # the answer looks like none, or is not decoded here
        return _is_a_chat(response.body)

    @property
    def fault(self) -> str:
        """Why the file's entry could not be read whole; ``""`` where it could."""
        return "" if self.response.metadata is None else self.response.metadata.fault

    def __repr__(self) -> str:
        number = "" if self.id is None else f" {self.id}"
        return f"<Interaction{number}: {self.request!r} {self.response!r}>"


def _chat_asked(body: bytes) -> dict[str, Any] | None:
    """Return what a request asks, where it looks like one of a dialect."""
    try:
        asked = load_any_json(body)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) and dialect_of_request(asked) is not None else None


def _is_a_chat(body: bytes) -> bool:
    """Say whether one of the first chunks of an answer looks like one of a dialect."""
    decoder = BodyDecoder()
    events = chain(decoder.feed(body), decoder.close())
    for event in islice((one for one in events if one.kind == "data"), _FIRST):
        try:
            payload = load_any_json(event.data)
        except ValueError:
            continue
        if dialect_of_payload(payload) is not None:
            return True
    return False


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What was asked, as it was recorded.

    Attributes
    ----------
    method, url : str
    headers : dict of str to a tuple of str
    body : bytes
    form : dict of str to a tuple of str
        The query and form values, where the recorder took them apart.
    proto : str
        ``"HTTP/1.1"``; its two numbers are proto_major and proto_minor.
    content_length : int
        As recorded: it may disagree with the body, and is -1 where it was not known.
    transfer_encoding : tuple[str, ...]
    trailer : dict of str to a tuple of str
    host, remote_addr, request_uri : str
    extra : mapping
        Keys that the format does not know, as plain values.
    """

    method: str = ""
    url: str = ""
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    form: dict[str, tuple[str, ...]] = field(default_factory=dict)
    proto: str = ""
    proto_major: int = 0
    proto_minor: int = 0
    content_length: int = 0
    transfer_encoding: tuple[str, ...] = ()
    trailer: dict[str, tuple[str, ...]] = field(default_factory=dict)
    host: str = ""
    remote_addr: str = ""
    request_uri: str = ""
    extra: Mapping[YamlKey, YamlValue] = field(default_factory=dict)

    @property
    def head(self) -> RequestHead:
        """The request as the readers of an answer take it."""
        return RequestHead(self.method, self.url, self.headers, self.body)

    def __repr__(self) -> str:
        asked = f"{self.method[:20]} {show_url(self.url)}"
        return f"<RecordedRequest: {asked!r}, {_bytes(self.body)}>"


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """What was answered, as it was recorded.

    Attributes
    ----------
    status : int
        ``200``.
    status_line : str
        The status with its words, as recorded: ``"200 OK"``.
    headers : dict of str to a tuple of str
    body : bytes
    duration_ns : int | None
        Nanoseconds from the request sent to the response headers, by the recorder's clock.
    proto, proto_major, proto_minor, content_length, transfer_encoding, trailer
        As in `RecordedRequest`.
    uncompressed : bool
        The recorder decoded the body: it is plain even where the headers name a coding.
    metadata : RecordingMetadata | None
        What our own recorder noted, above all the times of the pieces; None where there is nothing.
    extra : mapping
        Keys that the format does not know, as plain values; invalid metadata as well.

    Raises
    ------
    ValueError
        The metadata is not that of this body: its pieces do not add up to it.
    """

    status: int
    status_line: str = ""
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    duration_ns: int | None = None
    proto: str = ""
    proto_major: int = 0
    proto_minor: int = 0
    content_length: int = 0
    transfer_encoding: tuple[str, ...] = ()
    trailer: dict[str, tuple[str, ...]] = field(default_factory=dict)
    uncompressed: bool = False
    metadata: RecordingMetadata | None = None
    extra: Mapping[YamlKey, YamlValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.metadata is not None:
            self.metadata.check_size(len(self.body))

    @property
    def metadata_fault(self) -> str:
        """Why the metadata in the file is invalid and was ignored; ``""`` where it was not."""
        if self.metadata is None and METADATA_KEY in self.extra:
            try:
                read_metadata(self.extra[METADATA_KEY], len(self.body))
            except ValueError as error:
                return str(error)
        return ""

    @property
    def reason(self) -> str:
        """The words of the status line without the number: ``"OK"``."""
        return self.status_line.removeprefix(str(self.status)).strip()

    @property
    def time_to_headers_s(self) -> float | None:
        """Seconds from the request sent to the response headers; None where simulated."""
        if self.duration_ns is None or self.duration_ns < 0 or self._clock == "simulated":
            return None
        return self.duration_ns / 1e9

    @property
    def pieces(self) -> tuple[TimedBytes, ...]:
        """The body as it was read.

        Each piece with its time where that was measured, without it where it was simulated; one
        piece without a time where the recorder kept none.
        """
        if self.metadata is None or not self.metadata.pieces:
            return (TimedBytes(self.body),) if self.body else ()
        ends = accumulate(size for size, _ in self.metadata.pieces)
        measured = self._clock == "measured"
        return tuple(
            TimedBytes(self.body[end - size : end], at / 1e9 if measured else None)
            for end, (size, at) in zip(ends, self.metadata.pieces, strict=True)
        )

    @property
    def head(self) -> ResponseHead:
        """The response, without its body, as the readers of an answer take it."""
        seconds = self.time_to_headers_s
        clock: str = self._clock
        source = clock if seconds is not None or clock == "simulated" else "none"
        if seconds is not None and clock == "none":
            source = "recorder"
        return ResponseHead(self.status, self.headers, seconds, source)

    @property
    def _clock(self) -> TimeSource:
        return "none" if self.metadata is None else self.metadata.clock

    def __repr__(self) -> str:
        return f"<RecordedResponse: {self.status_line[:40] or self.status!r}, {_bytes(self.body)}>"


def _bytes(body: bytes) -> str:
    return f"{len(body):,} bytes"
