"""gap_table: each gap with what came before and after it, and the watchdogs that would bark."""

from __future__ import annotations

import itertools
import json
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader
from chatviz.tables import gap_table


def event(**delta: object) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n".encode()


def run_of(*pieces: tuple[bytes, float | None]):
    reader = StreamReader()
    for data, at in pieces:
        reader.feed(data, at)
    return reader.close()


TEXT, THOUGHT, WAIT = event(content="a"), event(reasoning="hm"), b": wait\n\n"
CALL = event(tool_calls=[{"index": 0, "id": "c", "function": {"name": "add", "arguments": "{"}}])


def test_a_gap_has_what_came_before_and_after_it():
    table = gap_table(run_of((TEXT, 0.5), (THOUGHT, 1.0), (CALL, 9.0), (CALL, 9.5)))
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["chunk_before"], row["chunk_after"]) == (1, 2)
    assert (row["kind_before"], row["kind_after"]) == ("reasoning", "tool_call")
    assert (row["begins_at_s"], row["gap_s"], row["median_gap_s"]) == (1.0, 8.0, 0.5)
    assert (row["keep_alives"], row["longest_silence_s"]) == (0, 8.0)
    assert row[[name for name in row.index if name.startswith("watchdog")]].isna().all()


def test_the_wait_for_the_first_chunk_begins_with_the_request():
    row = gap_table(run_of((WAIT, 2.0), (TEXT, 5.0), (TEXT, 5.1))).iloc[0]
    assert row.isna()["chunk_before"]
    assert (row["kind_before"], row["chunk_after"]) == ("request", 0)
    assert (row["begins_at_s"], row["gap_s"]) == (0.0, 5.0)
    assert (row["keep_alives"], row["longest_silence_s"]) == (1, 3.0)


def test_keep_alives_calm_a_watchdog_and_silence_does_not():
    quiet = run_of((TEXT, 1.0), (TEXT, 1.1), (TEXT, 72.0))
    row = gap_table(quiet).iloc[0]
    assert row["watchdog_30_s_fires_at_s"] == pytest.approx(31.1)
    assert row["watchdog_60_s_fires_at_s"] == pytest.approx(61.1)
    assert row.isna()["watchdog_120_s_fires_at_s"]
    alive = run_of((TEXT, 1.0), (TEXT, 1.1), (WAIT, 20.0), (WAIT, 40.0), (WAIT, 71.0), (TEXT, 72.0))
    row = gap_table(alive).iloc[0]
    assert row["keep_alives"] == 3
    assert row["longest_silence_s"] == pytest.approx(31.0)
    assert row["watchdog_30_s_fires_at_s"] == pytest.approx(70.0)
    assert row.isna()["watchdog_60_s_fires_at_s"]


def test_both_thresholds_must_be_passed_and_both_can_be_set():
    run = run_of(*((TEXT, float(second)) for second in (1, 2, 3, 4, 10)))
    assert gap_table(run)["gap_s"].tolist() == [6.0]  # the median is 1
    assert gap_table(run, times_the_median=7).empty
    assert gap_table(run, longer_than_s=6).empty
    assert gap_table(run, longer_than_s=0, times_the_median=0)["gap_s"].tolist() == [1, 1, 1, 1, 6]
    assert gap_table(run, times_the_median=0)["gap_s"].tolist() == [6.0]


@pytest.mark.parametrize("value", [-1, math.nan])
def test_a_threshold_that_is_none_is_refused(value):
    run = run_of((TEXT, 1.0))
    with pytest.raises(ValueError, match=r"wanted a number as longer_than_s, 0 or more, found"):
        gap_table(run, longer_than_s=value)
    with pytest.raises(ValueError, match=r"wanted a number as times_the_median, 0 or more"):
        gap_table(run, times_the_median=value)


def test_without_a_clock_fit_for_it_there_is_no_gap():
    stamped = TEXT.replace(b'{"choices', b'{"created":%d,"choices')
    coarse = run_of((b"".join(stamped % at for at in (1, 2, 3, 60)), None))
    assert coarse.timing == "provider_clock"
    assert gap_table([run_of((TEXT, None), (TEXT, None)), coarse, run_of()]).empty


def test_one_chunk_that_came_late_is_a_gap_of_its_own():
    row = gap_table(run_of((TEXT, 3.0))).iloc[0]
    assert (row["gap_s"], row["kind_before"]) == (3.0, "request")
    assert row.isna()["median_gap_s"]


def test_a_providers_clock_knows_no_wait_before_its_first_stamp():
    runs = read_runs(sample("ollama_gpt-oss-120b"))
    table = gap_table(runs, longer_than_s=0.1, times_the_median=0)
    assert len(table) > 1
    assert table["chunk_before"].notna().all()
    assert set(table["timing"]) == {"provider_clock"}
    assert (table["longest_silence_s"] == table["gap_s"]).all()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=9))
def test_the_median_is_that_of_the_other_gaps(gaps):
    ends = itertools.accumulate([0, *gaps])
    table = gap_table(run_of(*((TEXT, float(at)) for at in ends)), times_the_median=0)
    listed = {row.chunk_after: row.median_gap_s for row in table.itertuples()}
    for after, gap in enumerate(gaps, 1):
        others = [*gaps[: after - 1], *gaps[after:]]
        if gap > 1 and others:
            assert listed[after] == statistics.median(others)
