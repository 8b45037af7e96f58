"""What the server says of its time is shown as its own, and has no place on another clock."""

from __future__ import annotations

import json
from typing import Any

import chatviz as cv
from chatviz.views.inspector.data import inspector_data

START = "2026-01-01T00:00:"


def ollama(total_ns: int, *seconds: float) -> cv.StreamRun:
    """Return an answer of Ollama's (synthetic) whose lines are stamped at these seconds."""
    lines: list[dict[str, Any]] = [
        {"model": "m", "created_at": f"{START}{at:09.6f}Z", "done": False,
         "message": {"role": "assistant", "content": "a"}}
        for at in seconds
    ]  # fmt: skip
    lines[-1] |= {"done": True, "done_reason": "stop", "total_duration": total_ns}
    return cv.read_stream(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def processed() -> cv.StreamRun:
    """Return an answer (synthetic) whose header tells how long it was worked on."""
    from chatviz.runs.reader import StreamReader
    from chatviz.wire.exchange import RequestHead, ResponseHead

    head = ResponseHead(200, headers={"openai-processing-ms": ("420",)})
    url = "https://api.openai.com/v1/chat/completions"
    reader = StreamReader(RequestHead("POST", url, body=b"{}"), response=head)
    reader.feed(b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', at=1.0)
    return reader.close()


def test_a_servers_total_is_a_bracket_on_its_own_clock() -> None:
    svg = cv.timeline(ollama(2_500_000_000, 10.0, 10.5, 11.0)).svg
    assert "the server's total" in svg
    assert "2.50\u00a0s, 1.50\u00a0s of it before the first chunk" in svg
    assert "by the server's own clock: total 2.50" in svg


def test_a_total_that_is_shorter_than_the_stream_claims_nothing_before_it() -> None:
    svg = cv.timeline(ollama(800_000_000, 10.0, 10.5, 11.0)).svg
    assert "0.800\u00a0s</text>" in svg and "before the first chunk" not in svg


def test_on_our_clock_it_is_told_in_words_only() -> None:
    svg = cv.timeline(processed()).svg
    assert "by the server's own clock: processing 0.420" in svg
    assert "the server's total" not in svg


def test_the_header_has_it_beside_what_was_measured() -> None:
    (columns,) = inspector_data(cv.read_conversations(cv.sample("ollama_gpt-oss-120b")))["runs"][:1]
    assert columns["server_s"] == [["total", 0.802225339]] and columns["duration_s"] is None
    runs = inspector_data(cv.read_conversations(cv.sample("synthetic_timed")))["runs"]
    assert [run["server_s"] for run in runs] == [[], []]


def test_the_line_on_an_axis_is_of_the_axis_own_clock() -> None:
    def lines(name: str) -> list[Any]:
        runs = inspector_data(cv.read_conversations(cv.sample(name)))["runs"]
        return [run["line_at"] for run in runs]

    measured = cv.read_runs(cv.sample("synthetic_timed"))
    assert lines("synthetic_timed") == [[0.0, run.time_to_headers_s] for run in measured]
    served = cv.read_runs(cv.sample("ollama_gpt-oss-120b"))
    assert lines("ollama_gpt-oss-120b") == [[0.0, run.wire.times[-1]] for run in served]
    assert lines("openrouter_kimi-k2_fireworks") == [None, None]
