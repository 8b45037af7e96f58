"""OpenAI-style chat completions, as OpenAI and everyone who copies them send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any, Final

from chatviz.chat.deltas import (
    Delta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    NoteDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import shorten, start_of
from chatviz.chat.manners import CallIds, Manners
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.error_payloads import find_error, read_error
from chatviz.dialects.json_values import is_int64, text_of
from chatviz.dialects.openai_chat.alike import read_chunks_alike
from chatviz.dialects.openai_chat.fast_path import make_identity, read_usual_chunk
from chatviz.dialects.openai_chat.finish_reasons import FINISH_REASONS
from chatviz.dialects.openai_chat.known_fields import (
    CHOICE_FIELDS,
    CHUNK_FIELDS,
    SELDOM_FIELDS,
    X_GROQ_FIELDS,
)
from chatviz.dialects.openai_chat.parts.calls import CALLED, FREE_TEXT, OLDER_FORM
from chatviz.dialects.openai_chat.parts.citations import CITED, FOUND_BESIDES, read_cited
from chatviz.dialects.openai_chat.parts.delta import hides_reasoning, read_delta, read_message_again
from chatviz.dialects.openai_chat.parts.sent_in import SentIn
from chatviz.dialects.openai_chat.request import read_chat_request, read_tools
from chatviz.dialects.openai_chat.usage import find_unread, read_usage
from chatviz.dialects.openai_chat.writing import write_chat_request
from chatviz.dialects.prompt_layouts import CHAT_LAYOUT
from chatviz.dialects.server_times import CHAT_TIMES
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import dump_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["CHAT_PATH", "MANNERS", "OpenAIAnswers", "OpenAIChat"]

CHAT_PATH: Final = "/chat/completions"

MANNERS: Final = Manners(
    prompt=CHAT_LAYOUT,
    server_times=CHAT_TIMES,
    parts_without_id=frozenset((OLDER_FORM,)),
    finish_reasons=FINISH_REASONS,
    end="[DONE]",
    hides_reasoning=hides_reasoning,
    sends_role=True,
    sends_call_indexes=True,
    free_text_calls=frozenset((FREE_TEXT,)),
    call_ids=CallIds(
        references=("tool_call_id",),
        call_types=tuple(CALLED),
        call_keys=("tool_calls",),
        arguments=("arguments", "parameters"),
    ),
)

_CHUNK_KEYS: Final = (
    CHUNK_FIELDS
    | SELDOM_FIELDS
    | CITED
    | FOUND_BESIDES
    | {
        "id",
        "created",
        "model",
        "provider",
        "choices",
        "usage",
        "error",
        "x_groq",
        "base_resp",
    }
)
TIER: Final = "service_tier"
_CHOICE_KEYS: Final = CHOICE_FIELDS | {
    "index",
    "delta",
    "message",
    "finish_reason",
    "native_finish_reason",
    "logprobs",
    "usage",
    "error",
}


class OpenAIAnswers:
    """Reads chunks and whole answers: what is common to all that hold choices."""

    order = None

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one chunk says: identity, then each choice, then usage and errors."""
        if not isinstance(payload, dict):
            return [NoteDelta("not_an_object", "", (("text", start_of(event.data)),))]
        if payload == {"type": "ping"}:  # Claude behind a gateway, to be heard
            return ()
        if event.name == b"error" and "error" not in payload:
            payload = {"error": payload}
        elif not payload.keys() & {"choices", "error"} and (error := find_error(payload)):
            payload = {"error": error}
        return _read_payload(payload, event, whole=False)

    def is_response(self, payload: Any) -> bool:
        """Whether it holds a whole ``message``, and no ``delta``."""
        choices = payload.get("choices") if isinstance(payload, dict) else None
        return isinstance(choices, list) and any(
            isinstance(choice, dict) and "message" in choice for choice in choices
        )

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what a whole answer says: each entry of its calls is a call of its own."""
        return _read_payload(payload, event, whole=True)


class OpenAIChat(OpenAIAnswers):
    """Reads ``/chat/completions``: streamed chunks, whole answers, errors; writes requests."""

    name = "openai-chat"
    manners = MANNERS
    history_keys = ("messages",)
    only_hosts = ()

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to ``…/chat/completions``."""
        path = request.path.rstrip("/")
        return request.method.upper() in ("POST", "") and path.endswith(CHAT_PATH)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload has the ``object`` or the ``choices`` of a chat completion."""
        if not isinstance(payload, dict):
            return False
        kind = payload.get("object")
        if isinstance(kind, str) and kind.startswith("chat.completion"):
            return True
        choices = payload.get("choices")
        return isinstance(choices, list) and all(
            isinstance(choice, dict) and ("delta" in choice or "message" in choice)
            for choice in choices
        )

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body has ``messages``."""
        return "messages" in body

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked."""
        return read_chat_request(body)

    read_tools = staticmethod(read_tools)
    write_request = staticmethod(write_chat_request)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL: the same for every model."""
        return CHAT_PATH

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key."""
        return {"Authorization": f"Bearer {key}"}

    read_glance = staticmethod(read_usual_chunk)
    read_alike = staticmethod(read_chunks_alike)


def _read_payload(payload: dict[str, Any], event: WireEvent, *, whole: bool) -> list[Delta]:
    """Read a chunk, or a whole answer: then each call has its place in that as its part key."""
    data = event.data
    deltas: list[Delta] = [_read_identity(payload)]
    choices = payload.get("choices")
    if choices:
        _read_choices(choices, event, deltas, whole=whole)
    if payload.get("usage"):
        _read_usage_field(payload["usage"], data, ("usage",), deltas, payload.get(TIER))
    if not CITED.isdisjoint(payload):
        read_cited(payload, deltas)
    keep_unknown(payload, _CHUNK_KEYS, "$", deltas)
    if "error" in payload:
        _append_error(payload["error"], deltas)
    if _has_failed(payload.get("base_resp")):
        _append_error(payload["base_resp"], deltas)
    if "x_groq" in payload:
        _read_x_groq(payload, data, deltas)
    return deltas


def _has_failed(status: Any) -> bool:
    """Whether MiniMax's own status, beside HTTP's, tells an error: 0 is none."""
    return isinstance(status, dict) and status.get("status_code") not in (None, 0)


def _read_identity(payload: Mapping[str, Any]) -> IdentityDelta:
    created = payload.get("created")
    is_number = is_int64(created) or (isinstance(created, float) and isfinite(created))
    return make_identity(
        text_of(payload.get("id")),
        text_of(payload.get("model") or payload.get("model_id")),
        text_of(payload.get("provider")),
        created if is_number else None,
    )


def _read_choices(choices: Any, event: WireEvent, deltas: list[Delta], *, whole: bool) -> None:
    if not isinstance(choices, list):
        deltas.append(UnknownDelta("$.choices", dump_json(choices)))
        return
    for position, choice in enumerate(choices):
        if not isinstance(choice, dict):
            deltas.append(UnknownDelta(f"$.choices[{position}]", dump_json(choice)))
            continue
        _read_choice(choice, position, event, deltas, whole=whole)


def _sent_in(number: int, position: int, event: WireEvent, whole: bool, field: str) -> SentIn:
    where, path = f"$.choices[{position}].{field}", ("choices", position, field)
    return SentIn(number, where, event.start, whole, event.data, path)


def _read_choice(
    choice: dict[str, Any], position: int, event: WireEvent, deltas: list[Delta], *, whole: bool
) -> None:
    get, where = choice.get, f"$.choices[{position}]"
    number = get("index")
    if not is_int64(number):
        number = position
        if not whole:
            deltas.append(NoteDelta("choice_index_missing"))
    delta, message = get("delta"), get("message")
    sent_in = partial(_sent_in, number, position, event, whole)
    if delta:
        read_delta(delta, sent_in("delta"), deltas)
    elif message and whole:
        read_delta(message, sent_in("message"), deltas)
    if message and not whole:
        deltas.append(NoteDelta("message_in_stream"))
        read_message_again(message, sent_in("message"), deltas)
    reason = get("finish_reason")
    if reason:
        deltas.append(FinishDelta(number, text_of(reason), text_of(get("native_finish_reason"))))
    if not choice.keys() <= _CHOICE_KEYS or get("logprobs") is not None:
        _keep_unknown_of(choice, where, deltas)
    if choice.get("usage"):
        _read_usage_field(choice["usage"], event.data, ("choices", position, "usage"), deltas)
    if "error" in choice:
        _append_error(choice["error"], deltas)


def _keep_unknown_of(choice: dict[str, Any], where: str, deltas: list[Delta]) -> None:
    known, delta = _CHOICE_KEYS - {"logprobs"}, choice.get("delta")
    if isinstance(delta, dict) and choice.get("text") == (delta.get("content") or ""):
        known |= {"text"}  # Together: once more, as in the API before this one
    keep_unknown(choice, known, where, deltas)


def _read_usage_field(
    usage: Any,
    data: bytes,
    path: tuple[str | int, ...],
    deltas: list[Delta],
    tier: Any = None,
) -> None:
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]
    if isinstance(usage, dict):
        deltas.append(UsageDelta(read_usage(usage, data, path, tier=tier), where))
        for unread, value in find_unread(usage):
            deltas.append(UnknownDelta(f"$.{where}.{unread}", dump_json(value)))
        if where != "usage":
            deltas.append(NoteDelta("usage_elsewhere", "", (("text", shorten(where)),)))
    else:
        deltas.append(UnknownDelta(f"$.{where}", dump_json(usage)))


def _read_x_groq(payload: Mapping[str, Any], data: bytes, deltas: list[Delta]) -> None:
    """Read Groq's own field: an id, a usage that may be only here, and an error."""
    x_groq = payload["x_groq"]
    if not isinstance(x_groq, dict):
        keep_unknown({"x_groq": x_groq}, frozenset(), "$", deltas)
        return
    if x_groq.get("usage") and "usage" not in payload:
        path = ("x_groq", "usage")
        _read_usage_field(x_groq["usage"], data, path, deltas, payload.get(TIER))
    if x_groq.get("error"):
        _append_error(x_groq["error"], deltas)
    keep_unknown(x_groq, X_GROQ_FIELDS | {"usage", "error"}, "$.x_groq", deltas)


def _append_error(error: Any, deltas: list[Delta]) -> None:
    if error:
        deltas.append(ErrorDelta(read_error(error)))
