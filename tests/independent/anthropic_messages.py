"""Anthropic's messages: from its API, from Vertex, and inside the frames of Bedrock's invoke."""

from __future__ import annotations

from typing import Any

from tests.independent import aws_frames
from tests.independent.framing import add, answer, numbers, parsed, payloads


def read(body: bytes) -> dict[str, Any]:
    """Read one answer; a whole message is read as a stream's blocks that came at once."""
    found = aws_frames.events(body) if aws_frames.is_framed(body) else payloads(body)
    blocks: list[dict[str, Any]] = []
    usage: dict[str, Any] = {}
    finish, error = "", False
    by_index: dict[Any, dict[str, Any]] = {}
    for event in found:
        kind, delta = event.get("type"), event.get("delta") or {}
        message = event if kind == "message" else event.get("message") or {}
        if kind == "error" or event.get("error") or isinstance(message, str):
            error, message = True, {}  # AWS sends {"message": "..."} alone
        if kind in ("message", "message_start", "message_delta"):
            blocks.extend(message.get("content") or ())
            sent = event.get("usage") or message.get("usage") or {}
            usage.update({key: value for key, value in sent.items() if value is not None})
            finish = delta.get("stop_reason") or message.get("stop_reason") or finish
        elif kind == "content_block_start":
            by_index[event.get("index")] = block = {**event["content_block"], "pieces": []}
            blocks.append(block)
        elif kind == "content_block_delta" and event.get("index") in by_index:
            by_index[event["index"]]["pieces"].append(delta)
    return answer(
        body, found,
        text=(_joined(b, "text", "text") for b in blocks),
        reasoning=(_joined(b, "thinking", "thinking") for b in blocks),
        calls=[(b["id"], b["name"], _input(b)) for b in blocks if b.get("type") == "tool_use"],
        finish=finish, usage=_count(usage), error=error,
    )  # fmt: skip


def _joined(block: dict[str, Any], kind: str, key: str) -> str:
    if block.get("type") != kind:
        return ""
    return (block.get(key) or "") + "".join(p.get(key) or "" for p in block.get("pieces", ()))


def _input(block: dict[str, Any]) -> Any:
    text = "".join(piece.get("partial_json") or "" for piece in block.get("pieces", ()))
    return parsed(text) if text else block.get("input") or {}


def _count(usage: dict[str, Any]) -> dict[str, int | None]:
    read, made = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    details = usage.get("output_tokens_details") or {}
    return numbers(
        input=add(usage.get("input_tokens"), read, made), output=usage.get("output_tokens"),
        cache_read=read, cache_creation=made, reasoning=details.get("thinking_tokens"),
    )  # fmt: skip
