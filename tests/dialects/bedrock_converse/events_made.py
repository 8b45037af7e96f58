"""Frames of Converse as hand-made streams need them, padded as the recorded ones are."""

from __future__ import annotations

import json
from typing import Any

from chatviz.chat.deltas import UnknownDelta
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.wire.aws_building import frame

HOST = "https://bedrock-runtime.us-east-1.amazonaws.com"
MODEL = "us.amazon.nova-2-lite-v1%3A0"
HEAD = RequestHead("POST", f"{HOST}/model/{MODEL}/converse-stream")
WHOLE = RequestHead("POST", f"{HOST}/model/{MODEL}/converse")
USAGE = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15}


def event(name: str, **payload: Any) -> bytes:
    return frame({**payload, "p": "abc"}, event_type=name)


def piece(delta: dict[str, Any], place: int = 0) -> bytes:
    return event("contentBlockDelta", contentBlockIndex=place, delta=delta)


def opened(start: dict[str, Any], place: int = 0) -> bytes:
    return event("contentBlockStart", contentBlockIndex=place, start=start)


def closed(place: int = 0) -> bytes:
    return event("contentBlockStop", contentBlockIndex=place)


def block(*deltas: dict[str, Any], place: int = 0, start: dict[str, Any] | None = None) -> bytes:
    """Return a block with its pieces; text and reasoning have no start."""
    begin = b"" if start is None else opened(start, place)
    return begin + b"".join(piece(delta, place) for delta in deltas) + closed(place)


def text(*pieces: str, place: int = 0) -> bytes:
    return block(*({"text": one} for one in pieces), place=place)


def thought(*deltas: dict[str, Any], place: int = 0) -> bytes:
    return block(*({"reasoningContent": one} for one in deltas), place=place)


def call(
    *inputs: str, place: int = 0, id: str = "tooluse_a1", name: str = "f", **more: Any
) -> bytes:
    start = {"toolUse": {"toolUseId": id, "name": name, **more}}
    return block(*({"toolUse": {"input": one}} for one in inputs), place=place, start=start)


def stream(*blocks: bytes, stop: str = "end_turn", usage: Any = USAGE, **end: Any) -> bytes:
    """Return a stream with these blocks in a whole answer; ``stop`` '' leaves the end out."""
    begin = event("messageStart", role="assistant")
    ends = event("messageStop", stopReason=stop)
    ends += event("metadata", usage=usage, metrics={"latencyMs": 9}, **end)
    return begin + b"".join(blocks) + (ends if stop else b"")


def answer(*content: dict[str, Any], stop: str = "end_turn", **fields: Any) -> bytes:
    """Return an answer that was not streamed."""
    output = {"message": {"role": "assistant", "content": [*content]}}
    body = {"metrics": {"latencyMs": 9}, "output": output, "stopReason": stop, "usage": USAGE}
    return json.dumps({**body, **fields}).encode()


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings} - {"no_clock"}


def unknown(run: StreamRun) -> dict[str, Any]:
    deltas = [delta for _, delta in run.deltas if isinstance(delta, UnknownDelta)]
    return {delta.path: json.loads(delta.json) for delta in deltas}
