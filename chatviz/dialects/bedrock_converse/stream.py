"""Bedrock's Converse: frames of an AWS event stream, whole answers, and requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from chatviz.chat.deltas import Delta
from chatviz.chat.manners import CallIds, Manners, SentError
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.bedrock_converse.event_order import EVENT_ORDER
from chatviz.dialects.bedrock_converse.events import GUARDRAIL, read_answer, read_event_payload
from chatviz.dialects.bedrock_converse.fast_path import read_usual_event
from chatviz.dialects.bedrock_converse.findings import KINDS
from chatviz.dialects.bedrock_converse.known_fields import EVENT_FIELDS
from chatviz.dialects.bedrock_converse.request import (
    PATH,
    looks_like_request,
    read_converse_request,
    read_tools,
)
from chatviz.dialects.bedrock_converse.writing import write_converse_request
from chatviz.dialects.prompt_layouts import CONVERSE_LAYOUT
from chatviz.dialects.server_times import CONVERSE_TIMES
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

__all__ = ["BedrockConverse"]


# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
def _tell_error(message: str) -> SentError:
    return SentError("internalServerException", {"message": message})


MANNERS: Final = Manners(
    tell_error=_tell_error,
    prompt=CONVERSE_LAYOUT,
    server_times=CONVERSE_TIMES,
    told_reasons={GUARDRAIL: GUARDRAIL},
    finish_reasons={
        "end_turn": "stop",
        "stop_sequence": "stop",
        "tool_use": "tool_calls",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "content_filtered": "content_filter",
        GUARDRAIL: "content_filter",
        "malformed_model_output": "error",
        "malformed_tool_use": "error",
    },
    end="metadata",
    begins_empty=True,
    sends_role=True,
    arguments_as="object",
    may_omit_arguments=True,
    passing_errors=frozenset(
        (
            *("internalServerException", "modelStreamErrorException", "modelTimeoutException"),
            *("serviceUnavailableException", "throttlingException"),
        )
    ),
    kinds=KINDS,
    call_ids=CallIds(
        references=("toolUseId",),
        call_keys=("toolUse",),
        arguments=("input",),
    ),
)


class BedrockConverse:
    """Reads ``/model/ID/converse[-stream]``: events, whole answers, errors; writes requests."""

    name = "bedrock-converse"
    manners = MANNERS
    order = EVENT_ORDER
    history_keys = ("messages", "system")
    only_hosts = ()

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST that converses with a model; the path names it, percent-encoded."""
        is_post = request.method.upper() in ("POST", "")
        return is_post and PATH.search(request.path) is not None

    def recognises(self, payload: Any) -> bool:
        """Whether the payload is one of its events, or a whole answer."""
        if not isinstance(payload, dict):
            return False
        keys = payload.keys()
        if "contentBlockIndex" in keys or self.is_response(payload):
            return True
        is_start = "role" in keys and keys <= EVENT_FIELDS["messageStart"]
        return is_start or (len(keys) == 1 and keys <= EVENT_FIELDS.keys())

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body asks with blocks that have no type, or with options of its own."""
        return looks_like_request(body)

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked."""
        return read_converse_request(body, head.path)

    read_tools = staticmethod(read_tools)
    write_request = staticmethod(write_converse_request)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL to ask a model."""
        return f"/model/{quote(model, safe='')}/converse{'-stream' if streamed else ''}"

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key of Bedrock's; a signer needs none."""
        return {"Authorization": f"Bearer {key}"}

    read_glance = staticmethod(read_usual_event)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one event says, by the name in its frame."""
        return read_event_payload(event, payload)

    def is_response(self, payload: Any) -> bool:
        """Whether it is a whole answer: an output with its message."""
        if not isinstance(payload, dict):
            return False
        output = payload.get("output")
        return "stopReason" in payload and (output is None or isinstance(output, dict))

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what an answer that was not streamed says."""
        return read_answer(payload, event.data)
