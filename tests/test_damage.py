"""Whatever is sent in place of a value, an answer of any dialect is read; nothing is raised.

``benchmarks/fuzz.py`` does the same at random, a hundred thousand times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.wire.exchange import RequestHead

ROOT = Path(__file__).parents[1]
ODD = [None, True, -1, 10**40, 1e308, "", "\ud83d", "\0", [], [{}], {}, {"a": [1]}, ["x"]]
SAMPLES = [
    "openrouter_kimi-k2_fireworks",
    "anthropic_multi_tool",
    "openai_responses_multi_tool",
    "google_gemini_multi_tool",
    "ollama_tool_call_with_id",
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each value in JSON."""
    yield path
    parts = value.items() if isinstance(value, dict) else ()
    parts = enumerate(value) if isinstance(value, list) else parts
    for key, inner in parts:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[str | int, ...], odd: Any) -> Any:
    if not path:
        return odd
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced(value[key], tuple(rest), odd)  # type: ignore[index]
    return copy


def damaged_bodies(run: cv.StreamRun) -> Iterator[bytes]:
    """Yield the answer with one value replaced: each place that chunks have, by each odd value."""
    seen = set()
    for chunk in run.chunks:
        for path in places(chunk.json):
            kind = chunk.json.get("type")  # of an event, where a dialect has several
            shape = (kind, *("#" if isinstance(key, int) else key for key in path))
            if shape in seen:
                continue
            seen.add(shape)
            start = run.body.index(chunk.data)
            for odd in ODD:
                data = json.dumps(replaced(chunk.json, path, odd)).encode()
                yield run.body[:start] + data + run.body[start + len(chunk.data) :]


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_value_of_another_kind_stops_the_reading(sample: str) -> None:
    run = min(cv.read_runs(cv.sample(sample)), key=lambda one: len(one.body))
    count = 0
    for body in damaged_bodies(run):
        read = cv.read_stream(body, request=run.request)
        _ = (read.message.text, read.usage, read.cost, read.error, read.findings)
        assert read.body == body
        count += 1
    assert count > 200


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_value_of_another_kind_in_a_request_stops_the_reading(sample: str) -> None:
    run = max(cv.read_runs(cv.sample(sample)), key=lambda one: len(one.head.body))
    asked = json.loads(run.head.body)
    seen = set()
    for path in places(asked):
        shape = tuple("#" if isinstance(key, int) else key for key in path)
        if shape in seen:
            continue
        seen.add(shape)
        for odd in ODD:
            body = json.dumps(replaced(asked, path, odd)).encode()
            head = RequestHead(run.head.method, run.head.url, run.head.headers, body)
            read = cv.read_stream(run.body, request=head)
            _ = (read.chat_request.messages, read.chat_request.tools, read.findings)
            assert read.body == run.body
    assert len(seen) > 10


def test_streams_and_files_that_are_damaged_at_random_are_read() -> None:
    command = [sys.executable, "fuzz.py", "--streams", "300", "--files", "60", "--seed", "3"]
    done = subprocess.run(
        command,
        cwd=ROOT / "benchmarks",
        env={**os.environ, "CHATVIZ_SHARED": str(ROOT / "nowhere"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "300 streams" in done.stdout and "0 failures" in done.stdout
