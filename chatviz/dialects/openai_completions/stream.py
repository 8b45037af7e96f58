"""Completions of a prompt: read as chat completions are, from choices that hold their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chatviz.chat.deltas import Delta
from chatviz.chat.messages import ChatRequest, Message, Text, UnknownPart
from chatviz.dialects.json_values import text_of
from chatviz.dialects.openai_chat.known_fields import REASONING_FIELDS
from chatviz.dialects.openai_chat.stream import CHAT_PATH, MANNERS, OpenAIAnswers
from chatviz.dialects.openai_completions.fast_path import read_usual_chunk
from chatviz.dialects.prompt_layouts import COMPLETION_LAYOUT
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import dump_json
from chatviz.wire.wire_event import WireEvent

__all__ = ["OpenAICompletions"]

COMPLETIONS_PATH: Final = "/completions"
_SAID: Final = frozenset(("text", *REASONING_FIELDS))


class OpenAICompletions(OpenAIAnswers):
    """Reads ``/completions``: streamed chunks, whole answers, errors; nothing is asked in it."""

    name = "openai-completions"
    manners = replace(MANNERS, prompt=COMPLETION_LAYOUT, sends_role=False, sends_call_indexes=False)

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to ``…/completions``, and not to ``…/chat/completions``."""
        path = request.path.rstrip("/")
        is_post = request.method.upper() in ("POST", "")
        return is_post and path.endswith(COMPLETIONS_PATH) and not path.endswith(CHAT_PATH)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload has the ``object`` or the ``text`` of a completion."""
        return isinstance(payload, dict) and (
            payload.get("object") == "text_completion" or _holds_text(payload)
        )

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body has a ``prompt`` and no ``messages``."""
        return "prompt" in body and "messages" not in body

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked: each prompt is a message, one of tokens an unknown part."""
        prompt = body.get("prompt")
        prompts = prompt if isinstance(prompt, list) else [prompt] if prompt else []
        if prompts and all(isinstance(one, int) for one in prompts):
            prompts = [prompts]
        messages = [
            Message("user", (Text(one) if isinstance(one, str) else _tokens(one),))
            for one in prompts
        ]
        return ChatRequest(text_of(body.get("model")), tuple(messages), (), body)

    read_glance = staticmethod(read_usual_chunk)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one chunk says."""
        return super().read_event(event, _as_chat(payload))

    def is_response(self, payload: Any) -> bool:
        """Whether it holds a text: a whole answer looks like a chunk of a stream."""
        return (isinstance(payload, dict) and _holds_text(payload)) or super().is_response(payload)

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what a whole answer says."""
        return super().read_response(event, _as_chat(payload))


def _tokens(prompt: Any) -> UnknownPart:
    return UnknownPart("tokens", dump_json(prompt))


def _holds_text(payload: Mapping[str, Any]) -> bool:
    choices = payload.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and "text" in choice and "delta" not in choice
        for choice in choices
    )


def _as_chat(payload: Any) -> Any:
    """Return a payload with the texts of its choices in a ``delta``, as in chat completions."""
    choices = payload.get("choices") if isinstance(payload, dict) else None
    if not isinstance(choices, list):
        return payload
    return {**payload, "choices": [_choice_as_chat(choice) for choice in choices]}


def _choice_as_chat(choice: Any) -> Any:
    if not isinstance(choice, dict) or "delta" in choice:
        return choice
    if not isinstance(choice.get("text", 0), str | None):
        return choice  # it says nothing, and what is no text is kept as unknown
    rest = {key: value for key, value in choice.items() if key not in _SAID}
    said = {key: choice[key] for key in _SAID if key in choice}
    return {**rest, "delta": {"content": said.pop("text"), **said}}
