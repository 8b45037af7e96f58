"""Ollama: streams of JSON lines, whole answers, and requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chatviz.chat.deltas import Delta, NoteDelta
from chatviz.chat.findings.log import start_of
from chatviz.chat.manners import CallIds, Manners, SentError
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.ollama.event_order import LINE_ORDER
from chatviz.dialects.ollama.fast_path import read_lines_alike, read_usual_line
from chatviz.dialects.ollama.findings import KINDS
from chatviz.dialects.ollama.line import ONLY_LOADED, read_payload
from chatviz.dialects.ollama.request import read_ollama_request, read_tools
from chatviz.dialects.ollama.writing import write_ollama_request
from chatviz.dialects.prompt_layouts import LINE_LAYOUT
from chatviz.dialects.server_times import LINE_TIMES
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

__all__ = ["Ollama"]

CHAT_PATH: Final = "/api/chat"
_PATHS: Final = (CHAT_PATH, "/api/generate")
# What a request has that no other API's has.
_OWN_OPTIONS: Final = frozenset(("options", "keep_alive", "think"))


def _tell_error(message: str) -> SentError:
    return SentError("", {"error": message})


MANNERS: Final = Manners(
    tell_error=_tell_error,
    prompt=LINE_LAYOUT,
    server_times=LINE_TIMES,
    parts="open",
    # A request without a question only puts the model into memory, or takes it out.
    finish_reasons={"stop": "stop", "length": "length", "load": "stop", "unload": "stop"},
    silent_reasons=ONLY_LOADED,
    names_tool_calls=False,
    end="done",
    sends_call_ids=False,  # older servers, and those that keep to them
    arguments_as="object",
    kinds=KINDS,
    call_ids=CallIds(
        references=("tool_call_id",),
        call_types=("function",),
        call_keys=("tool_calls",),
        arguments=("arguments", "parameters"),
    ),
)


class Ollama:
    """Reads ``/api/chat`` and ``/api/generate``: lines, whole answers, errors; writes requests."""

    name = "ollama-chat"
    manners = MANNERS
    order = LINE_ORDER
    history_keys = ("messages",)
    only_hosts = ()
    asks_body = True

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to ``…/api/chat`` or ``…/api/generate`` that names a model.

        Chat applications have such paths of their own, and name none.
        """
        is_post = request.method.upper() in ("POST", "")
        names_model = not request.body or b'"model"' in request.body
        return is_post and names_model and request.path.rstrip("/").endswith(_PATHS)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload is a line with its time or a message; it says whether it is last."""
        if not isinstance(payload, dict) or not isinstance(payload.get("done"), bool):
            return False
        return "created_at" in payload or isinstance(payload.get("message"), dict)

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body asks with options that only this API has."""
        return bool(_OWN_OPTIONS & body.keys()) and ("messages" in body or "prompt" in body)

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked."""
        return read_ollama_request(body)

    read_tools = staticmethod(read_tools)
    write_request = staticmethod(write_ollama_request)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL: the same for every model."""
        return CHAT_PATH

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key; a server of one's own asks for none."""
        return {"Authorization": f"Bearer {key}"}

    read_glance = staticmethod(read_usual_line)
    read_alike = staticmethod(read_lines_alike)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one line says."""
        if not isinstance(payload, dict):
            return [NoteDelta("not_an_object", "", (("text", start_of(event.data)),))]
        return read_payload(event, payload)

    def is_response(self, payload: Any) -> bool:
        """Whether it is done with the first line: the whole answer."""
        return isinstance(payload, dict) and payload.get("done") is True

    read_response = read_event
