"""Every real recording, of every dialect, equals a reading by the standard library and PyYAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.independent import READERS
from tests.independent.recorded import Exchange, dialect_of, exchanges

COUNTED = ("input", "output", "cache_read", "cache_creation", "reasoning", "total")


def read(exchange: Exchange, size: int) -> StreamRun:
    head = RequestHead(exchange.method, exchange.url, {}, exchange.request)
    reader = StreamReader(head, response=ResponseHead(exchange.status))
    for start in range(0, len(exchange.response), size):
        reader.feed(exchange.response[start : start + size])
    return reader.close()


def values_of(run: StreamRun) -> dict[str, Any]:
    """Return what is compared: what was said, why it ended, and what was counted."""
    usage, calls = run.usage, run.message.tool_calls
    return {
        "text": run.message.text,
        "reasoning": run.message.reasoning,
        "calls": [(call.id, call.name, call.parsed) for call in calls],
        "finish": run.finish_reason_sent or "",
        "usage": {name: usage and getattr(usage, f"{name}_tokens") for name in COUNTED},
        "chunks": len(run.chunks),
        "error": run.error is not None,
    }


def test_every_real_answer_equals_an_independent_reading(shared_cassettes: Path) -> None:
    compared = 0
    for exchange in exchanges(shared_cassettes):
        dialect = dialect_of(exchange.method, exchange.url, exchange.request)
        if dialect is None:
            continue
        run = read(exchange, len(exchange.response) or 1)
        if not run.spoken.manners.is_read:
            continue
        place = f"{exchange.file} #{exchange.number}"
        wanted = READERS[dialect](exchange.response)
        wanted["finish"] = wanted["finish"] or ""
        wanted["error"] = wanted["error"] or exchange.status >= 400
        assert values_of(run) == wanted, place
        assert read(exchange, 7) == run, place
        compared += 1
    assert compared >= 44


def test_the_readers_know_nothing_of_chatviz() -> None:
    folder = Path(__file__).with_name("independent")
    for path in folder.glob("*.py"):
        assert "chatviz" not in path.read_text(encoding="utf-8"), path
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 130, path


@pytest.mark.parametrize("field", ["text", "finish"])
def test_a_difference_is_seen(field: str) -> None:
    """The comparison itself: another text or finish reason fails it."""
    chunk = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]}
    body = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
    url = "https://example.org/v1/chat/completions"
    run = read(Exchange("made", 0, "POST", url, b"{}", 200, body), 99)
    assert values_of(run)[field] == READERS["openai-chat"](body)[field]
    other = body.replace(b'"a"', b'"b"').replace(b'"stop"', b'"length"')
    assert values_of(run)[field] != READERS["openai-chat"](other)[field]
