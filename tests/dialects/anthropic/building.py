"""Streams of Anthropic's events, put together by hand."""

from __future__ import annotations

import json
from typing import Any

from chatviz.wire.exchange import RequestHead

HEAD = RequestHead("POST", "https://api.anthropic.com/v1/messages")
STOP: dict[str, Any] = {"type": "message_stop"}


def start(**fields: Any) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude"}
    usage = {"input_tokens": 10, "output_tokens": 1}
    return {
        "type": "message_start",
        "message": {**message, "content": [], "stop_reason": None, "usage": usage, **fields},
    }


def block(index: int, **content: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": content}


def piece(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def close(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def text(index: int, *pieces: str) -> list[dict[str, Any]]:
    said = [piece(index, type="text_delta", text=one) for one in pieces]
    return [block(index, type="text", text=""), *said, close(index)]


def call(index: int, *pieces: str, name: str = "add", **fields: Any) -> list[dict[str, Any]]:
    begun = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}, **fields}
    said = [piece(index, type="input_json_delta", partial_json=one) for one in ("", *pieces)]
    return [block(index, **begun), *said, close(index)]


def finish(reason: str = "end_turn", usage: dict[str, Any] | None = None, **delta: Any) -> Any:
    counted = {"output_tokens": 5} if usage is None else usage
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None, **delta},
        "usage": counted,
    }


def body(*events: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    """Return the events as they are sent, each under its name."""
    flat = [one for event in events for one in (event if isinstance(event, list) else [event])]
    return b"".join(
        f"event: {one.get('type', '')}\ndata: {json.dumps(one)}\n\n".encode() for one in flat
    )


def answer(*events: dict[str, Any] | list[dict[str, Any]], reason: str = "end_turn") -> bytes:
    """Return a whole stream around some blocks."""
    return body(start(), *events, finish(reason), STOP)
