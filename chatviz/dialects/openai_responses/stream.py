"""OpenAI's Responses: streams of typed events, whole answers, and requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chatviz.chat.deltas import Delta, NoteDelta
from chatviz.chat.findings.log import start_of
from chatviz.chat.manners import CallIds, Manners, SentError
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.openai_responses.event_order import EVENT_ORDER
from chatviz.dialects.openai_responses.events import read_payload
from chatviz.dialects.openai_responses.fast_path import read_usual_event
from chatviz.dialects.openai_responses.findings import KINDS
from chatviz.dialects.openai_responses.items import (
    CALL_TYPES,
    CLIENT_CALLS,
    hides_reasoning,
    is_free_call,
)
from chatviz.dialects.openai_responses.request import read_responses_request, read_tools
from chatviz.dialects.openai_responses.response import FINISH_REASONS, read_end
from chatviz.dialects.openai_responses.writing import write_responses_request
from chatviz.dialects.prompt_layouts import RESPONSES_LAYOUT
from chatviz.dialects.server_times import RESPONSE_TIMES
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

__all__ = ["OpenAIResponses"]

RESPONSES_PATH: Final = "/responses"
# One response, polled or resumed. Its neighbours (…/cancel, …/input_items) are no answers.
_ONE_RESPONSE: Final = re.compile(r"/responses/[^/]+$")
# What a request has that names no messages, and an embedding's request has not.
_ASKS: Final = frozenset(
    ("instructions", "max_output_tokens", "previous_response_id", "conversation", "store", "stream")
)


def _tell_error(message: str) -> SentError:
    told = {"type": "error", "code": "server_error", "message": message, "param": None}
    return SentError("error", {**told, "sequence_number": 0})


MANNERS: Final = Manners(
    tell_error=_tell_error,
    prompt=RESPONSES_LAYOUT,
    server_times=RESPONSE_TIMES,
    finish_reasons=FINISH_REASONS,
    told_reasons={"cancelled": "answer_cancelled"},
    names_tool_calls=False,
    end="response.completed",
    begins_empty=True,
    free_text_calls=frozenset(("custom",)),
    json_calls=frozenset(CLIENT_CALLS) - frozenset(CALL_TYPES),
    is_free_call=is_free_call,
    hides_reasoning=hides_reasoning,
    passing_errors=frozenset(("server_error", "rate_limit_exceeded", "vector_store_timeout")),
    kinds=KINDS,
    call_ids=CallIds(
        references=("call_id",),
        call_types=(
            *("function_call", "custom_tool_call", "tool_search_call", "computer_call"),
            *("local_shell_call", "shell_call", "apply_patch_call"),
        ),
        arguments=("arguments", "parameters"),
    ),
)


class OpenAIResponses:
    """Reads ``/responses``: streamed events, whole answers, errors; writes requests."""

    name = "openai-responses"
    manners = MANNERS
    history_keys = ("input",)
    kept_keys = ("instructions", "previous_response_id", "conversation")
    only_hosts = ()
    order = EVENT_ORDER

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to ``…/responses``, or a GET of one response."""
        path, method = request.path.rstrip("/"), request.method.upper()
        if method == "GET":
            return _ONE_RESPONSE.search(path) is not None
        return method in ("POST", "") and path.endswith(RESPONSES_PATH)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload is one of its events, or a response."""
        if not isinstance(payload, dict):
            return False
        kind = payload.get("type")
        is_event = isinstance(kind, str) and kind.startswith("response.")
        return is_event or payload.get("object") == "response"

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body has an ``input`` of items, or one that no embedding asks with."""
        asked = body.get("input")
        if isinstance(asked, list):
            return any(isinstance(item, dict) for item in asked)
        return isinstance(asked, str) and bool(_ASKS & body.keys())

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked; a GET asks nothing: it fetches an answer again."""
        return read_responses_request(body)

    read_tools = staticmethod(read_tools)
    write_request = staticmethod(write_responses_request)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL: the same for every model."""
        return RESPONSES_PATH

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key."""
        return {"Authorization": f"Bearer {key}"}

    read_glance = staticmethod(read_usual_event)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one event says, by the type in its data; or what a whole response does."""
        if not isinstance(payload, dict):
            return [NoteDelta("not_an_object", "", (("text", start_of(event.data)),))]
        if self.is_response(payload):
            said_again = read_end(payload, event.data, (), "end")
            return [NoteDelta("message_in_stream"), *said_again]
        return read_payload(event, payload)

    def is_response(self, payload: Any) -> bool:
        """Whether it is a response itself, and no event about one."""
        if not isinstance(payload, dict) or isinstance(payload.get("type"), str):
            return False
        return payload.get("object") == "response" or isinstance(payload.get("output"), list)

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what a whole answer says, one that still runs in the background included."""
        return read_end(payload, event.data, (), "whole")
