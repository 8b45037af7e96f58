"""What one answer turned out to be: its times, and its columns."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest

import chatviz as cv
from chatviz.chat.deltas import TextDelta
from chatviz.dialects import UNKNOWN
from chatviz.runs.delta_sequence import ChunkDelta, Deltas
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead

Build = Callable[..., bytes]


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}], **more}


def read_at(sse: Build, *pieces: tuple[float | None, dict[str, Any]], **options: Any) -> StreamRun:
    reader = StreamReader(**options)
    for at, chunk in pieces:
        reader.feed(sse(chunk, done=False), at=at)
    return reader.close()


def test_measured_times_are_those_of_the_pieces(sse: Build) -> None:
    usage = {"completion_tokens": 5}
    run = read_at(
        sse, (0.5, says("")), (1.0, says("a")), (2.0, says("b")), (3.0, says("c", usage=usage))
    )
    assert run.timing == "measured"
    assert (run.time_to_first_chunk_s, run.time_to_first_token_s, run.duration_s) == (0.5, 1.0, 3.0)
    assert run.time_per_output_token_s == pytest.approx(2.0 / 4)
    assert [chunk.at for chunk in run.chunks] == [0.5, 1.0, 2.0, 3.0]
    assert "no_clock" not in {finding.code for finding in run.findings}


def test_nothing_is_measured_without_a_clock(sse: Build) -> None:
    run = read_at(sse, (None, says("a")), (None, says("b", usage={"completion_tokens": 5})))
    assert run.timing == "none"
    times = (run.time_to_first_chunk_s, run.time_to_first_token_s, run.duration_s)
    assert times == (None, None, None)
    assert run.time_per_output_token_s is None


def test_a_time_that_was_not_measured_is_none(sse: Build) -> None:
    usage = {"completion_tokens": 5}
    run = read_at(sse, (1.0, says("a")), (2.0, says("b")), (None, says("c", usage=usage)))
    assert (run.duration_s, run.time_per_output_token_s) == (None, None)
    run = read_at(sse, (None, says("a")), (1.0, says("b")))
    assert (run.time_to_first_chunk_s, run.time_to_first_token_s, run.duration_s) == (
        None,
        None,
        1.0,
    )


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([says("a"), says("b")], id="no usage"),
        pytest.param([says("a"), says("b", usage={"completion_tokens": 1})], id="one token"),
        pytest.param([says(""), says("", usage={"completion_tokens": 5})], id="nothing said"),
        pytest.param(
            [says(""), says("a", usage={"completion_tokens": 5})], id="one chunk says all"
        ),
    ],
)
def test_no_rate_is_derived_from_too_little(sse: Build, chunks: list[dict[str, Any]]) -> None:
    run = read_at(sse, *enumerate(chunks))
    assert run.time_per_output_token_s is None


def test_a_rate_is_derived_from_a_provider_clock_that_is_fine_enough(sse: Build) -> None:
    chunks = [says("a", created=100 * n, usage={"completion_tokens": 3}) for n in (1, 2, 3)]
    run = read_stream(sse(*chunks))
    assert (run.timing, run.clock_resolution_s) == ("provider_clock", 1.0)
    assert run.time_per_output_token_s == pytest.approx(200 / 2)


def test_a_run_of_nothing_has_no_times() -> None:
    run = StreamReader().close()
    assert (run.time_to_first_chunk_s, run.time_to_first_token_s, run.duration_s) == (
        None,
        None,
        None,
    )
    assert run.message.parts == ()
    assert (run.usage, run.cost, run.error, run.finish_reason) == (None, None, None, None)


def test_the_time_to_headers_is_whose_it_is() -> None:
    response = ResponseHead(200, time_to_headers_s=0.3, time_source="recorder")
    run = StreamReader(response=response).close()
    assert (run.time_to_headers_s, run.response.time_source) == (0.3, "recorder")
    assert ResponseHead().time_to_headers_s is None


def test_a_run_names_who_was_asked_and_who_answered(sse: Build) -> None:
    head = RequestHead("POST", "https://host/v1/chat/completions", body=b'{"model": "asked"}')
    reader = StreamReader(head, source="a.yaml", interaction=3)
    reader.feed(sse(says("a", provider="p")))
    run = reader.close()
    assert (run.host, run.provider, run.source, run.interaction) == ("host", "p", "a.yaml", 3)
    assert run.model == "asked"
    assert repr(run) == (
        "StreamRun(dialect='openai-chat', source='a.yaml', interaction=3, timing='none')"
    )
    assert read_stream(sse(says("a", model="answered")), {"model": "asked"}).model == "answered"


def test_a_run_equals_another_of_the_same_bytes_only(sse: Build) -> None:
    one, other = read_stream(sse(says("a"))), read_stream(sse(says("b")))
    assert one == read_stream(sse(says("a")))
    assert one != other


@pytest.mark.parametrize("name", cv.samples())
@pytest.mark.parametrize("copied", [lambda value: pickle.loads(pickle.dumps(value)), deepcopy])
def test_a_copy_is_equal(name: str, copied: Callable[[Any], Any]) -> None:
    talks = cv.read_conversations(cv.sample(name))
    assert copied(talks) == talks
    for run in (run for talk in talks for run in talk.runs):
        other = copied(run)
        assert other == run and not other != run  # noqa: SIM202
        assert other.answer is not run.answer
        for one, call in zip(other.message.tool_calls, run.message.tool_calls, strict=True):
            assert one == call and not one != call  # noqa: SIM202
            assert one is not call
        assert (other.message, other.usage, other.findings) == (
            *(run.message, run.usage, run.findings),
        )
        assert (other.chunks, other.events, other.deltas) == (run.chunks, run.events, run.deltas)
        assert set(run.findings) == set(other.findings)
        assert set(run.message.tool_calls) == set(other.message.tool_calls)


def test_values_of_other_kinds_are_not_equal(sse: Build) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    run = read_stream(sse({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}))
    for value in (run, run.message.tool_calls[0], run.chunks, run.events, run.findings[0]):
        assert value != "another kind"
    other = msgspec.structs.replace(run, spoken=UNKNOWN)
    assert other != run and other.dialect == "unknown"


def test_deltas_are_a_sequence_with_their_chunks(sse: Build) -> None:
    run = read_stream(sse(says("a"), says("b")))
    assert list(run.deltas) == [
        ChunkDelta(0, TextDelta(0, "a")),
        ChunkDelta(1, TextDelta(0, "b")),
    ]
    assert run.deltas[-1] == run.deltas[1:][0] == (1, TextDelta(0, "b"))
    assert repr(run.deltas) == "<2 deltas>"
    assert run.deltas == run.deltas.copy()
    assert run.deltas != Deltas()
    assert run.deltas != 5


def test_the_run_so_far_is_not_changed_by_what_comes_later(sse: Build) -> None:
    reader = StreamReader()
    reader.feed(sse(says("a", created=1), done=False))
    before = reader.run
    reader.feed(sse(says("b", created=2)))
    assert (before.message.text, len(before.chunks), len(before.deltas)) == ("a", 1, 1)
    assert before.chunks[0].at is None
    assert math.isnan(before.wire.times[0])
    assert reader.run.message.text == "ab"


@pytest.mark.parametrize(
    ("body", "framing"),
    [
        (b"", "unknown"),
        (b"data: {}\n\n", "sse"),
        (b'{"a": 1}', "json"),
        (b"{}\n{}\n", "json_lines"),
        (b"[{}]", "json_array"),
        (b"<html>", "opaque"),
    ],
)
def test_a_run_says_how_its_body_is_framed(body: bytes, framing: str) -> None:
    assert read_stream(body).framing == framing


OLLAMA = b'{"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": false, "message": {}}\n'
CHAT = b'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}\n\n'
WHOLE = b'{"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}'


@pytest.mark.parametrize(
    ("body", "has_ended"),
    [
        (CHAT, False),
        (CHAT + b"data: [DONE]\n\n", True),
        (WHOLE, True),
        (WHOLE.replace(b'"stop"', b"null"), False),
        (OLLAMA, False),
        (OLLAMA + OLLAMA.replace(b"false", b"true"), True),
        (b"", False),
        (b"oops", False),
    ],
)
def test_an_answer_says_itself_that_it_has_ended(body: bytes, has_ended: bool) -> None:
    assert read_stream(body).has_ended == has_ended
