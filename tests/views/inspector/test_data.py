"""The inspector's data: columns that lose nothing, raw bytes once, and never too much of it."""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

import pytest

import chatviz as cv
from chatviz.runs.given_runs import conversations_of
from chatviz.views.inspector.data import inspector_data
from chatviz.views.page_module import measure_json
from tests.views.columns_read import read_numbers

SEEDS = ("openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita")


def sums(text: str, *, signed: bool = False) -> list[int]:
    steps = read_numbers(text)
    return list(
        accumulate([-(n + 1) // 2 if n % 2 else n // 2 for n in steps] if signed else steps)
    )


def data_of(*runs: Any, **options: Any) -> dict[str, Any]:
    data = inspector_data(conversations_of(runs), **options)
    json.dumps(data)
    return data


@pytest.fixture(params=SEEDS)
def talk(request: pytest.FixtureRequest) -> cv.Conversation:
    return cv.read_conversation(cv.sample(request.param))


def test_a_seed_is_whole_and_at_most_twice_its_stream(talk: cv.Conversation) -> None:
    data = data_of(talk)
    assert data["left_out"] == []
    assert measure_json(data) <= 2 * sum(len(run.body) for run in talk.runs)
    assert [columns["raw"].encode() for columns in data["runs"]] == [r.body for r in talk.runs]


def test_the_events_cover_every_byte_without_a_gap(talk: cv.Conversation) -> None:
    for run, columns in zip(talk.runs, data_of(talk)["runs"], strict=True):
        sizes = sums(columns["events"]["sizes"], signed=True)
        assert sum(sizes) == len(run.body)
        ends = list(accumulate(sizes))
        assert [end - size for end, size in zip(ends, sizes, strict=True)][1:] == list(
            run.wire.starts[1:]
        )
        kinds = read_numbers(columns["events"]["kinds"])
        assert sum(kinds[1::2]) == len(run.events)


def test_the_pieces_of_a_part_are_its_text(talk: cv.Conversation) -> None:
    for run, columns in zip(talk.runs, data_of(talk)["runs"], strict=True):
        by_kind = {part["kind"]: part for part in columns["parts"]}
        assert by_kind["text"]["text"] == run.message.text
        calls = [part for part in columns["parts"] if part["kind"] == "call"]
        for part, call in zip(calls, run.message.tool_calls, strict=True):
            assert part["text"] == call.arguments
            assert read_numbers(part["lengths"]) == [len(text) for text in call.fragments.texts]
            assert sums(part["chunks"]) == list(call.fragments.chunks)
            assert part["runnable"] == 11


def test_the_marks_are_those_of_the_arguments(streams: Any) -> None:
    text = '{"a": [1, {"😀": "x'
    run = streams.read([streams.chunk(streams.call(0, text, id="c", name="f"))])
    (part,) = [part for part in data_of(run)["runs"][0]["parts"] if part["kind"] == "call"]
    marks = part["marks"]
    assert sums(marks["starts"]) == [0, 6, 7, 10, 17]
    assert read_numbers(marks["lengths"]) == [0, 0, 1, 0, 0]
    assert [n - step for n, step in enumerate(read_numbers(marks["parents"]))] == [-1, 0, 1, 1, 3]
    assert read_numbers(marks["steps"]) == [0, 5, 0, 1, 6]
    assert marks["kinds"] == "01302"
    assert part["fault"][0] == len(text) + 1  # counted as the browser does
    assert part["runnable"] is None


def test_what_the_schema_says_is_wrong_is_told_with_its_place(streams: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    run = streams.read(
        [streams.chunk(streams.call(0, '{"a": 1}', id="c", name="f"))],
        request={"model": "m", "messages": [], "tools": tools},
    )
    (part,) = [part for part in data_of(run)["runs"][0]["parts"] if part["kind"] == "call"]
    assert [row[:3] for row in part["check"]["wrong"]] == [
        [1, "$.a", "wrong type"],
        [None, "$.b", "missing"],
    ]


def test_a_call_that_was_not_streamed_is_one_piece(streams: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = json.dumps({"model": "m", "choices": [{"index": 0, "message": message}]}).encode()
    columns = data_of(streams.read([body]))["runs"][0]
    (part,) = columns["parts"]
    assert (part["text"], sums(part["chunks"]), read_numbers(part["lengths"])) == ("{}", [0], [2])
    assert columns["framing"] == "json"


def test_times_are_told_only_where_they_are_known(streams: Any) -> None:
    pieces = streams.every_kind()
    timed = streams.read(pieces, times=iter([n / 8 for n in range(len(pieces))]))
    events = data_of(timed)["runs"][0]["events"]
    ticks = sums(events["times"], signed=True)
    assert [tick * events["unit_s"] for tick in ticks] == pytest.approx(list(timed.wire.times))
    assert "times" not in data_of(streams.read(pieces))["runs"][0]["events"]


def test_sums_are_exact_and_unknown_where_a_part_is(talk: cv.Conversation) -> None:
    sums_told = [columns["sum"] for columns in data_of(talk)["runs"]]
    assert sums_told[-1]["USD"] == f"{talk.cost:f}"
    assert sums_told[0]["USD"] == f"{talk.runs[0].cost:f}"


def test_messages_and_tool_results_stand_between_the_answers(talk: cv.Conversation) -> None:
    first, second = data_of(talk)["runs"]
    assert [row[0] for row in first["asked"]] == ["system", "user"]
    assert first["followed"] == [["tool", "5", "add"], ["tool", "6", "multiply"]]
    assert (second["asked"], second["followed"]) == ([], [])


def test_a_body_that_is_no_text_is_kept_in_base64(streams: Any) -> None:
    columns = data_of(streams.read([b'data: "\xff"\n\n']))["runs"][0]
    assert "raw" not in columns
    assert columns["raw64"] == "ZGF0YTogIv8iCgo="


def test_raw_bytes_are_left_out_first_and_it_is_said(streams: Any) -> None:
    data = data_of(streams.long_text(200), max_bytes=10_000)
    assert "raw" not in data["runs"][0]
    assert "sizes" in data["runs"][0]["events"]
    assert len(data["left_out"]) == 1
    assert "run.chunks[i].data" in data["left_out"][0]


def test_then_sizes_then_ends_of_texts_then_answers_are_left_out(streams: Any) -> None:
    run = streams.long_text(3000)
    whole = data_of(run)["runs"][0]["parts"][0]["text"]
    data = data_of(run, max_bytes=12_000)
    assert [note.split(" are ")[0] for note in data["left_out"]] == [
        "The raw bytes",
        "The sizes of the chunks",
        "Texts",
    ]
    text = data["runs"][0]["parts"][0]["text"]
    assert whole.startswith(text) and 0 < len(text) < len(whole)
    assert measure_json(data) <= 12_000
    tiny = data_of(run, run, max_bytes=100)
    assert tiny["runs"] == []
    assert tiny["left_out"][-1].startswith("2 of 2 answers")


def test_ten_thousand_chunks_weigh_little(streams: Any) -> None:
    data = data_of(streams.long_text(10_000))
    assert measure_json(data) < 150_000


def test_usage_that_changes_with_every_chunk_is_thinned_out(streams: Any) -> None:
    chunks = [
        streams.chunk({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": n})
        for n in range(1203)
    ]
    rows = data_of(streams.read(chunks))["runs"][0]["usage"]
    assert len(rows) <= 501
    assert rows[-1] | {"chunk": 1202, "input": 1, "output": 1202} == rows[-1]


def test_rows_have_named_columns(talk: cv.Conversation) -> None:
    (first, _) = data_of(talk)["runs"]
    names = ["chunk", "input", "output", "cached", "reasoning", "total", "USD"]
    assert [list(row) for row in first["usage"]] == [names]
    names = ["severity", "code", "message", "chunk", "last_chunk", "count"]
    assert {tuple(row) for row in first["findings"]} == {tuple(names)}


def test_raw_bytes_are_there_only_for_those_who_show_them(talk: cv.Conversation) -> None:
    data = data_of(talk, has_raw=False)
    assert [columns for columns in data["runs"] if "raw" in columns or "raw64" in columns] == []
    assert data["left_out"] == []
    assert "raw" in data_of(talk)["runs"][0]


def test_nothing_at_all_is_data_too() -> None:
    assert data_of()["runs"] == []
