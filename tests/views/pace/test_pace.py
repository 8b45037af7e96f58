"""The pace: characters by time, pauses marked; no seconds where none are known."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import chatviz as cv
from chatviz.views.pace.series import percentile_of

Reads = list[tuple[float | None, str]]


def run_of(*reads: tuple[float | None, str], created: int | None = None) -> cv.StreamRun:
    """Return an answer (synthetic) whose chunks came at these times."""
    reader = cv.StreamReader()
    for at, text in reads:
        chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": text}}]}
        if created is not None:
            chunk["created"] = (created := created + 1)
        reader.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n", at=at)
    return reader.close()


EVEN = run_of((0.5, "ab"), (0.6, "cd"), (0.7, "efgh"))
STALLED = run_of((0.2, "a"), (0.3, "b"), (0.4, "c"), (3.4, "d"), (3.5, "e"))


def columns_of(view: cv.View) -> dict[str, list[Any]]:
    (table,) = view.tables
    return {name: [row[n] for row in table.rows] for n, name in enumerate(table.columns)}


def test_the_numbers_are_those_of_the_chunks() -> None:
    columns = columns_of(cv.pace([EVEN, STALLED]))
    assert columns["characters"] == [8, 5] and columns["chunks"] == [3, 5]
    assert columns["first to last (s)"] == [0.2, 3.3]
    assert columns["characters a second"] == [30.0, 1.2]
    assert columns["gap p50 (s)"] == [0.1, 0.1] and columns["longest gap (s)"] == [0.1, 3.0]
    assert columns["pauses"] == [0, 1]


def test_a_pause_is_a_band_with_its_seconds() -> None:
    view = cv.pace(STALLED)
    assert "3.0 s</text>" in view.svg and "1 pause: 3.00\u00a0s before chunk 3" in view.sentence
    assert [found.code for found in view.findings if found.code == "stall"] == ["stall"]
    assert view.mount is not None
    assert view.mount.data["pauses"] == [[0, 3, 0.4, 3.0]]
    assert "3.0 s</text>" not in cv.pace(EVEN).svg


def test_calls_and_reasoning_count_too() -> None:
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    characters = columns_of(cv.pace(talk))["characters"]
    for run, count in zip(talk.runs, characters, strict=True):
        said = [run.message.text, run.message.reasoning, run.message.refusal]
        said += [call.arguments for call in run.message.tool_calls]
        assert count == sum(map(len, said))


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (run_of((None, "a"), (None, "b")), "no times of the chunks are known"),
        (run_of((None, "a"), (None, "b"), created=1_700_000_000), "a clock counts whole seconds"),
    ],
)
def test_without_a_fine_clock_there_are_no_seconds_and_it_says_why(
    run: cv.StreamRun, why: str
) -> None:
    view = cv.pace(run)
    columns = columns_of(view)
    assert why in view.sentence and why in view.svg and "chunk number" in view.svg
    assert columns["characters a second"] == columns["longest gap (s)"] == [None]
    assert "second" not in view.sentence.replace("without seconds", "").replace(why, "")


def test_one_without_a_clock_takes_it_from_all_and_is_named() -> None:
    view = cv.pace([EVEN, run_of((None, "a"))])
    assert "no times of the chunks are known (conversation 2, step 1)" in view.sentence
    assert columns_of(view)["characters a second"] == [None, None]


def test_the_axis_says_whose_clock_it_is() -> None:
    assert "seconds since the request" in cv.pace(EVEN).svg
    ollama = cv.StreamReader()
    for second in (0.0, 0.25, 0.5):
        at = f"2026-01-01T00:00:00.{int(second * 1000):03}Z"
        line = {"model": "m", "created_at": at, "message": {"role": "assistant", "content": "a"}}
        ollama.feed(json.dumps(line | {"done": second == 0.5}).encode() + b"\n")
    svg = cv.pace(ollama.close()).svg
    assert "seconds since the first chunk, by the server" in svg


def test_many_answers_and_long_ones_stay_small() -> None:
    long = run_of(*((0.001 * n, "x") for n in range(20_000)))
    assert len(cv.pace(long).svg) < 20_000
    view = cv.pace([EVEN] * 11)
    assert "3 more answers in the table only." in view.svg and len(view.tables[0].rows) == 11


def test_nothing_to_show_says_so() -> None:
    assert "there is no pace to show" in cv.pace([]).svg
    empty = cv.pace(run_of())
    assert "there is no pace to show" in empty.svg and columns_of(empty)["chunks"] == [0]


def test_hostile_names_stay_text() -> None:
    body = b'data: {"model":"<script>x","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    svg = cv.pace(cv.read_stream(body)).svg
    assert "<script>" not in svg and "&lt;script&gt;x" in svg


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_percentiles_are_numpys(count: int) -> None:
    numbers = sorted((n * 7919 % 101) / 10 for n in range(count))
    for percent in (50, 90, 99, 100):
        assert percentile_of(numbers, percent) == pytest.approx(np.percentile(numbers, percent))


def test_the_line_is_flat_until_the_next_chunk_comes() -> None:
    (line,) = re.findall(r'<path d="(M[^"]*)" fill="none" stroke="#0072b2"', cv.pace(EVEN).svg)
    assert re.fullmatch(r"M[\d.]+ 250(H[\d.]+V[\d.]+){3}", line)
