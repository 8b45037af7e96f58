"""chunk_table and delta_table."""

from __future__ import annotations

import json

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.tables import chunk_table, delta_table, tool_call_table


def event(delta: object = None, *, end: str = "\n\n", index: int = 0, **more: object) -> bytes:
    choices = [] if delta is None else [{"index": index, "delta": delta, **more}]
    fields = more if delta is None else {}
    return f"data: {json.dumps({'choices': choices, **fields})}{end}".encode()


def call(arguments: str | None, index: int | None = 0, **more: object) -> dict[str, object]:
    function = {} if arguments is None else {"arguments": arguments}
    name = more.pop("name", None)
    function |= {} if name is None else {"name": name}
    known = {} if index is None else {"index": index}
    return {"tool_calls": [{**known, **more, "function": function}]}


USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def test_the_seeds_have_a_row_for_each_chunk_with_what_it_brings(seeds):
    table = chunk_table(read_runs([seeds.fireworks, seeds.novita]))
    assert table.groupby("run").size().tolist() == [44, 30, 45, 34]
    assert table[table["run"] == 0]["chunk"].tolist() == list(range(44))
    first = table[table["run"] == 0].set_index("chunk")
    assert first["kind"].astype(str).tolist()[:2] == ["role", "text"]
    assert (first["kind"] == "tool_call").sum() == 28
    assert first["kind"].iloc[-1] == "usage"
    assert "".join(first["text"][first["kind"] == "tool_call"]) == '{"a": 2, "b": 3}' * 2
    assert table[["at_s", "gap_s"]].isna().all(axis=None)


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r"])
def test_start_and_size_are_those_of_the_chunk_and_cover_the_body(end):
    body = b"".join(event({"content": f"{n}"}, end=end) for n in range(5))
    run = read_stream(body)
    table = chunk_table(run)
    assert table["start_byte"].tolist() == [chunk.start for chunk in run.chunks]
    assert table["size_bytes"].tolist() == [chunk.end - chunk.start for chunk in run.chunks]
    assert table["size_bytes"].sum() == len(body)
    assert table["event"].tolist() == [chunk.event for chunk in run.chunks]


@pytest.mark.parametrize(
    ("chunk", "kind", "text"),
    [
        (event({"role": "assistant", "content": ""}), "role", ""),
        (event({"content": ""}), "empty", ""),
        (event({"content": "a"}), "text", "a"),
        (event({"reasoning": "b"}), "reasoning", "b"),
        (event({"reasoning_details": [{"type": "x"}]}), "reasoning", ""),
        (event({"refusal": "c"}), "refusal", "c"),
        (event(call("{}")), "tool_call", "{}"),
        (event(call("", name="f", id="x")), "tool_call", ""),
        (event({"reasoning": "b", "content": "a"}), "text", "ba"),
        (event({"content": "a", **call("{}")}), "tool_call", "a{}"),
        (event({"content": ["x", {"type": "text", "text": "y"}, "z"]}), "text", "xyz"),
        (event({}, finish_reason="stop"), "finish", ""),
        (event({"content": "a"}, finish_reason="stop"), "text", "a"),
        (event(usage=USAGE), "usage", ""),
        (event({}, finish_reason="stop", usage=USAGE), "finish", ""),
        (event(error={"message": "no"}), "error", ""),
        (event({"songs": [1]}), "unknown", ""),
        (event({"annotations": [{"type": "url_citation"}]}), "citation", ""),
        (event({"role": "assistant", "strange": 1}), "role", ""),
        (b"data: no json\n\n", "unknown", ""),
        (b"data: [1]\n\n", "unknown", ""),
    ],
)
def test_a_chunk_is_told_by_the_first_thing_of_the_list_that_it_brings(chunk, kind, text):
    table = chunk_table(read_stream(event() + chunk + event()))
    assert table["kind"].tolist() == ["empty", kind, "empty"]
    assert table["text"].tolist() == ["", text, ""]
    assert table["text_length"].tolist() == [0, len(text), 0]


def test_measured_times_and_gaps_stand_in_seconds():
    reader = StreamReader()
    for at in (0.5, 0.75, 1.5):
        reader.feed(event({"content": "a"}), at)
    table = chunk_table([reader.close(), read_stream(event({"content": "b"}))])
    assert table["at_s"].isna().tolist() == [False, False, False, True]
    assert table["at_s"].dropna().tolist() == [0.5, 0.75, 1.5]
    assert table["gap_s"].isna().tolist() == [True, False, False, True]
    assert table["gap_s"].dropna().tolist() == [0.25, 0.75]
    assert table["timing"].tolist() == ["measured"] * 3 + ["none"]


def test_a_chunk_whose_time_was_not_seen_has_none_and_no_gap_is_told_from_it():
    reader = StreamReader()
    for at in (None, 1.0, 1.5):
        reader.feed(event({"content": "a"}), at)
    table = chunk_table(reader.close())
    assert table["at_s"].fillna(-1).tolist() == [-1, 1.0, 1.5]
    assert table["gap_s"].fillna(-1).tolist() == [-1, -1, 0.5]


def test_a_providers_clock_in_whole_seconds_gives_times_but_no_gaps():
    body = b"".join(event(created=100 + second) for second in (0, 0, 1, 3))
    table = chunk_table(read_stream(body))
    assert set(table["timing"]) == {"provider_clock"}
    assert table["at_s"].tolist() == [0, 0, 1, 3]
    assert table["gap_s"].isna().all()


def test_a_providers_fine_clock_gives_gaps():
    body = b"".join(event(created=second) for second in (100.5, 100.75, 101.0))
    table = chunk_table(read_stream(body))
    assert table["at_s"].tolist() == [0, 0.25, 0.5]
    assert table["gap_s"].dropna().tolist() == [0.25, 0.25]


def test_the_run_so_far_has_its_table_and_can_be_read_on():
    reader = StreamReader()
    reader.feed(event({"content": "a"}))
    so_far = chunk_table(reader.run)
    reader.feed(event({"content": "b"}))
    assert so_far["text"].tolist() == ["a"]
    assert chunk_table(reader.close())["text"].tolist() == ["a", "b"]


def test_a_delta_has_its_kind_its_text_and_where_it_stood():
    body = (
        b'data: {"id":"i","model":"m","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n'
        + event({"reasoning": "r", "content": "t", "odd": 1})
        + event({"reasoning_details": [{"type": "reasoning.encrypted", "data": "xyz"}]})
        + event({"refusal": "no"}, finish_reason="stop")
        + event(usage=USAGE)
        + event(error={"message": "broke"})
    )
    table = delta_table(read_stream(body))
    told = {
        kind: (text, field)
        for kind, text, field in zip(
            table["kind"], table["text"].fillna("-"), table["field"].fillna("-"), strict=True
        )
    }
    assert told["identity"] == ("-", "-")
    assert told["role"] == ("assistant", "-")
    assert told["reasoning"] == ("r", "reasoning")
    assert told["text"] == ("t", "-")
    assert told["unknown"] == ("1", "$.choices[0].delta.odd")
    assert told["refusal"] == ("no", "-")
    assert told["finish"] == ("stop", "-")
    assert json.loads(told["usage"][0]) == USAGE
    assert told["usage"][1] == "usage"
    assert told["error"] == ("broke", "-")
    assert json.loads(told["signature"][0])["data"] == "xyz"
    identity = table.iloc[0]
    assert (identity["id"], identity["name"], identity["chunk"]) == ("i", "m", 0)
    assert table["delta"].tolist() == list(range(len(table)))
    assert table[table["kind"].isin(["identity", "usage", "error"])]["choice"].isna().all()


def test_every_fragment_of_the_seeds_names_its_call_and_its_place(seeds):
    runs = read_runs([seeds.fireworks, seeds.novita])
    table = delta_table(runs)
    fragments = table[table["fragment"].notna()]
    assert fragments.groupby(["run", "call"]).size().tolist() == [13, 13, 12, 12]
    for run_number, run in enumerate(runs):
        for tool_call in run.message.tool_calls:
            rows = fragments[
                (fragments["run"] == run_number) & (fragments["call"] == tool_call.position)
            ]
            assert rows["fragment"].tolist() == list(range(len(tool_call.fragments)))
            assert rows["text"].tolist() == list(tool_call.fragments.texts)
            assert rows["chunk"].tolist() == list(tool_call.fragments.chunks)


def test_interleaved_calls_without_index_are_told_apart_as_the_message_tells_them():
    body = b"".join(
        [
            event(call("{", None, id="a", name="f")),
            event(call("[", None, id="b", name="g")),
            event(call("}", None, id="a")),
            event(call("]", None, id="b")),
        ]
    )
    table = delta_table(read_stream(body)).query("kind == 'tool_call'")
    assert table["call"].tolist() == [0, 1, 0, 1]
    assert table["fragment"].tolist() == [0, 0, 1, 1]
    assert table["index"].isna().all()


def test_a_tool_delta_without_arguments_has_a_call_and_no_fragment():
    body = event(call(None, id=None, name="f")) + event(call("{}"))
    table = delta_table(read_stream(body)).query("kind == 'tool_call'")
    assert table["call"].tolist() == [0, 0]
    assert table["fragment"].fillna(-1).tolist() == [-1, 0]
    assert table["text"].fillna("-").tolist() == ["-", "{}"]
    assert table["id"].fillna("absent").tolist() == ["", "absent"]


def test_the_calls_of_several_choices_are_numbered_through():
    body = (
        event(call("{}", name="f"), index=1)
        + event(call("[]", name="g"), index=0)
        + event(call("{}", 1, name="h"), index=0)
    )
    run = read_stream(body)
    deltas, calls = delta_table(run).query("kind == 'tool_call'"), tool_call_table(run)
    assert calls[["call", "choice", "name"]].to_numpy().tolist() == [
        [0, 0, "g"],
        [1, 0, "h"],
        [2, 1, "f"],
    ]
    assert deltas["call"].tolist() == [2, 0, 1]
    assert deltas["choice"].tolist() == [1, 0, 0]
