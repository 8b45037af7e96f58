"""What a browser is told of a run: all of it, once, and in few batches."""

from __future__ import annotations

import json
from typing import Any

from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.conversations import Conversation
from chatviz.streams import StreamReader
from chatviz.widgets.live_log import Entry, LiveLog


class Clock:
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


def texts_of(entries: list[Entry]) -> dict[int, str]:
    found: dict[int, str] = {}
    for kind, *values in entries:
        if kind == "grow":
            found[values[0]] = found.get(values[0], "") + values[1]
    return found


def kinds_of(entries: list[Entry]) -> list[str]:
    return [entry[0] for entry in entries]


def begin(clock: Clock) -> LiveLog:
    log = LiveLog(clock)
    log.begin("Hi", "", "m")
    log.take(AskModel({}))
    return log


def test_text_is_told_once_however_often_it_is_asked_for() -> None:
    clock = Clock()
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
    assert texts_of(told) == {0: "".join(f"w{n} " for n in range(100))}
    assert told == log.entries


def test_a_reader_costs_nothing_until_a_batch_is_made() -> None:
    log, reader = begin(Clock()), StreamReader()
    log.take(reader)
    before = len(log.entries)
    for _ in range(50):
        reader.feed(chunk(content="x"))
        log.take(reader)
    assert len(log.entries) == before
    assert texts_of(log.take_rest()[1]) == {}
    assert texts_of(log.make_batch()[1]) == {0: "x" * 50}


def test_a_batch_must_wait_for_the_interval() -> None:
    clock = Clock()
    log = begin(clock)
    assert log.due_in_s <= 0
    log.make_batch()
    assert 0.05 < log.due_in_s < 0.07
    clock.time_s += 0.07
    assert log.due_in_s <= 0


def test_a_batch_that_took_long_is_followed_by_a_longer_wait() -> None:
    clock = Clock()
    log = begin(clock)
    clock.step_s = 0.5  # each look at the clock
    log.make_batch()
    clock.step_s = 0
    assert log.due_in_s > 5


def test_parts_keep_their_numbers_when_another_comes_between() -> None:
    clock = Clock()
    log, reader = begin(clock), StreamReader()
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
    parts = {entry[1]: entry[2:4] for entry in log.entries if entry[0] == "part"}
    texts = texts_of(log.entries)
    assert {(*parts[n], texts[n]) for n in parts} == {
        ("reasoning", "", "hm!"),
        ("call", "add", '{"a": 1}'),
        ("call", "multiply", "{}"),
        ("text", "", "t"),
    }


def test_an_answer_that_breaks_off_is_told_to_its_end() -> None:
    log, reader = begin(Clock()), StreamReader()
    log.take(reader)
    log.make_batch()
    reader.feed(chunk(content="half"))
    log.take(reader)
    log.take(AgentResult(Conversation(()), "error", "broke"))
    assert texts_of(log.entries) == {0: "half"}
    assert log.entries[-1][:3] == ["end", "error", "broke"]


def test_the_parts_of_the_next_answer_are_its_own() -> None:
    log = begin(Clock())
    for word in ("one", "two"):
        reader = StreamReader()
        log.take(reader)
        reader.feed(chunk(content=word))
        log.take(reader.close())
        log.take(AskModel({}))
    assert texts_of(log.entries) == {0: "one", 1: "two"}


def test_states_follow_what_happens() -> None:
    log, states = LiveLog(Clock()), []
    states.append(log.state)
    log.begin("Hi", "", "m")
    reader = StreamReader()
    run = StreamReader().close()
    for news in (AskModel({}), reader, run, CallTools(()), AskModel({})):
        states.append(log.state)
        log.take(news)
    assert states == ["idle", *["waiting for headers"] * 2, *["streaming"] * 2, "running tools"]
    assert log.state == "waiting for headers"


def test_a_tool_that_was_never_run_has_no_time_and_a_long_result_is_cut() -> None:
    log = begin(Clock())
    log.take(ToolRun("add", "", "", 0, "invalid", "x" * 5000))
    _, name, outcome, text, started, took = log.entries[-1]
    assert (name, outcome, started, took) == ("add", "invalid", None, None)
    assert len(text) < 2100


def test_lone_surrogates_do_not_break_the_message() -> None:
    log = begin(Clock())
    log.take(ToolRun("add", "", "", 0, "returned", "a\ud800b"))
    json.dumps(log.entries, ensure_ascii=False).encode()


def test_tokens_and_cost_are_told_after_each_answer_and_unknown_is_none() -> None:
    log = begin(Clock())
    usage = {"total_tokens": 7, "prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}
    for data in (b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n", b""):
        reader = StreamReader({"messages": []})
        log.take(reader)
        reader.feed(data)
        log.take(reader.close())
    assert [entry[1:] for entry in log.entries if entry[0] == "sums"] == [[7, "0.5"], [None, None]]
