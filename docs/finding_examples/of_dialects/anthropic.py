"""Examples of what is odd in Anthropic's Messages alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from finding_examples.example import FindingExample, answer

__all__ = ["OF_ANTHROPIC"]

_Json = dict[str, Any]

_BEGUN: Final[_Json] = {
    "type": "message_start",
    "message": {"role": "assistant", "model": "claude-sonnet-5", "content": []},
}
_ENDED: Final[_Json] = {"type": "message_stop"}


def _text(*pieces: str) -> list[_Json]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": one},
            }
            for one in pieces
        ),
        {"type": "content_block_stop", "index": 0},
    ]


def _finish(reason: str, **delta: Any) -> _Json:
    stop = {"stop_reason": reason, **delta}
    return {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 5}}


def _stream(*events: _Json, named: bool = True) -> bytes:
    """Return events as the API sends them: each under its name."""
    lines = []
    for event in (_BEGUN, *events, _ENDED):
        name = f"event: {event['type']}\n" if named else ""
        lines.append(f"{name}data: {json.dumps(event, separators=(',', ':'))}\n\n")
    return "".join(lines).encode()


_ONLY_TEXT: Final = """\
text = ""
for event in chunks:
    if event["type"] == "content_block_delta":
        text += event["delta"].get("text", "")
text"""

OF_ANTHROPIC: Final[Mapping[str, FindingExample]] = {
    "event_name_differs": FindingExample(
        about="Anthropic's own SDKs go by the name on the `event:` line, which equals the type in "
        "all of 104 recorded streams. Servers that copy the API may leave the line out; the type "
        "in the data is what counts here.",
        exchanges=answer(_stream(*_text("Hel", "lo"), _finish("end_turn"), named=False)),
        careless="""\
text = name = ""
for line in body.decode().split("\\n"):
    if line.startswith("event: "):
        name = line[7:]
    elif line.startswith("data: ") and name == "content_block_delta":
        text += json.loads(line[6:])["delta"]["text"]
text""",
        read="run.message.text",
    ),
    "input_at_start": FindingExample(
        about="The input of a call is `{}` where its block begins, and comes in pieces of JSON "
        "text (all of 86 recorded calls). Where it comes at once it is read too; pieces that "
        "follow replace it.",
        exchanges=answer(
            _stream(
                {
                    "type": "content_block_start",
                    "index": 0,
                    "content_block": {
                        "type": "tool_use",
                        "id": "toolu_a1",
                        "name": "add",
                        "input": {"a": 2, "b": 3},
                    },
                },
                {"type": "content_block_stop", "index": 0},
                _finish("tool_use"),
            )
        ),
        careless="""\
text = ""
for event in chunks:
    if event["type"] == "content_block_delta":
        text += event["delta"].get("partial_json", "")
json.loads(text or "{}")""",
        read="run.message.tool_calls[0].parsed",
    ),
    "turn_paused": FindingExample(
        about="A turn in which the server runs its own tools may be paused (2 of 532 recorded "
        "answers). It is not finished: the whole answer, sent back as the assistant's, goes on.",
        exchanges=answer(_stream(*_text("Searching"), _finish("pause_turn"))),
        careless="""\
reason = chunks[-2]["delta"]["stop_reason"]
"call tools" if reason == "tool_use" else "finished\"""",
        read="run.finish_reason_sent",
    ),
    "refused": FindingExample(
        about="A classifier stopped the answer, at once or in the middle: no error, and what came "
        "before is no answer. None of 532 recorded answers shows it.",
        exchanges=answer(
            _stream(
                *_text("First, take"),
                _finish("refusal", stop_details={"type": "refusal", "category": "bio"}),
            )
        ),
        careless=_ONLY_TEXT,
        read="run.finish_reason",
    ),
    "usage_leaves_out": FindingExample(
        about="An advisor's tokens and those of a compaction are listed in `usage.iterations`, and "
        "are not in the numbers at the top (2 of 130 streams, 5 of 402 whole answers). `run.usage` "
        "is what was sent.",
        origin="Anthropic with Claude Sonnet 5 and an advisor",
        recording="vcrpy/anthropic_advisor_usage_grows_and_iterations.yaml",
        exchanges=answer(
            b"event: message_delta\n"
            b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":'
            b'{"input_tokens":2411,"output_tokens":145,"iterations":['
            b'{"type":"message","input_tokens":1128,"output_tokens":135},'
            b'{"type":"advisor_message","input_tokens":2543,"output_tokens":18},'
            b'{"type":"message","input_tokens":1283,"output_tokens":10}]}}\n\n'
            b"event: message_stop\n"
            b'data: {"type":"message_stop"}\n\n'
        ),
        careless="""\
usage = chunks[0]["usage"]
usage["input_tokens"] + usage["output_tokens"]  # what is charged""",
        read='sum(of["input_tokens"] + of["output_tokens"] for of in run.usage.raw["iterations"])',
    ),
}
