"""server_timing_table: the server's numbers beside the chunks' own clock."""

from __future__ import annotations

import pandas as pd
import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader
from chatviz.tables import server_timing_table

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"ab"}}]}\n\n'
LAST = b'data: {"choices":[],"usage":{"prompt_tokens":1,"total_time":5.0}}\n\n'


def test_what_a_total_leaves_over_the_chunks_came_before_them():
    table = server_timing_table(read_runs(sample("ollama_gpt-oss-120b")))
    assert table["field"].tolist() == ["total_duration"] * 2
    assert table["timing"].tolist() == ["provider_clock"] * 2
    assert (table["chunk_span_s"] > 0).all()
    assert (table["chunk_span_s"] <= table["seconds"]).all()
    left = table["seconds"] - table["chunk_span_s"]
    assert table["outside_chunks_s"].tolist() == pytest.approx(left.tolist())


def test_times_that_were_measured_are_never_mixed_with_the_servers():
    reader = StreamReader({"messages": []})
    for data, at in [(EVENT, 0.5), (EVENT, 1.5), (LAST, 2.0)]:
        reader.feed(data, at)
    row = server_timing_table(reader.close()).iloc[0]
    assert (row["measure"], row["seconds"], row["chunk_span_s"]) == ("total", 5.0, 1.5)
    assert row["timing"] == "measured"
    assert row["outside_chunks_s"] is pd.NA


def test_a_clock_of_whole_seconds_gives_no_span():
    stamped = EVENT.replace(b'{"choices', b'{"created":%d,"choices')
    reader = StreamReader({"messages": []})
    reader.feed(stamped % 100 + stamped % 101 + LAST)
    run = reader.close()
    assert run.timing == "provider_clock"
    row = server_timing_table(run).iloc[0]
    assert row["chunk_span_s"] is pd.NA
    assert row["outside_chunks_s"] is pd.NA


def test_a_run_whose_server_says_nothing_has_no_row(seeds):
    assert server_timing_table(read_runs(seeds.novita)).empty
