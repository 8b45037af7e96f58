"""Make the packaged conversation of Bedrock's Converse: frames built here, by AWS's specification.

No model answers: the words are made up, and the recording says so in its first line, in its host
and in the name of its model. It asks what the recorded conversations of the other dialects ask.

    python data/make_synthetic_converse.py
"""

from __future__ import annotations

import json
from pathlib import Path
from struct import pack
from typing import Any
from zlib import crc32

import yaml

PATH = Path(__file__).parent / "cassettes" / "synthetic" / "bedrock_converse.yaml"
NOTICE = "# synthetic: made by hand for chatviz; no model answered, and the words are made up\n"
URL = "https://bedrock-runtime.synthetic.amazonaws.com/model/synthetic/converse-stream"

SYSTEM = "You are a helpful assistant. Always use both add and multiply at the same time."
QUESTION = {"role": "user", "content": [{"text": "Add and multiply the number 2 and 3"}]}
IDS = ("tooluse_synthetic_1", "tooluse_synthetic_2")
ARGUMENTS = {"a": 2, "b": 3}


def tool(name: str, description: str) -> dict[str, Any]:
    """Return the declaration of a tool for two numbers."""
    number = {"type": "integer"}
    schema = {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}
    spec = {"name": name, "description": description, "inputSchema": {"json": schema}}
    return {"toolSpec": spec}


TOOLS = {"tools": [tool("add", "Add two numbers"), tool("multiply", "Multiply two numbers")]}


def frame(event: str, **payload: Any) -> bytes:
    """Return one frame: lengths, their checksum, headers, payload, the checksum of it all."""
    names = {":event-type": event, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\7" + pack(">H", len(value)) + value.encode()
        for name, value in names.items()
    )
    data = json.dumps(payload, separators=(",", ":")).encode()
    lengths = pack(">II", 16 + len(headers) + len(data), len(headers))
    begin = lengths + pack(">I", crc32(lengths)) + headers + data
    return begin + pack(">I", crc32(begin))


def block(place: int, *deltas: dict[str, Any], start: dict[str, Any] | None = None) -> bytes:
    """Return the frames of one block; text has no start."""
    at = {"contentBlockIndex": place}
    begin = b"" if start is None else frame("contentBlockStart", start=start, **at)
    pieces = (frame("contentBlockDelta", delta=delta, **at) for delta in deltas)
    return begin + b"".join(pieces) + frame("contentBlockStop", **at)


def call(place: int, id: str, name: str) -> bytes:
    """Return the frames of a call whose arguments come in four pieces."""
    pieces = ('{"a"', ": 2,", ' "b"', ": 3}")
    inputs = ({"toolUse": {"input": piece}} for piece in pieces)
    return block(place, *inputs, start={"toolUse": {"toolUseId": id, "name": name}})


def text(*words: str) -> bytes:
    """Return the frames of a block of text."""
    return block(0, *({"text": word} for word in words))


def stream(blocks: bytes, stop: str, input: int, output: int) -> bytes:
    """Return the frames of one answer; the usage comes last, behind the stop."""
    usage = {"inputTokens": input, "outputTokens": output, "totalTokens": input + output}
    return (
        frame("messageStart", role="assistant")
        + blocks
        + frame("messageStop", stopReason=stop)
        + frame("metadata", usage=usage, metrics={"latencyMs": 0})
    )


def interaction(messages: list[dict[str, Any]], body: bytes) -> dict[str, Any]:
    """Return one request with its answer, as vcrpy writes them."""
    asked = {"messages": messages, "system": [{"text": SYSTEM}], "toolConfig": TOOLS}
    content_type = ["application/vnd.amazon.eventstream"]
    return {
        "request": {
            "method": "POST",
            "uri": URL,
            "body": json.dumps(asked),
            "headers": {"Content-Type": ["application/json"]},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Type": content_type},
            "body": {"string": body},
        },
    }


def main() -> None:
    """Write the conversation: two calls in parallel, then their results and the final text."""
    calls = call(1, IDS[0], "add") + call(2, IDS[1], "multiply")
    said = ("I'll add", " and multiply", " them.")
    uses = [
        {"toolUse": {"toolUseId": id, "name": name, "input": ARGUMENTS}}
        for id, name in zip(IDS, ("add", "multiply"), strict=True)
    ]
    results = [
        {"toolResult": {"toolUseId": id, "content": [{"text": result}]}}
        for id, result in zip(IDS, ("5", "6"), strict=True)
    ]
    answered = {"role": "assistant", "content": [{"text": "".join(said)}, *uses]}
    both = [QUESTION, answered, {"role": "user", "content": results}]
    final = ("The sum", " is 5,", " and the product", " is 6.")
    recording = {
        "version": 1,
        "interactions": [
            interaction([QUESTION], stream(text(*said) + calls, "tool_use", 452, 90)),
            interaction(both, stream(text(*final), "end_turn", 566, 14)),
        ],
    }
    shown = yaml.safe_dump(recording, sort_keys=False, width=100)
    PATH.write_text(NOTICE + shown, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
