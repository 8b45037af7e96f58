"""What may follow what: nothing is said after the chunk that ends an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.dialects.gemini.event_order import CHUNK_ORDER, is_usual, read_step
from chatviz.dialects.sequence import check_order
from chatviz.runs.run import StreamRun
from tests.dialects.gemini.chunks_made import array, call, candidate, chunk, codes, stream, text

Read = Callable[..., StreamRun]
END = chunk(finish="STOP", usage={})


@pytest.mark.parametrize("late", [chunk(text("late")), chunk(call("f", {}))])
@pytest.mark.parametrize("body", [stream, array])
def test_what_is_said_after_the_end_is_read_and_noted(
    read: Read, body: Callable[..., bytes], late: dict[str, Any]
) -> None:
    run = read(body(chunk(text("a")), END, late))
    said = run.message.text + "".join(one.name for one in run.message.tool_calls)
    assert said in ("alate", "af")
    (found,) = (one for one in run.findings if one.code == "event_after_end")
    assert (found.chunk, found.severity) == (2, "warning")


@pytest.mark.parametrize(
    "last",
    [
        {"usageMetadata": {"promptTokenCount": 1}, "modelVersion": "gemini-2.5-flash"},
        {"candidates": [{"content": {"role": "model"}}], "usageMetadata": {}},
        {"candidates": [candidate(text("b"), index=1)]},
    ],
)
def test_counts_and_other_answers_may_come_after_the_end(read: Read, last: dict[str, Any]) -> None:
    run = read(stream(chunk(text("a")), END, last))
    assert "event_after_end" not in codes(run)


def test_a_word_inside_a_text_ends_nothing(read: Read) -> None:
    run = read(stream(chunk(text('"finishReason"')), chunk(call("f", {"finishReason": 1})), END))
    assert codes(run) == []


@pytest.mark.parametrize("data", [b"", b"[1]", b"\xff", b'{"candidates":5}', b"[" * 100_000])
def test_of_what_is_no_chunk_no_order_is_asked(data: bytes) -> None:
    assert read_step(data, b"") is None


def test_the_look_at_a_body_agrees_with_the_reading(shared_cassettes: Path) -> None:
    seen = 0
    for path in sorted(shared_cassettes.rglob("google_gemini*.yaml")):
        for run in read_runs(path):
            assert is_usual(run.body, len(run.chunks))
            assert not list(check_order(CHUNK_ORDER, run.wire.chunk_data()))
            seen += 1
    assert seen >= 8


def test_the_first_models_named_the_reason_in_each_chunk(read: Read) -> None:
    run = read(stream(*(chunk(text(said), finish="STOP") for said in "abc")))
    assert (run.message.text, run.finish_reason) == ("abc", "stop")
    assert "finish_repeated" in codes(run) and "event_after_end" not in codes(run)
