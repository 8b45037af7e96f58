"""Recorded responses as their client read them: decoded, without a ``content-encoding`` header.

The header alone is not reliable: many recorders keep it with a body that they have decoded, and
some drop it from one that they have not. So the body's first bytes are checked as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.encodings import DecodingLimit, codings_of, decoder_for
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.wire.events import TimedBytes
from chatviz.wire.exchange import header

__all__ = [
    "coding_of",
    "decode_interactions",
    "decode_request",
    "decode_response",
    "decoded_pieces",
    "mark_decoded",
]


def decode_interactions(interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
    """Return the interactions of one file with their bodies decoded, within one limit.

    What cannot be decoded is kept as it is, and noted as ``undecoded``.
    """
    limit = DecodingLimit()
    return tuple(
        replace(each, response=decode_response(each.response, limit)) for each in interactions
    )


def decode_response(
    response: RecordedResponse, limit: DecodingLimit | None = None
) -> RecordedResponse:
    """Return a response with its body decoded, and that noted; see ``decode_interactions``."""
    stated = _header(response, "content-encoding")
    coding = coding_of(response)
    if not coding:
        return mark_decoded(response, stated, None) if codings_of(stated) else response
    pieces, fault = decoded_pieces(response, limit)
    if fault:
        return replace(response, metadata=_note(response, coding, undecoded=True))
    body, metadata = b"".join(piece.data for piece in pieces), _metadata_of(response, pieces)
    return mark_decoded(replace(response, body=body, metadata=metadata), coding, len(response.body))


def decode_request(request: RecordedRequest) -> tuple[RecordedRequest, str]:
    """Return a request with its body decoded, and why that was not possible, or ``""``."""
    stated = header(request.headers, "content-encoding")
    if not stated and request.body.startswith(_MAGIC["gzip"]):
        stated = "gzip"
    if not codings_of(stated) or not request.body or _is_text(request.body):
        return request, ""
    try:
        decoder = decoder_for(stated)
        body = decoder.feed(request.body) + decoder.close()
    except ValueError as error:
        return request, str(error)
    untrue = ("content-encoding", "content-length")
    headers = {name: each for name, each in request.headers.items() if name.lower() not in untrue}
    return replace(request, body=body, headers=headers, content_length=len(body)), ""


def mark_decoded(
    response: RecordedResponse, coding: str, encoded_size: int | None
) -> RecordedResponse:
    """Note what the coding was of a body that is plain now, and take it out of the headers."""
    dropped = {"content-encoding"}
    if _header(response, "content-length") != str(len(response.body)):
        dropped.add("content-length")
    return replace(
        response,
        headers={n: values for n, values in response.headers.items() if n.lower() not in dropped},
        content_length=-1,
        uncompressed=True,
        metadata=_note(response, coding, encoded_size=encoded_size, undecoded=False),
    )


def _note(response: RecordedResponse, coding: str, **more: Any) -> RecordingMetadata:
    metadata = response.metadata or RecordingMetadata()
    return replace(metadata, content_encoding=coding, **more)


def _metadata_of(
    response: RecordedResponse, decoded: Iterable[TimedBytes]
) -> RecordingMetadata | None:
    """Return the metadata with the sizes of the decoded pieces."""
    if response.metadata is None or not response.metadata.pieces:
        return response.metadata
    times = [at for _, at in response.metadata.pieces]
    sizes = [len(piece.data) for piece in decoded]
    return replace(response.metadata, pieces=tuple(zip(sizes, [*times, times[-1]], strict=False)))


def decoded_pieces(
    response: RecordedResponse, limit: DecodingLimit | None = None
) -> tuple[tuple[TimedBytes, ...], str]:
    """Return the pieces of a body, decoded.

    Parameters
    ----------
    response : RecordedResponse
    limit : DecodingLimit | None
        That of its file; None where the body is alone.

    Returns
    -------
    pieces : tuple of TimedBytes
        As they are where the body is plain, or cannot be decoded. Of one that was cut short, what
        came.
    fault : str
        Why it cannot be decoded; ``""`` where it can, or is plain.
    """
    coding = coding_of(response)
    if not coding:
        return response.pieces, ""
    try:
        return tuple(_decode(response, coding, limit)), ""
    except ValueError as error:
        return response.pieces, str(error)


def _decode(
    response: RecordedResponse, coding: str, limit: DecodingLimit | None
) -> Iterator[TimedBytes]:
    decoder, pieces = decoder_for(coding, limit), response.pieces
    for piece in pieces:
        yield TimedBytes(decoder.feed(piece.data), piece.at)
    if response.metadata is None or not response.metadata.cut_short:
        yield TimedBytes(decoder.close(), pieces[-1].at)


def coding_of(response: RecordedResponse) -> str:
    """Return the coding that a body really has; ``""`` where it is plain."""
    if response.uncompressed or not response.body:
        return ""
    stated = _header(response, "content-encoding")
    if response.metadata is not None and response.metadata.undecoded:
        stated = response.metadata.content_encoding
    codings = codings_of(stated)
    if not codings:
        is_gzip = response.body.startswith(_MAGIC["gzip"]) and _is_labelled_text(response)
        return "gzip" if is_gzip else ""
    magic = _MAGIC.get(codings[-1])
    is_coded = not _is_text(response.body) if magic is None else response.body.startswith(magic)
    return stated if is_coded else ""


def _is_labelled_text(response: RecordedResponse) -> bool:
    label = response.head.content_type
    return not label or label.startswith("text/") or label.endswith(("json", "event-stream"))


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(character < " " and character not in "\t\r\n" for character in text)


def _header(response: RecordedResponse, name: str) -> str:
    return header(response.headers, name)


_MAGIC: Final = {
    "gzip": b"\x1f\x8b\x08",
    "x-gzip": b"\x1f\x8b\x08",
    "zstd": b"\x28\xb5\x2f\xfd",
}
