"""The ceiling: each dialect put together by split and orjson and nothing else.

A loop takes the bytes of a body and returns (text, joined arguments of the calls, last usage).
It checks nothing, keeps nothing else, and reads streams and whole answers.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from orjson import dumps, loads

Read = tuple[str, str, Any]
lengths = struct.Struct(">II").unpack_from


def read_openai_chat(body: bytes) -> Read:
    """Join the deltas of chat completions."""
    texts: list[str] = []
    given: list[str] = []
    usage = None
    if (start := body.lstrip())[:1] == b"{":
        payload = loads(start)
        message = payload["choices"][0]["message"]
        for call in message.get("tool_calls") or ():
            given.append(call["function"]["arguments"])
        return message.get("content") or "", "".join(given), payload.get("usage")
    for event in body.split(b"\n\n"):
        if not event.startswith(b"data: ") or event == b"data: [DONE]":
            continue
        payload = loads(event[6:])
        for choice in payload.get("choices") or ():
            delta = choice["delta"]
            if content := delta.get("content"):
                texts.append(content)
            for call in delta.get("tool_calls") or ():
                given.append(call["function"].get("arguments") or "")
        if sent := payload.get("usage"):
            usage = sent
    return "".join(texts), "".join(given), usage


def read_openai_completions(body: bytes) -> Read:
    """Join the texts of text completions."""
    texts: list[str] = []
    usage = None
    if (start := body.lstrip())[:1] == b"{":
        payload = loads(start)
        return payload["choices"][0]["text"], "", payload.get("usage")
    for event in body.split(b"\n\n"):
        if not event.startswith(b"data: ") or event == b"data: [DONE]":
            continue
        payload = loads(event[6:])
        for choice in payload.get("choices") or ():
            if text := choice.get("text"):
                texts.append(text)
        if sent := payload.get("usage"):
            usage = sent
    return "".join(texts), "", usage


def read_anthropic(body: bytes) -> Read:
    """Join the deltas of Anthropic's events, as events or in frames."""
    first = body[:1]
    if first == b"{":
        payload = loads(body)
        texts = [block["text"] for block in payload["content"] if block["type"] == "text"]
        inputs = [block["input"] for block in payload["content"] if block["type"] == "tool_use"]
        return "".join(texts), b"".join(map(dumps, inputs)).decode(), payload["usage"]
    if first == b"\0":
        return join_anthropic(
            loads(b64decode(loads(payload)["bytes"])) for payload in split_frames(body)
        )
    return join_anthropic(
        loads(event[event.index(b"data: ") + 6 :])
        for event in body.split(b"\n\n")
        if b"data: " in event
    )


def join_anthropic(events: Iterator[dict[str, Any]]) -> Read:
    """Join what the events of a message say."""
    texts: list[str] = []
    given: list[str] = []
    usage = None
    is_call = False
    for event in events:
        kind = event["type"]
        if kind == "content_block_delta":
            delta = event["delta"]
            if delta["type"] == "text_delta":
                texts.append(delta["text"])
            elif is_call and delta["type"] == "input_json_delta":
                given.append(delta["partial_json"])
        elif kind == "content_block_start":
            is_call = event["content_block"]["type"] == "tool_use"
        elif kind == "message_delta":
            usage = event["usage"]
    return "".join(texts), "".join(given), usage


def read_openai_responses(body: bytes) -> Read:
    """Join the deltas of Responses."""
    texts: list[str] = []
    given: list[str] = []
    if body[:1] == b"{":
        response = loads(body)
        for item in response["output"]:
            if item["type"] == "message":
                texts.extend(part.get("text") or "" for part in item["content"])
            elif item["type"] == "function_call":
                given.append(item["arguments"])
        return "".join(texts), "".join(given), response.get("usage")
    usage = None
    for event in body.split(b"\n\n"):
        at = event.find(b"data: ")
        if at < 0 or event == b"data: [DONE]":
            continue
        payload = loads(event[at + 6 :])
        kind = payload["type"]
        if kind == "response.output_text.delta":
            texts.append(payload["delta"])
        elif kind == "response.function_call_arguments.delta":
            given.append(payload["delta"])
        elif kind == "response.completed":
            usage = payload["response"]["usage"]
    return "".join(texts), "".join(given), usage


def read_gemini(body: bytes) -> Read:
    """Join the parts of Gemini's chunks."""
    texts: list[str] = []
    given: list[bytes] = []
    usage = None
    if body[:1] in b"{[":
        whole = loads(body)
        payloads = whole if isinstance(whole, list) else [whole]
    else:
        payloads = [loads(event[6:]) for event in body.split(b"\r\n\r\n") if event]
    for payload in payloads:
        for candidate in payload.get("candidates") or ():
            for part in candidate.get("content", {}).get("parts") or ():
                if "functionCall" in part:
                    given.append(dumps(part["functionCall"]["args"]))
                elif "text" in part and not part.get("thought"):
                    texts.append(part["text"])
        usage = payload.get("usageMetadata") or usage
    return "".join(texts), b"".join(given).decode(), usage


def read_bedrock_converse(body: bytes) -> Read:
    """Join the deltas of Converse's frames."""
    texts: list[str] = []
    given: list[str] = []
    usage = None
    if body[:1] == b"{":
        return read_whole_converse(loads(body))
    is_call = False
    for frame in split_frames(body):
        payload = loads(frame)
        if delta := payload.get("delta"):
            if "text" in delta:
                texts.append(delta["text"])
            elif is_call and "toolUse" in delta:
                given.append(delta["toolUse"]["input"])
        elif start := payload.get("start"):
            is_call = start.get("toolUse", {}).get("type", "tool_use") == "tool_use"
        elif "usage" in payload:
            usage = payload["usage"]
    return "".join(texts), "".join(given), usage


def read_whole_converse(payload: dict[str, Any]) -> Read:
    """Join the blocks of an answer that was not streamed."""
    blocks = payload["output"]["message"]["content"]
    texts = [block["text"] for block in blocks if "text" in block]
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    inputs = [dumps(call["input"]) for call in calls if call.get("type") != "server_tool_use"]
    return "".join(texts), b"".join(inputs).decode(), payload["usage"]


def read_ollama(body: bytes) -> Read:
    """Join the lines of Ollama."""
    texts: list[str] = []
    given: list[bytes] = []
    payload: dict[str, Any] = {}
    for line in body.split(b"\n"):
        if not line:
            continue
        payload = loads(line)
        message = payload["message"]
        if content := message["content"]:
            texts.append(content)
        for call in message.get("tool_calls") or ():
            given.append(dumps(call["function"]["arguments"]))
    usage = (payload.get("prompt_eval_count"), payload.get("eval_count"))
    return "".join(texts), b"".join(given).decode(), usage


def split_frames(body: bytes) -> Iterator[bytes]:
    """Yield the payloads of AWS frames; their sums are not checked."""
    at, end = 0, len(body)
    while at < end:
        total, head = lengths(body, at)
        yield body[at + 12 + head : at + total - 4]
        at += total


LOOPS: dict[str, Callable[[bytes], Read]] = {
    "openai-chat": read_openai_chat,
    "openai-completions": read_openai_completions,
    "anthropic-messages": read_anthropic,
    "openai-responses": read_openai_responses,
    "gemini": read_gemini,
    "bedrock-converse": read_bedrock_converse,
    "ollama-chat": read_ollama,
}
