"""Google's Gemini: streams, whole answers, and requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote

from chatviz.chat.deltas import Delta, NoteDelta
from chatviz.chat.findings.log import start_of
from chatviz.chat.manners import CallIds, Manners, SentError
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.gemini.answers import ANSWER, is_wrapped, read_payload, read_wrapped
from chatviz.dialects.gemini.event_order import CHUNK_ORDER
from chatviz.dialects.gemini.fast_path import read_usual_chunk
from chatviz.dialects.gemini.findings import KINDS, LOST_CALLS
from chatviz.dialects.gemini.request import read_gemini_request, read_tools, unwrapped
from chatviz.dialects.gemini.writing import write_gemini_request
from chatviz.dialects.prompt_layouts import CONTENTS_LAYOUT
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

__all__ = ["Gemini"]

_ASKED: Final = re.compile(r"([^/]*):(?:g|streamG)enerateContent/?$")


def _tell_error(message: str) -> SentError:
    return SentError("", {"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}})


# What ends an answer: the words of google-genai 3.6 and of Vertex AI's reference. Clients made from
# the protobufs ask for their numbers (``$alt=json;enum-encoding=int``). 0 to 5 are the same words
# at AI Studio and Vertex AI; 6 to 8 name filters at both (LANGUAGE, BLOCKLIST, PROHIBITED_CONTENT;
# BLOCKLIST, PROHIBITED_CONTENT, SPII); from 9 on (SPII; MALFORMED_FUNCTION_CALL) they differ, and
# nothing says which is meant.
MANNERS: Final = Manners(
    tell_error=_tell_error,
    prompt=CONTENTS_LAYOUT,
    parts="open",
    told_reasons={word.lower(): "call_lost" for word in LOST_CALLS},
    finish_reasons={
        "finish_reason_unspecified": "",
        "stop": "stop",
        "max_tokens": "length",
        **dict.fromkeys(
            (
                *("safety", "recitation", "language", "blocklist", "prohibited_content", "spii"),
                *("image_safety", "image_prohibited_content", "image_recitation", "model_armor"),
            ),
            "content_filter",
        ),
        **dict.fromkeys(
            (
                *("other", "malformed_function_call", "unexpected_tool_call", "malformed_response"),
                *("too_many_tool_calls", "missing_thought_signature", "image_other", "no_image"),
            ),
            "error",
        ),
        "0": "",
        "1": "stop",
        "2": "length",
        "5": "error",
        **dict.fromkeys(("3", "4", "6", "7", "8"), "content_filter"),
    },
    names_tool_calls=False,
    begins_empty=True,
    sends_call_ids=False,
    arguments_as="object",
    passing_errors=frozenset(("429", "500", "503", "504")),
    kinds=KINDS,
    call_ids=CallIds(
        call_keys=("functionCall", "function_call"),
        result_keys=("functionResponse", "function_response"),
        arguments=("args", "parameters"),
    ),
)


class Gemini:
    """Reads ``…:generateContent`` and ``…:streamGenerateContent``; writes their requests."""

    name = "gemini"
    manners = MANNERS
    history_keys = ("contents", "systemInstruction", "system_instruction")
    only_hosts = ()
    order = CHUNK_ORDER

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to one of the two methods of a model."""
        is_post = request.method.upper() in ("POST", "")
        return is_post and _ASKED.search(unquote(request.path)) is not None

    def recognises(self, payload: Any) -> bool:
        """Whether the payload has candidates, or what a chunk without any has."""
        if not isinstance(payload, dict):
            return False
        if is_wrapped(payload):
            payload = payload[ANSWER]
        keys = payload.keys()
        return not keys.isdisjoint(("candidates", "promptFeedback")) or (
            {"usageMetadata", "modelVersion"} <= keys
        )

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body has ``contents`` with parts."""
        contents = unwrapped(body).get("contents")
        return isinstance(contents, list) and any(
            isinstance(content, dict) and "parts" in content for content in contents
        )

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked; the model is in the URL only."""
        asked = _ASKED.search(unquote(head.path))
        return read_gemini_request(body, asked[1] if asked else "")

    read_tools = staticmethod(read_tools)
    write_request = staticmethod(write_gemini_request)

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL: the model and the method.

        A model with a path of its own (``tunedModels/…``) keeps it. The base URL is
        ``https://generativelanguage.googleapis.com/v1beta``, or of Vertex AI
        ``https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION`` and
        ``/publishers/google`` behind it.
        """
        path = quote(model) if "/" in model else f"models/{quote(model)}"
        return f"/{path}:streamGenerateContent?alt=sse" if streamed else f"/{path}:generateContent"

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries a key; Vertex AI's tokens go as a bearer's instead."""
        return {"x-goog-api-key": key}

    read_glance = staticmethod(read_usual_chunk)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one chunk says: who answers, each candidate, usage, errors."""
        if not isinstance(payload, dict):
            return [NoteDelta("not_an_object", "", (("text", start_of(event.data)),))]
        if is_wrapped(payload):
            return read_wrapped(event, payload)
        return read_payload(event, payload)

    def is_response(self, payload: Any) -> bool:
        """Whether it may be a whole answer: it looks like a chunk, and is the only one."""
        return self.recognises(payload)

    read_response = read_event
