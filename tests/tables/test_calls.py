"""tool_call_table and argument_table."""

from __future__ import annotations

import json

import pytest

from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from chatviz.tables import argument_table, tool_call_table

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
    "additionalProperties": False,
}


def run_of(*fragments: str, schema: object = None) -> StreamRun:
    """Return a run with one call of the tool ``add``, a chunk for each fragment."""
    body = b""
    for text in fragments:
        call = {"index": 0, "id": "x", "function": {"name": "add", "arguments": text}}
        choice = {"index": 0, "delta": {"tool_calls": [call]}}
        body += f"data: {json.dumps({'choices': [choice]})}\n\n".encode()
    function = {"name": "add", "parameters": schema}
    tools = [] if schema is None else [{"type": "function", "function": function}]
    return read_stream(body, {"model": "m", "messages": [], "tools": tools})


def test_the_seeds_calls_have_13_13_12_and_12_fragments(seeds):
    table = tool_call_table(read_runs([seeds.fireworks, seeds.novita]))
    assert table["run"].tolist() == [0, 0, 2, 2]
    assert table["call"].tolist() == [0, 1, 0, 1]
    assert table["fragments"].tolist() == [13, 13, 12, 12]
    assert table["empty_fragments"].tolist() == [1, 1, 0, 0]
    ids = ["functions.add:0", "functions.multiply:1", "add:0", "multiply:1"]
    assert table["id"].tolist() == ids
    assert set(table["arguments"]) == {'{"a": 2, "b": 3}'}
    assert table["is_valid"].all()
    assert table["runnable_after_fragment"].tolist() == [11] * 4
    assert table["runnable_after_chunk"].tolist() == [26, 40, 29, 42]
    assert table["first_chunk"].tolist() == [14, 28, 17, 30]
    assert table["last_chunk"].tolist() == [27, 41, 29, 42]
    assert set(table["schema_verdict"]) == {"right"}


def test_a_call_has_the_result_that_the_next_request_brings_rewritten_ids_too(seeds):
    for path in seeds:
        talk = read_conversation(path)
        for runs in (talk, talk.runs, iter(talk.runs)):
            assert tool_call_table(runs)["result"].tolist() == ["5", "6"]
        assert tool_call_table(talk.runs[0])["result"].isna().all()


def test_the_paths_of_the_seeds_arguments_are_told_with_their_fragments_and_chunks(seeds):
    table = argument_table(read_runs(seeds.fireworks)).query("call == 0")
    assert table["path"].tolist() == ["$", "$.a", "$.b"]
    assert table["kind"].tolist() == ["object", "number", "number"]
    assert table["first_fragment"].tolist() == [0, 4, 10]
    assert table["last_fragment"].tolist() == [11, 4, 10]
    assert table["first_chunk"].tolist() == [15, 19, 25]
    assert table["last_chunk"].tolist() == [26, 19, 25]
    assert table["value"].tolist() == ['{"a": 2, "b": 3}', "2", "3"]
    assert set(table["state"]) == {"complete"}
    assert set(table["verdict"]) == {"right"}
    assert table["message"].isna().all()


def test_arguments_that_break_the_schema_are_wrong_and_a_missing_path_has_a_row():
    run = run_of('{"a": "1",', ' "c": 2}', schema=SCHEMA)
    assert tool_call_table(run)["schema_verdict"].tolist() == ["wrong"]
    table = argument_table(run).set_index("path")
    assert table["verdict"].to_dict() == {
        "$": "right",
        "$.a": "wrong type",
        "$.c": "not allowed",
        "$.b": "missing",
    }
    missing = table.loc["$.b"]
    assert missing.drop(["run", "call", "verdict", "message"]).isna().all()
    assert table["message"].isna().tolist() == [True, False, False, False]


def test_arguments_that_broke_off_are_not_valid_and_never_runnable():
    run = run_of('{"a": 1, "b": "x', "y", schema=None)
    row = tool_call_table(run).iloc[0]
    assert not row["is_valid"]
    assert "the text ends" in row["error"]
    assert row.isna()[["runnable_after_fragment", "runnable_after_chunk", "schema_verdict"]].all()
    table = argument_table(run).set_index("path")
    assert table["state"].to_dict() == {"$": "open", "$.a": "complete", "$.b": "open"}
    assert table.loc["$.b", "value"] == '"xy'
    assert table["verdict"].isna().all()


@pytest.mark.parametrize(
    ("schema", "text", "verdict"),
    [
        ({"type": "object"}, "", "right"),
        (SCHEMA, "", "wrong"),
        ({"type": 5}, "{}", None),
        (SCHEMA, "?", None),
        (None, "{}", None),
    ],
)
def test_the_verdict_is_missing_where_nothing_can_be_said(schema, text, verdict):
    table = tool_call_table(run_of(text, schema=schema))["schema_verdict"]
    assert table.isna().item() is (verdict is None)
    assert verdict is None or table.item() == verdict


def test_empty_arguments_stand_for_an_empty_object_that_has_a_verdict():
    table = argument_table(run_of("", schema=SCHEMA))
    assert table["path"].tolist() == ["$", "$.a", "$.b"]
    assert table["verdict"].tolist() == ["right", "missing", "missing"]
    assert table[["kind", "first_fragment", "state", "value"]].isna().all(axis=None)


def test_a_call_without_arguments_has_no_fragments_and_no_paths():
    body = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{'
    run = read_stream(body + b'"name":"now"}}]}}]}\n\n')
    row = tool_call_table(run).iloc[0]
    assert (row["fragments"], row["arguments"], row["is_valid"]) == (0, "", True)
    assert (row["first_chunk"], row["last_chunk"], row["runnable_after_chunk"]) == (0, 0, 0)
    assert row.isna()["runnable_after_fragment"]
    assert len(argument_table(run)) == 0


def test_an_unstreamed_answer_has_its_calls_and_arguments_too():
    call = {"id": "x", "type": "function", "function": {"name": "f", "arguments": '{"a": [1]}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    run = read_stream(json.dumps({"choices": [{"index": 0, "message": message}]}).encode())
    row = tool_call_table(run).iloc[0]
    assert (row["first_chunk"], row["last_chunk"], row["fragments"]) == (0, 0, 1)
    assert argument_table(run)["path"].tolist() == ["$", "$.a", "$.a[0]"]


def test_an_id_or_a_name_that_never_came_is_missing():
    delta = b'{"tool_calls":[{"function":{"arguments":"{}"}}]}'
    run = read_stream(b'data: {"choices":[{"index":0,"delta":' + delta + b"}]}\n\n")
    row = tool_call_table(run).iloc[0]
    assert row.isna()[["index", "id", "name", "result"]].all()


def test_a_long_object_is_cut_with_a_mark_and_a_long_string_is_whole():
    text = json.dumps({"text": "x" * 1000})
    table = argument_table(run_of(text)).set_index("path")
    assert table.loc["$", "value"] == text[:200] + "…"
    assert table.loc["$.text", "value"] == f'"{"x" * 1000}"'


def test_deep_nesting_costs_each_path_only_a_short_value():
    table = argument_table(run_of("[" * 5000 + "]" * 5000))
    assert len(table) == 5000
    assert table["value"].str.len().max() == 201


def test_half_a_character_in_arguments_is_shown_as_an_escape():
    body = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{'
    run = read_stream(body + b'"name":"f","arguments":"{\\"a\\": \\"\\udc00\\"}"}}]}}]}\n\n')
    assert tool_call_table(run)["arguments"].item() == '{"a": "\\udc00"}'
    assert argument_table(run)["value"].tolist() == ['{"a": "\\udc00"}', '"\\udc00"']
