"""Chunks of Gemini as hand-made streams need them."""

from __future__ import annotations

import json
from typing import Any

from chatviz.chat.deltas import UnknownDelta
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead

URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash"
ASKED = RequestHead("POST", f"{URL}:streamGenerateContent?alt=sse")
Json = dict[str, Any]


def candidate(*parts: Any, finish: str = "", **fields: Any) -> Json:
    reason = {"finishReason": finish} if finish else {}
    return {"content": {"parts": [*parts], "role": "model"}, **reason, "index": 0, **fields}


def chunk(*parts: Any, finish: str = "", usage: Json | None = None, **fields: Any) -> Json:
    """Return a chunk with one candidate of these parts."""
    counted = {} if usage is None else {"usageMetadata": usage}
    who = {"modelVersion": "gemini-2.5-flash", "responseId": "r1"}
    return {"candidates": [candidate(*parts, finish=finish, **fields)], **counted, **who}


def text(said: str, **fields: Any) -> Json:
    return {"text": said, **fields}


def call(name: str, args: Json | None = None, sign: str = "", **fields: Any) -> Json:
    signature = {"thoughtSignature": sign} if sign else {}
    given = {} if args is None else {"args": args}
    return {"functionCall": {"name": name, **given, **fields}, **signature}


def stream(*chunks: Any) -> bytes:
    """Return events as the API sends them: with CRLF, without names or an end mark."""
    return b"".join(b"data: %s\r\n\r\n" % json.dumps(one).encode() for one in chunks)


def array(*chunks: Any) -> bytes:
    """Return the body of a stream without ``alt=sse``: one JSON array over many lines."""
    return b"[" + b"\n,\r\n".join(json.dumps(one, indent=2).encode() for one in chunks) + b"\n]\n"


def codes(run: StreamRun) -> list[str]:
    """Return the codes of what is odd, but for the clock that no stream has."""
    return sorted(found.code for found in run.findings if found.code != "no_clock")


def unknown(run: StreamRun) -> dict[str, Any]:
    deltas = [delta for _, delta in run.deltas if isinstance(delta, UnknownDelta)]
    return {delta.path: json.loads(delta.json) for delta in deltas}
