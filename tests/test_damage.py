"""Whatever is sent in place of a value, an answer of any dialect is read; nothing is raised.

``benchmarks/fuzz.py`` does the same at random, a hundred thousand times.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import product
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.wire.exchange import RequestHead

ROOT = Path(__file__).parents[1]
ODD = [None, True, -1, 10**40, 1e308, "", "\ud83d", "\0", [], [{}], {}, {"a": [1]}, ["x"]]
DIALECTS = ROOT / "chatviz" / "dialects"
FOLDERS = ["openai_chat", "anthropic", "openai_responses", "gemini", "ollama"]
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


def words_of(dialect: str) -> list[str]:
    """Return the words that a dialect's files hold: the names of fields that it looks for."""
    source = "".join(path.read_text() for path in (DIALECTS / dialect).glob("*.py"))
    return sorted(set(re.findall(r'"([A-Za-z_]{2,40})"', source)))


@pytest.mark.parametrize(("sample", "dialect"), [*zip(SAMPLES, FOLDERS, strict=True)])
def test_no_field_of_another_kind_stops_the_reading(sample: str, dialect: str) -> None:
    """Each word that the dialect knows, wherever an object stands, holds what nobody expects."""
    run = min(cv.read_runs(cv.sample(sample)), key=lambda one: len(one.body))
    words, seen = words_of(dialect), set[object]()
    for chunk in run.chunks:
        for path in places(chunk.json):
            kind = chunk.json.get("type")
            shape = (kind, *("#" if isinstance(key, int) else key for key in path))
            value = reduce(getitem, path, chunk.json)
            if not isinstance(value, dict) or shape in seen:
                continue
            seen.add(shape)
            for word, odd in product(words, ([], {"type": []})):
                data = json.dumps(replaced(chunk.json, path, {**value, word: odd})).encode()
                body = b"data: %b\n\n" % data if odd else data
                read = cv.read_stream(body, request=replace(run.head, body=b""))
                assert read.findings is not None
                assert read.body == body
    assert len(words) > 50
    assert len(seen) > 3


@pytest.mark.parametrize("odd", [[], {}, [[]], 5, None])
def test_a_kind_that_is_no_word_is_none_that_is_known(odd: Any) -> None:
    counted = {"type": "message_delta", "delta": {}, "usage": {"iterations": [{"type": odd}]}}
    failed = {"type": odd, "error": {"message": "odd"}}
    asked = {"messages": [{"role": "user", "content": [{"type": odd}]}], "type": odd}
    paths = {"anthropic.com/v1/messages": counted, "openai.com/v1/responses": failed}
    for place, payload in paths.items():
        head = RequestHead("POST", f"https://api.{place}", body=json.dumps(asked).encode())
        run = cv.read_stream(b"data: %b\n\n" % json.dumps(payload).encode(), head)
        assert (run.error is not None) is (payload is failed)
    assert cv.read_stream(b"data: {}\n\n", asked).findings


@pytest.mark.parametrize("sample", SAMPLES)
def test_bytes_that_are_no_text_are_told_wherever_they_stand(sample: str) -> None:
    run = min(cv.read_runs(cv.sample(sample)), key=lambda one: len(one.body))
    count, seen = 0, set[object]()
    for chunk in run.chunks:
        start = run.body.index(chunk.data)
        for found in re.finditer(rb'"([A-Za-z_]+)":\s?"[^"\\]*(?=")', chunk.data):
            shape = (chunk.json.get("type"), found[1])
            if shape in seen or found[1] in (b"type", b"role", b"finish_reason"):
                continue
            seen.add(shape)
            end = start + found.end()
            read = cv.read_stream(run.body[:end] + b"\xff" + run.body[end:], request=run.head)
            codes = {one.code for one in read.findings}
            assert codes & {"lenient_json", "not_json"}, found[0]
            count += 1
    assert count > 5


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
