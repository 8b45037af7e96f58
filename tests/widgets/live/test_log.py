"""What a browser is told of a run: all of it, once, and in few batches."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import chatviz as cv
from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.chat.messages import ToolCall
from chatviz.runs.conversation import Conversation
from chatviz.runs.reader import StreamReader
from chatviz.widgets.live.entries import Entry, pack_entries
from chatviz.widgets.live.log import LiveLog


class StepClock:
    """Time that passes when a test says so, and by `step_s` at each look."""

    def __init__(self) -> None:
        self.time_s = 100.0
        self.step_s = 0.0

    def __call__(self) -> float:
        self.time_s += self.step_s
        return self.time_s


def chunk(**delta: Any) -> bytes:
    payload = {"choices": [{"index": 0, "delta": delta}]}
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def call(index: int, arguments: str, name: str | None = None) -> bytes:
    function = {"name": name, "arguments": arguments}
    return chunk(tool_calls=[{"index": index, "id": f"c{index}", "function": function}])


def runs_of(entries: list[Entry]) -> list[dict[str, Any]]:
    """The columns that are told of answers."""
    return [entry.values[0] for entry in entries if entry.kind == "run"]


def texts_of(entries: list[Entry]) -> dict[tuple[int, str], str]:
    """By answer and kind of part, what was told of its text."""
    found: dict[tuple[int, str], str] = {}
    for columns in runs_of(entries):
        for part in columns.get("parts", ()):
            key = columns["index"], f"{part['kind']} {part.get('name', '')}".strip()
            found[key] = found.get(key, "") + part.get("text", "")
    return found


def places_of(log: LiveLog) -> dict[int, str]:
    return {row["index"]: row["place"] for row in runs_of(log.entries) if "place" in row}


def begin(clock: StepClock) -> LiveLog:
    log = LiveLog(clock)
    log.begin("Hi")
    log.take(AskModel({}))
    return log


def answer(log: LiveLog, *pieces: bytes) -> StreamReader:
    reader = StreamReader({"messages": []})
    for piece in pieces:
        reader.feed(piece)
        log.take(reader)
    log.take(reader.close())
    return reader


def test_text_is_told_once_however_often_it_is_asked_for() -> None:
    clock = StepClock()
    log, reader, told = begin(clock), StreamReader(), []
    log.take(reader)
    for number in range(100):
        reader.feed(chunk(content=f"w{number} "))
        log.take(reader)
        if number % 7 == 0:
            clock.time_s += 1
            told += log.make_batch()[1]
    log.take(reader.close())
    told += log.make_batch()[1]
    assert texts_of(told) == {(0, "text"): "".join(f"w{n} " for n in range(100))}
    assert told == log.entries


def test_a_reader_costs_nothing_until_a_batch_is_made() -> None:
    log, reader = begin(StepClock()), StreamReader()
    log.take(reader)
    before = len(log.entries)
    for _ in range(50):
        reader.feed(chunk(content="x"))
        log.take(reader)
    assert len(log.entries) == before
    assert texts_of(log.take_rest()[1]) == {}
    assert texts_of(log.make_batch()[1]) == {(0, "text"): "x" * 50}


def test_a_batch_must_wait_for_the_interval() -> None:
    clock = StepClock()
    log = begin(clock)
    assert log.due_in_s <= 0
    log.make_batch()
    assert 0.05 < log.due_in_s < 0.08
    clock.time_s += 0.08
    assert log.due_in_s <= 0


def test_a_batch_that_took_long_is_followed_by_a_longer_wait() -> None:
    clock = StepClock()
    log = begin(clock)
    clock.step_s = 0.5  # each look at the clock
    log.make_batch()
    clock.step_s = 0
    assert log.due_in_s > 5


def test_parts_keep_apart_when_another_comes_between() -> None:
    log, reader = begin(StepClock()), StreamReader()
    log.take(reader)
    for data in (
        chunk(reasoning="hm"),
        call(0, '{"a"', "add"),
        call(1, "{}", "multiply"),
        chunk(content="t"),
        call(0, ": 1}"),
        chunk(reasoning="!"),
    ):
        reader.feed(data)
        log.take(reader)
        log.make_batch()
    assert texts_of(log.entries) == {
        (0, "reasoning"): "hm!",
        (0, "call add"): '{"a": 1}',
        (0, "call multiply"): "{}",
        (0, "text"): "t",
    }


def test_an_answer_that_breaks_off_is_told_to_its_end() -> None:
    log, reader = begin(StepClock()), StreamReader()
    log.take(reader)
    log.make_batch()
    reader.feed(chunk(content="half"))
    log.take(reader)
    talk = cv.Conversation((cv.Step(reader.run),))
    log.take(AgentResult(talk, "cancelled"))
    assert texts_of(log.entries) == {(0, "text"): "half"}
    assert log.entries[-1].kind == "findings"
    assert [row["ending"] for row in runs_of(log.entries) if "ending" in row] == [None]


def test_what_was_asked_stands_before_the_first_answer_and_then_behind_the_last() -> None:
    log = LiveLog(StepClock())
    log.begin("first", "Be brief")
    log.take(AskModel({}))
    answer(log, chunk(content="one"))
    log.begin("second")
    asked = [row["asked"] for row in runs_of(log.entries) if "asked" in row]
    assert asked == [[["system", "Be brief", ""], ["user", "first", ""]]]
    assert runs_of(log.entries)[-1] == {"index": 0, "followed": [["user", "second", ""]]}


def test_answers_have_their_places_and_attempts_are_told_apart() -> None:
    log = begin(StepClock())
    answer(log, chunk(content="one"))
    question = AskModel({})
    log.take(question)
    answer(log, b'{"error": {"message": "busy"}}')
    assert places_of(log)[1] == "step 2"
    log.take(question)
    answer(log, chunk(content="two"))
    assert places_of(log) == {0: "step 1", 1: "step 2, attempt 1", 2: "step 2, attempt 2"}


def test_an_attempt_that_broke_off_is_closed_before_the_next_and_counts() -> None:
    log = begin(StepClock())
    question = log._question
    assert question is not None
    broken = StreamReader({"messages": []})
    broken.feed(b": only a comment\n\n")
    log.take(broken)
    broken.close()
    log.take(question)
    answer(log, chunk(content="two"))
    ended = [row["index"] for row in runs_of(log.entries) if "ending" in row]
    assert ended == [0, 1]
    assert places_of(log) == {0: "step 1, attempt 1", 1: "step 1, attempt 2"}


def test_tools_that_were_stopped_run_no_longer() -> None:
    log = begin(StepClock())
    reader = answer(log, call(0, "{}", "wait"))
    log.take(CallTools((ToolCall(0, 0, "c0", "wait", "{}"),)))
    stopped = ToolRun("wait", "c0", "c0", 0, "stopped", "Error: 'wait' was stopped.")
    talk = cv.Conversation((cv.Step(reader.run),))
    log.take(AgentResult(talk, "cancelled", tool_runs=(stopped,)))
    told = [row for row in runs_of(log.entries) if "tools" in row][-1]
    assert told["tools"] == []
    assert told["followed"] == [["tool", "Error: 'wait' was stopped.", "wait"]]


def test_an_answer_that_no_reader_was_told_of_is_told_whole() -> None:
    log = begin(StepClock())
    run = StreamReader({"messages": []}).close()
    log.take(run)
    *_, columns, sums = runs_of(log.entries)
    assert "events" in columns
    assert sums == {"index": 0, "sum": None}


def test_a_conversation_that_is_gone_on_with_is_shown_first() -> None:
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    log = LiveLog(StepClock())
    log.begin("And now?", earlier=talk)
    log.take(AskModel({}))
    answer(log, chunk(content="hm"))
    assert places_of(log) == {0: "step 1", 1: "step 2", 2: "step 3"}
    followed = [row["followed"] for row in runs_of(log.entries) if row.get("followed")]
    assert followed[-1] == [["user", "And now?", ""]]


def test_states_follow_what_happens() -> None:
    log, states = LiveLog(StepClock()), []
    states.append(log.state)
    log.begin("Hi")
    reader = StreamReader()
    run = StreamReader().close()
    for news in (AskModel({}), reader, run, CallTools(()), AskModel({})):
        states.append(log.state)
        log.take(news)
    assert states == ["idle", *["waiting for headers"] * 2, *["streaming"] * 2, "running tools"]
    assert log.state == "waiting for headers"


def test_tools_run_behind_their_answer_and_those_that_never_ran_have_no_time() -> None:
    log = begin(StepClock())
    answer(log, chunk(content="x"))
    named = [ToolCall(n, n, "", name, "{}") for n, name in enumerate(("add", "mul", "no"))]
    log.take(CallTools(tuple(named)))
    running = runs_of(log.entries)[-1]["tools"]
    assert running == [[n, c.name, "running", 0, None] for n, c in enumerate(named)]
    ran = ToolRun("mul", "", "", 1, "returned", "6", started_at_s=7.5, duration_s=0.25)
    log.take(ran)
    log.take(ToolRun("no", "", "", 2, "unknown", "no such tool"))
    log.take(replace(ran, name="add", position=0, text="x" * 5000, started_at_s=7.0))
    columns = runs_of(log.entries)[-1]
    assert columns["tools"] == [[0, "add", "returned", 0, 0.25], [1, "mul", "returned", 0.5, 0.25]]
    told = [row[2].replace("\u00a0", " ") for row in columns["followed"]]
    assert told == ["add, 0.250 s", "mul, 0.250 s", "no"]
    assert len(columns["followed"][0][1]) < 2_100


def test_lone_surrogates_do_not_break_the_message() -> None:
    log = begin(StepClock())
    answer(log, chunk(content="x"))
    log.take(ToolRun("add", "", "", 0, "returned", "a\ud800b"))
    data = pack_entries(log.entries)[0]
    assert json.loads(data.decode("utf-8", "replace"))


def test_entries_point_at_their_own_buffers() -> None:
    entries = [
        Entry("ask", ()),
        Entry("run", ({"bytes": 1},), [b"a", b"b"]),
        Entry("x", (1,), [b"c"]),
    ]
    packed, *buffers = pack_entries(entries)
    told = json.loads(packed)
    assert told == [["ask", 1], ["run", 1, {"bytes": 1}], ["x", 3, 1]]
    assert [packed, *buffers][told[1][1] + 1] == b"b"
    assert [packed, *buffers][told[2][1]] == b"c"


def test_tokens_and_cost_are_told_after_each_answer_and_unknown_is_none() -> None:
    log = begin(StepClock())
    usage = {"total_tokens": 7, "prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}
    for data in (b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n", b""):
        log.take(AskModel({}))
        answer(log, data)
    told = [entry.values for entry in log.entries if entry.kind == "sums"]
    assert told == [(1, 7, "0.5"), (2, None, None)]


def test_findings_of_all_answers_together_come_in_the_end() -> None:
    log = begin(StepClock())
    log.take(AgentResult(Conversation(()), "no_tool_calls"))
    assert log.entries[-1] == Entry("findings", ([],))
