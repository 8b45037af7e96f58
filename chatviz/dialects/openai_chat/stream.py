"""OpenAI-style chat completions, as OpenAI and everyone who copies them send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from chatviz.chat.deltas import (
    Delta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.error_payloads import read_error
from chatviz.dialects.openai_chat.delta import is_int64, read_delta, read_unknown, text_of
from chatviz.dialects.openai_chat.fast_path import make_identity, read_usual_chunk
from chatviz.dialects.openai_chat.request import read_chat_request
from chatviz.dialects.openai_chat.usage import read_usage
from chatviz.dialects.openai_chat.writing import write_chat_request
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import dump_json

__all__ = ["OpenAIChat"]

_CHUNK_KEYS: Final = frozenset(
    [
        "id",
        "object",
        "created",
        "model",
        "provider",
        "system_fingerprint",
        "choices",
        "usage",
        "error",
        "x_groq",
    ]
)
_CHOICE_KEYS: Final = frozenset(
    [
        "index",
        "delta",
        "message",
        "finish_reason",
        "native_finish_reason",
        "logprobs",
        "usage",
        "error",
    ]
)


class OpenAIChat:
    """Reads ``/chat/completions``: streamed chunks, whole answers, errors; writes requests."""

    name = "openai-chat"
    is_read = True

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to ``…/chat/completions``."""
        path = request.path.rstrip("/")
        return request.method.upper() in ("POST", "") and path.endswith("/chat/completions")

    def recognises(self, payload: Mapping[str, Any]) -> bool:
        """Whether the payload has the ``object`` or the ``choices`` of a chat completion."""
        kind = payload.get("object")
        if isinstance(kind, str) and kind.startswith("chat.completion"):
            return True
        choices = payload.get("choices")
        return isinstance(choices, list) and all(
            isinstance(choice, dict) and ("delta" in choice or "message" in choice)
            for choice in choices
        )

    def read_request(self, body: Mapping[str, Any]) -> ChatRequest:
        """Return what a request asked."""
        return read_chat_request(body)

    write_request = staticmethod(write_chat_request)

    read_glance = staticmethod(read_usual_chunk)

    def read_event(self, payload: Mapping[str, Any], data: bytes) -> Sequence[Delta]:
        """Return what one chunk says: identity, then each choice, then usage and errors."""
        deltas: list[Delta] = [_read_identity(payload)]
        choices = payload.get("choices")
        if choices:
            _read_choices(choices, data, deltas)
        if payload.get("usage"):
            _read_usage_field(payload["usage"], data, ("usage",), deltas)
        if not payload.keys() <= _CHUNK_KEYS:
            read_unknown(payload, _CHUNK_KEYS, "$", deltas)
        if "error" in payload:
            _append_error(payload["error"], deltas)
        if "x_groq" in payload:
            _read_x_groq(payload["x_groq"], data, "usage" in payload, deltas)
        return deltas

    read_response = read_event


def _read_identity(payload: Mapping[str, Any]) -> IdentityDelta:
    created = payload.get("created")
    is_number = is_int64(created) or (isinstance(created, float) and isfinite(created))
    return make_identity(
        text_of(payload.get("id")),
        text_of(payload.get("model")),
        text_of(payload.get("provider")),
        created if is_number else None,
        text_of(payload.get("system_fingerprint")),
    )


def _read_choices(choices: Any, data: bytes, deltas: list[Delta]) -> None:
    if not isinstance(choices, list):
        deltas.append(UnknownDelta("$.choices", dump_json(choices)))
        return
    for position, choice in enumerate(choices):
        if not isinstance(choice, dict):
            deltas.append(UnknownDelta(f"$.choices[{position}]", dump_json(choice)))
            continue
        _read_choice(choice, position, data, deltas)


def _read_choice(choice: dict[str, Any], position: int, data: bytes, deltas: list[Delta]) -> None:
    get = choice.get
    number = get("index")
    if not is_int64(number):
        number = position
    delta = get("delta")
    if delta is None:
        delta = get("message")
    if delta:
        read_delta(delta, number, deltas)
    reason = get("finish_reason")
    if reason:
        deltas.append(FinishDelta(number, text_of(reason), text_of(get("native_finish_reason"))))
    if not choice.keys() <= _CHOICE_KEYS or get("logprobs") is not None:
        known = _CHOICE_KEYS - {"logprobs"}
        read_unknown(choice, known, f"$.choices[{position}]", deltas)
    if choice.get("usage"):
        _read_usage_field(choice["usage"], data, ("choices", position, "usage"), deltas)
    if "error" in choice:
        _append_error(choice["error"], deltas)


def _read_usage_field(
    usage: Any, data: bytes, path: tuple[str | int, ...], deltas: list[Delta]
) -> None:
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]
    if isinstance(usage, dict):
        deltas.append(UsageDelta(read_usage(usage, data, path), where))
    else:
        deltas.append(UnknownDelta(f"$.{where}", dump_json(usage)))


def _read_x_groq(x_groq: Any, data: bytes, has_usage: bool, deltas: list[Delta]) -> None:
    """Read Groq's own field: an id, a usage that may stand only here, and an error."""
    if not isinstance(x_groq, dict):
        read_unknown({"x_groq": x_groq}, frozenset(), "$", deltas)
        return
    if x_groq.get("usage") and not has_usage:
        _read_usage_field(x_groq["usage"], data, ("x_groq", "usage"), deltas)
    if x_groq.get("error"):
        _append_error(x_groq["error"], deltas)
    read_unknown(x_groq, frozenset(("usage", "error")), "$.x_groq", deltas)


def _append_error(error: Any, deltas: list[Delta]) -> None:
    if error:
        deltas.append(ErrorDelta(read_error(error)))
