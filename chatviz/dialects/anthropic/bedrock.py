"""Anthropic's Messages behind Bedrock's invoke: each frame carries one event, in base64."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import quote

import msgspec

from chatviz.chat.deltas import Delta, NoteDelta
from chatviz.chat.findings.log import start_of
from chatviz.chat.manners import SentError
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.anthropic.event_order import ORDER, read_step
from chatviz.dialects.anthropic.fast_path import read_usual_data
from chatviz.dialects.anthropic.manners import MANNERS
from chatviz.dialects.anthropic.stream import AnthropicMessages, read_payload
from chatviz.dialects.anthropic.writing import write_messages_request
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.sequence import EventOrder, EventStep, Said
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import load_any_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["AnthropicOnBedrock"]

# https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-claude.html
VERSION: Final = "bedrock-2023-05-31"
_PATH: Final = re.compile(r"/model/([^/]+)/invoke(?:-with-response-stream)?/?$")
_FRAME_KEYS: Final = frozenset(("bytes", "p"))  # p is padding, which hides how long an answer is
_FAILURES: Final = (b"exception/", b"error/")  # how the frames are named that report one
_GREETING: Final = b"initial-response"  # opens a stream of AWS and holds nothing of the answer
# Exceptions of a stream after which the same request may succeed:
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
_PASSING: Final = frozenset(
    (
        *("internalServerException", "modelStreamErrorException", "modelTimeoutException"),
        *("serviceUnavailableException", "throttlingException"),
    )
)


class _Asked(msgspec.Struct):
    anthropic_version: str


class _Frame(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    event: bytes = msgspec.field(name="bytes")
    p: str = ""


_decode_asked: Final = msgspec.json.Decoder(_Asked).decode
_decode_frame: Final = msgspec.json.Decoder(_Frame).decode


def read_usual_frame(event: WireEvent) -> Said | None:
    """Return what a usual frame says; None for any other."""
    if event.name.startswith(_FAILURES):
        return None
    try:
        return read_usual_data(_decode_frame(event.data).event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _read_framed_step(data: bytes, name: bytes) -> EventStep | None:
    """Return what the order needs to know of the event in a frame; None for any other frame."""
    try:
        return read_step(_decode_frame(data).event, name)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _event_in(data: bytes) -> bytes:
    """Return the event in a frame; the frame's own data where it holds none."""
    try:
        return _decode_frame(data).event
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return data


def _tell_error(message: str) -> SentError:
    return SentError("internalServerException", {"message": message})


class AnthropicOnBedrock(AnthropicMessages):
    """Reads and writes ``/model/ID/invoke[-with-response-stream]`` of Anthropic's models alone."""

    only_hosts = (".amazonaws.com", ".amazonaws.com.cn")
    manners = replace(
        MANNERS,
        passing_errors=MANNERS.passing_errors | _PASSING,
        open_chunk=_event_in,
        tell_error=_tell_error,
    )
    order: EventOrder | None = replace(ORDER, read_step=_read_framed_step)
    names_events: ClassVar[bool] = False
    asks_body: ClassVar = True

    def speaks(self, request: RequestHead) -> bool:
        """Whether it invokes a model with the version in its body that only Anthropic's ask for.

        Where the body is not known, the model's id decides.
        """
        found = _PATH.search(request.path)
        if found is None or request.method.upper() not in ("POST", ""):
            return False
        if not request.body:
            return "anthropic" in found[1]
        try:
            return bool(_decode_asked(request.body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False

    def recognises(self, payload: Any) -> bool:
        """Whether the payload is a frame with one of Anthropic's events in it."""
        inner = _open_frame(payload)
        return inner is not None and super().recognises(_load(inner))

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body says the version that Bedrock asks of Anthropic's models."""
        return body.get("anthropic_version") == VERSION

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL to ask a model."""
        verb = "invoke-with-response-stream" if streamed else "invoke"
        return f"/model/{quote(model, safe='')}/{verb}"

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key of Bedrock's; a signer needs none."""
        return {"Authorization": f"Bearer {key}"}

    def write_request(
        self,
        asked: ChatRequest,
        *,
        max_tokens: int | None = None,
        reasoning: ReasoningSentBack = "details",
    ) -> dict[str, Any]:
        """Return the JSON body that asks this; see ``write_messages_request``.

        Model and streaming are in the path alone.
        """
        body = write_messages_request(asked, max_tokens=max_tokens, reasoning=reasoning)
        said = {key: value for key, value in body.items() if key not in ("model", "stream")}
        return {"anthropic_version": VERSION, **said}

    read_glance = staticmethod(read_usual_frame)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one frame says."""
        inner = _open_frame(payload)
        if inner is None:
            if event.name == _GREETING and not payload:
                return ()
            return read_payload(payload, event.data)
        said = _load(inner)
        if said is None:
            return [NoteDelta("not_json", "", (("text", start_of(inner)),))]
        deltas = read_payload(said, inner)
        keep_unknown(payload, _FRAME_KEYS, "$", deltas)
        return deltas


def _open_frame(payload: Any) -> bytes | None:
    """Return the event in a frame's payload; None where it holds none."""
    match payload:
        case {"bytes": str(encoded)}:
            try:
                return b64decode(encoded, validate=True)
            except ValueError:
                return None
    return None


def _load(data: bytes) -> Any:
    """Decode an event; None where it is no JSON."""
    try:
        return load_any_json(data)
    except ValueError:
        return None
