"""Hand-made streams, each with one habit of some provider, for docs/sdk-matrix.md: synthetic."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun

__all__ = ["BENT_STREAMS", "BentStream"]

TOOL: Final = {
    "name": "add",
    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
}
CHAT: Final[dict[str, Any]] = {
    "model": "synthetic",
    "messages": [{"role": "user", "content": "Add."}],
    "tools": [{"type": "function", "function": TOOL}],
    "stream": True,
}
MESSAGES: Final[dict[str, Any]] = {
    "model": "synthetic",
    "max_tokens": 99,
    "messages": [{"role": "user", "content": "Add."}],
    "tools": [{"name": "add", "input_schema": TOOL["parameters"]}],
    "stream": True,
}
USAGE: Final = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}


@dataclass(frozen=True, slots=True)
class BentStream:
    """One stream: what is bent in it, its body and its request."""

    name: str
    body: bytes
    request: dict[str, Any]

    @property
    def run(self) -> StreamRun:
        """The stream, read."""
        return read_stream(self.body, self.request)


def _chat(
    name: str, *deltas: dict[str, Any], finish: str | None = "stop", **more: Any
) -> BentStream:
    """Return a chat completion: a chunk for each delta, then the finish reason and the usage."""
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": delta, "finish_reason": None} for delta in deltas
    ]
    if finish:
        choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    chunks = [_chunk(choices=[choice]) for choice in choices]
    chunks += more.get("after", [_chunk(choices=[], usage=more.get("usage", USAGE))])
    return BentStream(name, _events(chunks) + more.get("end", b"data: [DONE]\n\n"), CHAT)


def _chunk(**fields: Any) -> dict[str, Any]:
    head = {
        "id": "synthetic-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "synthetic",
    }
    return {**head, **fields}


def _events(chunks: list[dict[str, Any]], *, named: bool = False) -> bytes:
    lines = [
        f"event: {chunk['type']}\ndata: {json.dumps(chunk)}\n\n" if named
        else f"data: {json.dumps(chunk)}\n\n"
        for chunk in chunks
    ]  # fmt: skip
    return "".join(lines).encode()


def _call(arguments: Any = None, **fields: Any) -> dict[str, Any]:
    """Return a delta with a piece of a call."""
    function = {key: fields.pop(key) for key in ("name",) if key in fields}
    if arguments is not None:
        function["arguments"] = arguments
    return {"tool_calls": [{**fields, "function": function}]}


def _messages(name: str, *blocks: list[dict[str, Any]], stop: str = "end_turn") -> BentStream:
    """Return a message: blocks of events between its start and its end."""
    message = {
        "id": "msg_synthetic", "type": "message", "role": "assistant", "model": "synthetic",
        "content": [], "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }  # fmt: skip
    end = {"stop_reason": stop, "stop_sequence": None}
    events = [
        {"type": "message_start", "message": message},
        *(event for block in blocks for event in block),
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return BentStream(name, _events(events, named=True), MESSAGES)


def _block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


TEXT: Final = _block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Five."})
ASKED: Final = {"id": "call_1", "type": "function", "name": "add"}
WHOLE: Final = '{"a": 2}'

BENT_STREAMS: Final = (
    _chat("straight", {"role": "assistant", "content": "It is "}, {"content": "five."}),
    _chat(
        "straight, with a call",
        {"role": "assistant", "content": None}, _call("", index=0, **ASKED),
        _call('{"a":', index=0), _call(" 2}", index=0), finish="tool_calls",
    ),
    _chat("role in every chunk", *({"role": "assistant", "content": one} for one in "abc")),
    _chat("reasoning in `reasoning`", {"reasoning": "Two and three."}, {"content": "Five."}),
    _chat(
        "reasoning in `reasoning_content`", {"reasoning_content": "Two and three."},
        {"content": "Five."},
    ),
    _chat("first call numbered 1", _call(WHOLE, index=1, **ASKED), finish="tool_calls"),
    _chat("call without an index", _call(WHOLE, **ASKED), finish="tool_calls"),
    _chat(
        "two calls with one index",
        _call(WHOLE, index=0, **ASKED), _call('{"a": 3}', index=0, **{**ASKED, "id": "call_2"}),
        finish="tool_calls",
    ),
    _chat(
        "id, type and name of a call in every piece",
        *(_call(one, index=0, **ASKED) for one in ('{"a":', " 2", "}")), finish="tool_calls",
    ),
    _chat(
        "arguments as an object", _call({"a": 2}, index=0, **ASKED), finish="tool_calls",
    ),
    _chat(
        "call without arguments", _call("", index=0, **ASKED), finish="tool_calls",
    ),
    _chat("call, and `stop` as the reason", _call(WHOLE, index=0, **ASKED)),
    _chat(
        "call after the finish reason", {"content": "Let me see."}, finish=None,
        after=[
            _chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]),
            _chunk(choices=[{"index": 0, "delta": _call(WHOLE, index=0, **ASKED)}]),
            _chunk(choices=[], usage=USAGE),
        ],
    ),
    _chat(
        "usage, then `null`", {"content": "Five."},
        after=[_chunk(choices=[], usage=USAGE), _chunk(choices=[], usage=None)],
    ),
    _chat(
        "cost, cached and reasoning tokens in the usage", {"content": "Five."},
        usage={
            **USAGE, "cost": 0.000123, "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    ),
    _chat("a finish reason of its own", {"content": "Five."}, finish="eos"),
    _chat(
        "an error in the stream", {"content": "Fi"}, finish=None,
        after=[{"error": {"message": "synthetic: the upstream failed", "code": 502}}], end=b"",
    ),
    _chat("cut in the middle", {"content": "It is fi"}, finish=None, after=[], end=b""),
    _chat("no `[DONE]`", {"content": "Five."}, end=b""),
    _messages("straight", TEXT),
    _messages(
        "straight, with a call",
        _block(
            0, {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}},
            {"type": "input_json_delta", "partial_json": '{"a":'},
            {"type": "input_json_delta", "partial_json": " 2}"},
        ),
        stop="tool_use",
    ),
    _messages(
        "thinking before the text",
        _block(
            0, {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "Two and three."},
            {"type": "signature_delta", "signature": "synthetic"},
        ),
        _block(1, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Five."}),
    ),
    _messages("an event of an unknown type", [{"type": "synthetic_event"}], TEXT),
    _messages(
        "call without any input",
        _block(0, {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}}),
        stop="tool_use",
    ),
    _messages(
        "an error in the stream",
        [{"type": "error", "error": {"type": "overloaded_error", "message": "synthetic"}}],
    ),
)  # fmt: skip
