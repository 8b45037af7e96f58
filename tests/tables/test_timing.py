"""timing_table: each moment by the run's own clock, and nothing from a clock that cannot tell."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pandas as pd
import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.moments import Moments, find_moments
from chatviz.tables import timing_table


def event(**delta: object) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode()


def call(arguments: str, **more: object) -> bytes:
    function = {"name": "add", "arguments": arguments}
    return event(tool_calls=[{"index": 0, "id": "c", "function": function, **more}])


COUNTED = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":11}}\n\n'
DONE = b"data: [DONE]\n\n"
STREAM = [
    (b": wait\n\n", 0.25),
    (event(role="assistant", content=""), 0.5),
    (event(reasoning="hm"), 1.0),
    (event(content="So"), 2.0),
    (call(""), 2.5),
    (call('{"a": '), 3.0),
    (call("1}"), 5.0),
    (COUNTED, 6.0),
    (DONE, 6.0),
]


def run_of(pieces: Iterable[tuple[bytes, float | None]]) -> StreamRun:
    reader = StreamReader()
    for data, at in pieces:
        reader.feed(data, at)
    return reader.close()


def times_of(row: pd.Series) -> dict[str, float | None]:
    names = [name for name in row.index if name.startswith("time_to_")]
    return {name.removeprefix("time_to_"): None if pd.isna(row[name]) else row[name]
            for name in names}  # fmt: skip


def test_each_moment_has_its_time():
    row = timing_table(run_of(STREAM)).iloc[0]
    assert times_of(row) == {
        "headers_s": None,
        "first_byte_s": 0.25,
        "first_chunk_s": 0.5,
        "first_token_s": 1.0,
        "first_visible_token_s": 2.0,
        "first_tool_fragment_s": 3.0,
        "first_runnable_call_s": 5.0,
        "last_token_s": 5.0,
    }
    assert row["duration_s"] == 6.0
    assert row["time_per_output_token_s"] == pytest.approx(0.5)
    assert row["decode_tokens_per_s"] == pytest.approx(2.0)
    assert row["end_to_end_tokens_per_s"] == pytest.approx(11 / 6)
    assert row["bytes_per_s"] == pytest.approx(sum(len(data) for data, _ in STREAM) / 6)


def test_gaps_are_those_between_chunks_keep_alives_and_the_end_aside():
    row = timing_table(run_of(STREAM)).iloc[0]  # gaps: 0.5, 1, 0.5, 0.5, 2, 1
    assert row["gap_p50_s"] == pytest.approx(0.75)
    assert row["gap_p90_s"] == pytest.approx(1.5)
    assert row["gap_p99_s"] == pytest.approx(1.95)
    assert row["gap_max_s"] == 2.0


def test_without_a_clock_there_is_no_number():
    row = timing_table(run_of([(data, None) for data, _ in STREAM])).iloc[0]
    assert row["timing"] == "none"
    assert row.drop(["run", "provider", "model", "timing"]).isna().all()


def test_a_providers_clock_knows_gaps_and_rates_but_no_time_since_the_request():
    table = timing_table(read_runs(sample("ollama_gpt-oss-120b")))
    assert table["timing"].tolist() == ["provider_clock"] * 2
    for name in ("first_byte", "first_chunk", "first_token", "last_token"):
        assert table[f"time_to_{name}_s"].isna().all()
    assert table["duration_s"].isna().all()
    assert (table["gap_max_s"] >= table["gap_p50_s"]).all()
    assert (table["decode_tokens_per_s"] > 0).all()
    assert table[["end_to_end_tokens_per_s", "bytes_per_s"]].isna().all(axis=None)


def test_a_clock_of_whole_seconds_gives_no_gap_and_no_rate():
    stamped = event(content="x").replace(b'{"choices', b'{"created":%d,"choices')
    body = b"".join(stamped % second for second in (100, 100, 101, 103)) + COUNTED
    row = timing_table(run_of([(body, None)])).iloc[0]
    assert (row["timing"], row["clock_resolution_s"]) == ("provider_clock", 1.0)
    numbers = [name for name in row.index if name.startswith(("gap_", "time_to_"))]
    assert row[numbers].isna().all()
    assert row[["decode_tokens_per_s", "bytes_per_s", "duration_s"]].isna().all()


def test_a_single_chunk_has_no_gaps_and_tokens_that_came_at_once_no_rate():
    one = timing_table(run_of([(event(content="x"), 1.0)])).iloc[0]
    assert one[["gap_p50_s", "gap_max_s", "decode_tokens_per_s"]].isna().all()
    assert one["time_to_last_token_s"] == 1.0
    burst = timing_table(run_of([(event(content="x") + event(content="y") + COUNTED, 0.0)])).iloc[0]
    assert burst["gap_max_s"] == 0.0
    assert burst[["decode_tokens_per_s", "end_to_end_tokens_per_s"]].isna().all()


@pytest.mark.parametrize(
    ("body", "moments"),
    [
        (b"", Moments(None, None, None, None, None)),
        (event(role="assistant"), Moments(None, None, None, None, None)),
        (event(reasoning="a") + event(reasoning="b"), Moments(0, None, None, None, 1)),
        (event(refusal="no"), Moments(0, 0, None, None, 0)),
        (call("") + call("{"), Moments(0, 0, 1, None, 1)),
        (call("{") + call("]}"), Moments(0, 0, 0, None, 1)),
        (call("5") + event(content="x"), Moments(0, 0, 0, None, 1)),
        (call('{"a":') + call("1}") + call(" "), Moments(0, 0, 0, 1, 2)),
    ],
)
def test_a_moment_that_never_comes_is_none(body, moments):
    assert find_moments(read_stream(body)) == moments


def test_of_two_calls_the_one_that_can_be_run_first_counts():
    second = call("{}").replace(b'"index": 0, "id": "c"', b'"index": 1, "id": "d"')
    assert second != call("{}")
    assert find_moments(read_stream(call('{"a":') + second + call("1}"))).first_runnable_call == 1


def test_a_call_that_came_whole_can_be_run_with_its_chunk():
    runs = read_runs(sample("gemini_2.5-flash"))
    moments = find_moments(runs[0])
    assert moments.first_runnable_call is not None
    assert moments.first_runnable_call == runs[0].message.tool_calls[0].chunk


def test_no_table_derives_a_rate_from_a_clock_that_is_coarser_than_the_gaps(shared_cassettes):
    runs = [run for path in sorted((shared_cassettes / "go-vcr").glob("*.yaml"))
            for run in read_runs(path)]  # fmt: skip
    table = timing_table(runs)
    coarse = table[(table["timing"] == "none") | (table["clock_resolution_s"] >= 1).fillna(False)]
    assert len(coarse) > 20
    rates = ["gap_p50_s", "gap_max_s", "end_to_end_tokens_per_s", "bytes_per_s"]
    assert coarse[rates].isna().all(axis=None)
    assert table[table["timing"] == "none"]["decode_tokens_per_s"].isna().all()
