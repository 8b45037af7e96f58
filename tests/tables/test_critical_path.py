"""critical_path_table: what a conversation waited for, by the clocks that there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from chatviz.agent.drivers import run_agent
from chatviz.agent.results import AgentResult
from chatviz.agent.tools.tool import tool
from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.tables import critical_path_table, tool_call_table
from tests.fake_clock import FakeClock

TIMES = ["complete_at_s", "valid_at_s", "could_start_at_s", "answer_ended_at_s",
         "tool_started_at_s", "tool_ended_at_s", "tool_s", "head_start_s",
         "early_start_saves_s", "path_s", "early_path_s"]  # fmt: skip


def event(delta: Mapping[str, Any], reason: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    return f"data: {json.dumps({'choices': choices})}\n\n".encode()


def called(index: int, name: str, arguments: str) -> bytes:
    function = {"name": name, "arguments": arguments}
    return event({"tool_calls": [{"index": index, "id": f"c{index}", "function": function}]})


FIRST = [
    (called(0, "slow", "{}"), 1.0),
    (called(1, "quick", "{}"), 2.0),
    (event({}, "tool_calls"), 5.0),
    (b"data: [DONE]\n\n", 6.0),
]
SECOND = [(event({"content": "done"}, "stop"), 0.5), (b"data: [DONE]\n\n", 1.0)]


class TimedEndpoint:
    """Answers as prepared, and lets the clock run on as the answers say."""

    model = "m"
    extra_body: Mapping[str, Any] = {}

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._answers = iter((FIRST, SECOND))

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        reader = StreamReader(body)
        last = 0.0
        for data, at in next(self._answers):
            self._clock.sleep(at - last)
            reader.feed(data, at)
            watch(reader)
            last = at
        return reader.close()

    ask_async: Any = None


@pytest.fixture
def result() -> AgentResult:
    clock = FakeClock()

    @tool
    async def slow() -> str:
        clock.sleep(4.0)
        return "ok"

    @tool
    async def quick() -> str:
        return "ok"

    return run_agent("?", endpoint=TimedEndpoint(clock), tools=[slow, quick], clock=clock)


def test_the_result_of_a_loop_tells_what_its_tools_took_and_what_they_could_have_saved(
    result: AgentResult,
) -> None:
    """The slow tool is whole with the next call, at 2 s; it runs from 6 s to 10 s."""
    table = critical_path_table(result)
    assert table["kind"].tolist() == ["answer", "call", "call", "answer"]
    slow = table.iloc[1]
    assert slow[TIMES[:9]].tolist() == [1.0, 1.0, 2.0, 6.0, 6.0, 10.0, 4.0, 4.0, 4.0]
    assert table.iloc[2]["could_start_at_s"] == 5.0
    assert table["path_s"].sum() == 6.0 + 4.0 + 1.0
    assert table["path_s"].tolist()[::3] == [6.0, 1.0]


def test_the_critical_path_of_each_conversation_is_the_sum_of_its_parts() -> None:
    talks = [read_conversation(sample("synthetic_timed"))] * 2
    table = critical_path_table(talks)
    known = table.groupby("conversation")["path_s"].sum()
    durations = sum(run.duration_s or 0.0 for run in talks[0].runs)
    assert known.tolist() == pytest.approx([durations, durations])
    assert table.loc[table["kind"] == "call", "path_s"].isna().all()


def test_a_recording_without_a_clock_tells_chunks_and_bytes_and_no_time(seeds: Any) -> None:
    table = critical_path_table(read_runs(seeds.fireworks))
    assert table[TIMES].isna().all(axis=None)
    assert table["timing"].eq("none").all()
    calls = table[table["kind"] == "call"]
    assert calls[["complete_chunk", "could_start_chunk", "last_chunk", "chunks_left"]].to_numpy(
        int
    ).tolist() == [[26, 28, 43, 15], [40, 42, 43, 1]]
    assert calls["bytes_left"].tolist() == [5937, 680]


def test_bytes_and_chunks_left_are_those_behind_the_chunk(seeds: Any) -> None:
    (run, *_) = read_runs(seeds.novita)
    for row in critical_path_table(run).dropna(subset="could_start_chunk").itertuples():
        left = run.body[run.chunks[row.could_start_chunk].end :]
        assert abs(len(left) - row.bytes_left) <= 1  # the second byte of a line's CRLF
        assert left.count(b"data: {") == row.chunks_left


def test_its_rows_join_those_of_the_calls(seeds: Any) -> None:
    runs = read_runs([seeds.fireworks, seeds.novita])
    keys = ["run", "call", "name"]
    calls = critical_path_table(runs).dropna(subset="call")[keys]
    pd.testing.assert_frame_equal(
        calls.sort_values(keys).reset_index(drop=True), tool_call_table(runs)[keys]
    )


def test_a_provider_clock_knows_head_starts_and_no_wait() -> None:
    stamps = ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.25Z", "2025-01-01T00:00:01.5Z"]
    call = {"function": {"name": "f", "arguments": {}}}
    said: list[dict[str, Any]] = [{"tool_calls": [call]}, {"content": "a"}, {"content": "b"}]
    lines = [
        {"model": "m", "created_at": at, "message": {"role": "assistant", **one}, "done": False}
        for at, one in zip(stamps, said, strict=True)
    ]
    reader = StreamReader()
    reader.feed(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    table = critical_path_table(reader.close())
    assert table["timing"].tolist() == ["provider_clock"] * 2
    assert table["head_start_s"].tolist()[1] == pytest.approx(1.5)
    assert table["answer_ended_at_s"].tolist() == pytest.approx([1.5, 1.5])
    assert table["path_s"].isna().all()


def test_an_answer_without_events_or_with_times_that_are_not_known_has_its_row() -> None:
    reader = StreamReader()
    reader.feed(event({"content": "a"}), 1.0)
    reader.feed(event({"content": "b"}))
    table = critical_path_table([StreamReader().close(), reader.close()])
    assert table["last_chunk"].isna().tolist() == [True, False]
    assert table["answer_ended_at_s"].isna().all()
