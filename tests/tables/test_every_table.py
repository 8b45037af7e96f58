"""What holds for every table: its columns, its dtypes, its docstring, and its joins."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import Column

SPECIFICATIONS = {
    "argument_table": ("calls", "ARGUMENT_COLUMNS"),
    "cache_table": ("conversations.cache", "CACHE_COLUMNS"),
    "chunk_table": ("chunks", "CHUNK_COLUMNS"),
    "critical_path_table": ("critical_path", "CRITICAL_PATH_COLUMNS"),
    "definition_table": ("definitions", "DEFINITION_COLUMNS"),
    "delta_table": ("deltas", "DELTA_COLUMNS"),
    "finding_table": ("findings", "FINDING_COLUMNS"),
    "gap_table": ("gaps", "GAP_COLUMNS"),
    "run_table": ("runs", "RUN_COLUMNS"),
    "scorecard_table": ("groups.scorecard", "SCORECARD_COLUMNS"),
    "server_timing_table": ("server_timing", "SERVER_TIMING_COLUMNS"),
    "timing_table": ("timing", "TIMING_COLUMNS"),
    "tool_call_table": ("calls", "CALL_COLUMNS"),
    "usage_table": ("usage", "USAGE_COLUMNS"),
}
every_table = pytest.mark.parametrize("name", tables.__all__)

HOSTILE = (
    b'data: {"choices":[{"index":0,"delta":{"content":"<script>alert(1)</script>\\ud83d"}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{"content":"\\udc00\\u0000\\u001b[31m","reasoning":'
    b'"\\udc01","tool_calls":[{"index":99999999999999999999999,"id":"\\udc02","function":'
    b'{"name":"\\udc03","arguments":"{\\"\\\\udc04\\": \\"\xed\xa0\x80\\udc05\\"}"}}]}}]}\n\n'
    b'data: {"\\udc06":"\\udc07","choices":[],"model":"\\udc08","provider":"\\udc09","usage":'
    b'{"prompt_tokens":1e300,"completion_tokens":99999999999999999999,"cost":1e-999999,'
    b'"cost_details":{"upstream_inference_prompt_cost":1e999999}}}\n\n'
    b'data: {"error":{"message":"\\udc0a"}}\n\ndata: \xff\n\n'
)


def table_of(name: str) -> Callable[[Any], pd.DataFrame]:
    return getattr(tables, name)


def with_a_gap() -> StreamRun:
    reader = StreamReader()
    for at in (0.1, 0.2, 3.0):
        reader.feed(b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', at)
    return reader.close()


def specification_of(name: str) -> tuple[Column, ...]:
    module, columns = SPECIFICATIONS[name]
    return getattr(importlib.import_module(f"chatviz.tables.{module}"), columns)


@every_table
def test_the_columns_and_dtypes_are_those_that_are_specified(name, seeds):
    table = table_of(name)(read_runs([seeds.fireworks, seeds.novita]))
    wanted = [(column.name, column.dtype) for column in specification_of(name)]
    assert [(column, str(dtype)) for column, dtype in table.dtypes.items()] == wanted
    for column in specification_of(name):
        if column.dtype == "category":
            assert tuple(table[column.name].cat.categories) == column.categories


@every_table
def test_an_empty_table_has_the_same_columns_and_dtypes(name, seeds):
    runs = [*read_runs([seeds.fireworks, sample("ollama_gpt-oss-120b")]), with_a_gap()]
    empty, full = table_of(name)([]), table_of(name)(runs)
    assert len(empty) == 0 < len(full)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert pd.concat([empty, full]).dtypes.to_dict() == full.dtypes.to_dict()


@every_table
def test_the_docstring_tells_every_column_with_its_dtype_and_its_row(name):
    text = table_of(name).__doc__
    assert "one row for each" in text.partition("\n")[0]
    listed = text.partition("\nColumns\n-------\n")[2].splitlines()
    heads = [line for line in listed if not line.startswith(" ")]
    assert heads == [f"{column.name} : {column.dtype}" for column in specification_of(name)]
    for column in specification_of(name):
        assert f"    {column.meaning}" in "\n".join(listed)
        assert all(repr(category) in text for category in column.categories)


@every_table
def test_a_run_a_conversation_and_an_iterator_of_runs_give_the_same_table(name, seeds):
    talk = read_conversation(seeds.novita)
    build = table_of(name)
    whole = build(talk)
    pd.testing.assert_frame_equal(build(iter([talk])), whole)
    alone = build(talk.runs[0])
    pd.testing.assert_frame_equal(build([talk.runs[0]]), alone)
    if name not in ("finding_table", "tool_call_table"):
        pd.testing.assert_frame_equal(build(iter(talk.runs)), whole)
    if name not in ("finding_table", "tool_call_table", "scorecard_table"):
        pd.testing.assert_frame_equal(whole[whole["run"] == 0], alone)


@every_table
def test_a_path_is_refused_with_the_way_to_read_it(name, seeds):
    with pytest.raises(TypeError, match=r"cv\.read_runs"):
        table_of(name)(str(seeds.novita))
    with pytest.raises(TypeError, match="wanted a run"):
        table_of(name)(5)


@every_table
def test_hostile_text_and_numbers_never_break_a_table_or_what_is_written_of_it(name):
    table = table_of(name)([read_stream(HOSTILE), read_stream(b""), read_stream(b"\xff{")])
    for written in (repr(table), table.to_html(), table.to_csv(), table.to_string()):
        written.encode()
    assert "<script>" not in table.to_html()


@every_table
def test_an_answer_that_failed_has_its_place_in_every_table(name):
    table_of(name)(read_stream(b'{"error": {"message": "no"}}'))
    table_of(name)(read_stream(b"<html>busy</html>"))


def test_the_tables_join_on_run_chunk_and_call(seeds):
    runs = read_runs([seeds.fireworks, seeds.novita])
    chunks, deltas = tables.chunk_table(runs), tables.delta_table(runs)
    calls, arguments = tables.tool_call_table(runs), tables.argument_table(runs)
    assert not chunks.duplicated(["run", "chunk"]).any()
    assert not calls.duplicated(["run", "call"]).any()
    told = deltas.merge(chunks, on=["run", "chunk"], validate="many_to_one")
    assert len(told) == len(deltas)
    named = arguments.merge(calls, on=["run", "call"], validate="many_to_one")
    assert named["name"].tolist() == ["add"] * 3 + ["multiply"] * 3 + ["add"] * 3 + ["multiply"] * 3
    pieces = deltas.dropna(subset="fragment")
    fragments = pieces.merge(calls, on=["run", "call"], validate="many_to_one")
    joined = fragments.groupby(["run", "call"])["text"].agg("".join)
    assert joined.tolist() == calls["arguments"].tolist()
    usage = tables.usage_table(runs).merge(tables.run_table(runs), on="run", validate="1:1")
    assert usage["provider"].tolist() == ["Fireworks", "Fireworks", "Novita", "Novita"]
    found = tables.finding_table(runs).merge(chunks, on=["run", "chunk"])
    assert len(found) == tables.finding_table(runs)["chunk"].notna().sum()


def test_every_shared_recording_has_all_tables_and_they_can_be_written(shared_cassettes):
    for path in sorted((shared_cassettes / "go-vcr").glob("*.yaml")):
        runs = read_runs(path)
        for name in tables.__all__:
            table = table_of(name)(runs)
            table.to_html(max_rows=40).encode()
            assert table.dtypes.to_dict() == table_of(name)([]).dtypes.to_dict()
        chunks, calls = tables.chunk_table(runs), tables.tool_call_table(runs)
        assert len(chunks) == sum(len(run.chunks) for run in runs)
        assert len(calls) == sum(len(m.tool_calls) for run in runs for m in run.messages)
        for name in ("delta_table", "argument_table", "finding_table"):
            keys = table_of(name)(runs).merge(chunks, on="run", suffixes=("", "_chunk"))
            assert set(keys["run"].dropna()) <= set(range(len(runs)))


@every_table
def test_what_a_table_is_made_of_is_gone_when_it_is_done(name, seeds):
    runs = read_runs([seeds.fireworks, seeds.novita])
    table_of(name)(runs)  # what is kept for the next call is kept
    gc.disable()
    gc.freeze()  # what other tests made is not looked at
    try:
        table_of(name)(runs)
        left = gc.collect()
    finally:
        gc.unfreeze()
        gc.enable()
    assert left == 0, "cycles, which only the collector would find"
