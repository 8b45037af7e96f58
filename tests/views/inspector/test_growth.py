"""An answer that grew in a browser, piece by piece, is the one that is opened when it has ended."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import pytest

import chatviz as cv
from chatviz.runs.given_runs import conversations_of
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.data import inspector_data
from chatviz.views.inspector.growth import RunGrowth
from chatviz.views.inspector.runs import run_columns

GROW = Path(__file__).with_name("grow.mjs")
SAMPLES = cv.samples()

Told = list[dict[str, Any]]


def grow(
    reader: StreamReader, pieces: Sequence[bytes], times: Sequence[float | None], every: int
) -> tuple[StreamRun, Told]:
    """Read an answer, and tell by what it has grown after every so many pieces."""
    growth, told = RunGrowth(reader), []
    for number, (piece, at) in enumerate(zip(pieces, times, strict=True)):
        reader.feed(piece, at)
        if number % every == 0:
            told.append(growth.take())
    run = reader.close()
    told += [growth.take(), growth.close(run)]
    return run, [
        {"columns": columns, "buffers": [b64encode(data).decode() for data in buffers]}
        for columns, buffers in told
        if columns
    ]


def grow_again(run: StreamRun, *, seed: int, every: int) -> tuple[StreamRun, Told]:
    """Read a run again, in other pieces."""
    pieces = cut(run.body, seed)
    is_timed = run.timing == "measured"
    times = [number / 8 if is_timed else None for number in range(len(pieces))]
    return grow(StreamReader(run.head, response=run.response), pieces, times, every)


def cut(body: bytes, seed: int) -> list[bytes]:
    """Cut a body anywhere, into a few dozen pieces."""
    places = sorted(random.Random(seed).choices(range(len(body) + 1), k=40))
    edges = [0, *places, len(body)]
    return [body[a:b] for a, b in pairwise(edges)]


def compare_in_node(cases: Sequence[dict[str, Any]], tmp_path: Path, node: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), encoding="utf-8")
    done = subprocess.run([node, GROW, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def case_of(name: str, run: StreamRun, told: Told) -> dict[str, Any]:
    # A limit is for what is stored in notebooks; what is told live has none.
    (opened,) = inspector_data(conversations_of(run), max_bytes=10**9)["runs"]
    if "raw" not in opened and "raw64" not in opened:
        opened["raw64"] = b64encode(run.body).decode()
    return {"name": name, "opened": opened, "told": told}


@pytest.fixture
def node(without_program: Callable[[str], NoReturn]) -> str:
    return shutil.which("node") or without_program("node is not installed")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_grows_into_what_it_is(sample: str, node: str, tmp_path: Path) -> None:
    cases = []
    for number, run in enumerate(cv.read_runs(cv.sample(sample))):
        for seed, every in enumerate((1, 3, 100)):
            grown = grow_again(run, seed=seed, every=every)
            cases.append(case_of(f"{sample} {number} {every}", *grown))
    compare_in_node(cases, tmp_path, node)


def test_an_answer_that_is_told_whole_is_opened_as_it_is(node: str, tmp_path: Path) -> None:
    cases = []
    for sample in SAMPLES:
        for number, run in enumerate(cv.read_runs(cv.sample(sample))):
            body = b64encode(run.body).decode()
            told = [{"columns": {"bytes": 0, **run_columns(run)}, "buffers": [body]}]
            cases.append(case_of(f"{sample} {number}", run, told))
    compare_in_node(cases, tmp_path, node)


def test_odd_streams_grow_into_what_they_are(streams: Any, node: str, tmp_path: Path) -> None:
    said, call = streams.chunk, streams.call

    def choice(index: int, text: str) -> bytes:
        choices = [{"index": index, "delta": {"content": text}}]
        return b"data: " + json.dumps({"choices": choices}).encode() + b"\n\n"

    bodies = {
        "every kind": streams.every_kind(),
        "astral": [
            said(call(0, '{"😀": "a', id="c", name="f")),
            said(call(0, '😀", "b": [1')),
            said(call(0, ", 2]}")),
        ],
        "two calls at once": [
            said(call(0, '{"a"', id="c", name="f")),
            said(call(1, "[1, ", id="d", name="g")),
            said(call(0, ":1}")),
            said(call(1, "2]")),
        ],
        "broken arguments": [said(call(0, '{"a": }', id="c", name="f")), said(call(0, "x"))],
        "no arguments": [said(call(0, "", id="c", name="f")), said({}, finish_reason="tool_calls")],
        "no newline": [said({"content": "a"})[:-1], b"\r\n\r\n", said({"content": "b"})[:-2]],
        "byte order mark": [b"\xef\xbb\xbf", said({"content": "a"})],
        "no text": [
            b'data: "\xff"\n\n',
            said({"content": "\udcff".encode("utf-8", "replace").decode()}),
        ],
        "json": [
            json.dumps(
                {
                    "model": "m",
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": "hi"},
                            "finish_reason": "stop",
                        }
                    ],
                }
            ).encode()
        ],
        "error": [said({"content": "a"}), b'data: {"error": {"message": "no", "code": 500}}\n\n'],
        "clock of the provider": [
            said({"content": f"{n} "}, created=1_700_000_000 + n) for n in range(9)
        ],
        "usage in each chunk": [
            said({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": n})
            for n in range(9)
        ],
        "two choices": [choice(n % 2, f"word {n} ") for n in range(9)],
        "many calls": [said(call(n, f'{{"n": {n}}}', id=f"c{n}", name="f")) for n in range(40)],
        "deep": [said(call(0, text, id="c", name="f")) for text in ("[" * 40, '{"a": [', "]" * 20)],
        "nothing": [],
    }
    cases = []
    for name, pieces in bodies.items():
        for every, timed in ((1, True), (1, False), (2, True), (50, False)):
            times = [number / 7 if timed else None for number in range(len(pieces))]
            grown = grow(StreamReader({"model": "m", "messages": []}), pieces, times, every)
            cases.append(case_of(f"{name} {every} {timed}", *grown))
    compare_in_node(cases, tmp_path, node)


def test_shared_recordings_grow_into_what_they_are(
    shared_cassettes: Path, node: str, tmp_path: Path
) -> None:
    cases, names = [], sorted(shared_cassettes.rglob("*.y*ml"))
    for path in names[:: max(1, len(names) // 60)]:
        try:
            runs = cv.read_runs(path)
        except cv.CassetteError:
            continue
        for number, run in enumerate(runs[:3]):
            if len(run.body) < 200_000:
                grown = grow_again(run, seed=7, every=4)
                cases.append(case_of(f"{path.name} {number}", *grown))
    assert len(cases) > 20
    compare_in_node(cases, tmp_path, node)


def test_what_is_told_is_little_more_than_the_stream(streams: Any) -> None:
    pieces = [streams.chunk({"content": "word "}) for _ in range(2_000)]
    reader = StreamReader()
    growth, size = RunGrowth(reader), 0
    for number, piece in enumerate(pieces):
        reader.feed(piece, number / 100)
        if number % 20 == 19:
            columns, buffers = growth.take()
            size += len(json.dumps(columns)) + sum(map(len, buffers))
    assert size < 2 * len(b"".join(pieces))


def test_nothing_new_is_nothing_told() -> None:
    reader = StreamReader()
    growth = RunGrowth(reader)
    assert growth.take() == ({}, [])
    reader.feed(b"data: {")
    assert growth.take() == ({}, [])


def test_raw_bytes_are_left_out_once_there_are_too_many(streams: Any) -> None:
    reader = StreamReader()
    growth = RunGrowth(reader, max_bytes=1_000)
    kept = []
    for _ in range(20):
        reader.feed(streams.chunk({"content": "word "}))
        columns, buffers = growth.take()
        kept.append(buffers[columns["bytes"]])
    assert growth.bytes_told == len(b"".join(kept)) <= 1_000
    assert kept[0] and not kept[-1]
    columns, buffers = growth.close(reader.close())
    assert buffers[columns["bytes"]] == b""
