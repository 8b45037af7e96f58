"""AWS Bedrock's Converse: frames of one event each, or one JSON."""

from __future__ import annotations

from typing import Any

from tests.independent import aws_frames
from tests.independent.framing import add, answer, numbers, parsed, payloads


def read(body: bytes) -> dict[str, Any]:
    """Read one answer; blocks of text and reasoning begin with their first delta."""
    found = aws_frames.events(body) if aws_frames.is_framed(body) else payloads(body)
    blocks, usage = dict[int, dict[str, Any]](), dict[str, Any]()
    finish, error = "", False
    for event in found:
        whole = (event.get("output") or {}).get("message")
        error |= bool(event.get("error")) or (set(event) & {"message", "Message"} != set())
        for number, content in enumerate((whole or {}).get("content") or ()):
            _add(_block(blocks, number), content)
        ((kind, value),) = [*event.items()] if len(event) == 1 else [("whole", event)]
        if kind == "contentBlockStart":
            _add(_block(blocks, value["contentBlockIndex"]), value["start"])
        elif kind == "contentBlockDelta":
            _add(_block(blocks, value["contentBlockIndex"]), value["delta"])
        elif kind in ("messageStop", "metadata", "whole"):
            finish = value.get("stopReason") or finish
            usage = value.get("usage") or usage
    calls = [b["call"] for b in blocks.values() if b["call"].get("type") != "server_tool_use"]
    return answer(
        body, found, finish=finish, usage=_count(usage), error=error,
        text=[b["text"] for b in blocks.values()],
        reasoning=[b["reasoning"] for b in blocks.values()],
        calls=[(c["toolUseId"], c["name"], parsed(c["input"])) for c in calls if c],
    )  # fmt: skip


def _block(blocks: dict[int, dict[str, Any]], number: int) -> dict[str, Any]:
    return blocks.setdefault(number, {"text": "", "reasoning": "", "call": {}})


def _add(block: dict[str, Any], content: dict[str, Any]) -> None:
    cited = (content.get("citationsContent") or {}).get("content") or ()
    block["text"] += content.get("text") or "".join(part.get("text") or "" for part in cited)
    reasoning = content.get("reasoningContent") or {}
    block["reasoning"] += (reasoning.get("reasoningText") or reasoning).get("text") or ""
    if call := content.get("toolUse"):
        given, before = call.get("input", ""), block["call"].get("input", "")
        block["call"] |= {**call, "input": before + given if isinstance(given, str) else given}


def _count(usage: dict[str, Any]) -> dict[str, int | None]:
    read = usage.get("cacheReadInputTokens", usage.get("cacheReadInputTokenCount"))
    made = usage.get("cacheWriteInputTokens", usage.get("cacheWriteInputTokenCount"))
    return numbers(
        input=add(usage.get("inputTokens"), read, made), output=usage.get("outputTokens"),
        cache_read=read, cache_creation=made, total=usage.get("totalTokens"))  # fmt: skip
