from __future__ import annotations

import re
from typing import Any

from chatviz.cassettes.reading import read_runs
from chatviz.views.tool_calls.tool_calls import tool_calls

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    "required": ["a", "b"],
    "additionalProperties": False,
}


def asking(schema: Any, name: str = "add") -> dict[str, Any]:
    function = {"name": name, "parameters": schema}
    return {"model": "m", "messages": [], "tools": [{"type": "function", "function": function}]}


def one_call(streams: Any, fragments: list[str], **read: Any) -> Any:
    first = streams.chunk(streams.call(0, fragments[0], id="c-0", name="add"))
    rest = [streams.chunk(streams.call(0, text)) for text in fragments[1:]]
    return streams.read([first, *rest, b"data: [DONE]\n\n"], **read)


def texts(view: Any) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", view.svg)


def test_the_seeds_calls_are_told_exactly(seeds: Any) -> None:
    view = tool_calls(read_runs(seeds.fireworks))
    assert view.sentence == (
        "2 tool calls in 26 fragments with 6 argument paths: add (right), multiply (right)."
    )
    calls, paths = view.tables
    assert calls.rows[0] == (
        "step 1", 0, "add", "functions.add:0", 13, 16, 14, 27, '{"a": 2, "b": 3}'
    )  # fmt: skip
    assert paths.rows[1] == ("step 1, call 0", "$.a", "2", "right", 4, 4, 19, 19)


def test_fragments_stand_in_their_boxes_and_paths_on_their_lines(streams: Any) -> None:
    fragments = ['{"a', '": 2', ', "b": ', "3}"]
    written = texts(tool_calls(one_call(streams, fragments, request=asking(SCHEMA))))
    for text in ('{"a', '": 2', ', "b": ', "3}", "$.a", "$.b", "add · id c-0"):
        assert text in written
    assert written.count("right") == 3
    assert any("could be run after fragment 3" in text for text in written)


def test_verdicts_are_in_words(streams: Any) -> None:
    run = one_call(streams, ['{"a": "x", "c": 1}'], request=asking(SCHEMA))
    view = tool_calls(run)
    verdicts = {row[1]: row[3].split(":")[0] for row in view.tables[1].rows}
    assert verdicts == {
        "$": "right", "$.a": "wrong type", "$.c": "not allowed", "$.b": "missing"
    }  # fmt: skip
    assert {"wrong type", "not allowed", "missing"} <= set(texts(view))
    assert view.sentence.endswith("add (3 wrong).")
    assert any(finding.code == "arguments_against_schema" for finding in view.findings)


def test_a_call_without_schema_says_so_and_a_cut_one_is_unfinished(streams: Any) -> None:
    view = tool_calls(one_call(streams, ['{"a": 1, "b": [2']))
    verdicts = {row[1]: row[3] for row in view.tables[1].rows}
    assert verdicts == {
        "$": "unfinished", "$.a": "no schema", "$.b": "unfinished", "$.b[0]": "unfinished"
    }  # fmt: skip
    assert "no JSON object" in view.sentence


def test_a_key_sent_again_replaces_the_first(streams: Any) -> None:
    run = one_call(streams, ['{"a": 1, "b": 2, "a": 3}'], request=asking(SCHEMA))
    verdicts = [row[3] for row in tool_calls(run).tables[1].rows]
    assert verdicts == ["right", "replaced", "right", "right"]


def test_a_faulty_schema_checks_nothing(streams: Any) -> None:
    run = one_call(streams, ['{"a": 1}'], request=asking({"type": 12}))
    assert {row[3] for row in tool_calls(run).tables[1].rows} == {"not checked"}


def test_thousands_of_fragments_become_bars_that_say_so(streams: Any) -> None:
    value = "x" * 3_000
    run = one_call(streams, ['{"a": "', *value, '"}'])
    view = tool_calls(run)
    assert "one bar: 31 fragments" in texts(view)
    assert len(view.svg.encode()) <= 25_000
    assert "… (2,702 more characters)" in view.tables[1].rows[1][2]


def test_many_paths_and_many_calls_stay_small_and_say_what_is_left_out(streams: Any) -> None:
    arguments = '{"rows": [' + ", ".join(f'{{"n": {n}}}' for n in range(150)) + "]}"
    chunks = [
        streams.chunk(streams.call(n, arguments, id=f"c{n}", name=f"tool_{n}")) for n in range(60)
    ]
    view = tool_calls(streams.read([*chunks, b"data: [DONE]\n\n"]))
    assert len(view.svg.encode()) <= 25_000
    written = texts(view)
    assert any(re.fullmatch(r"\d+ more paths in the table only.", text) for text in written)
    assert any(re.fullmatch(r"5\d more calls in the tables only.", text) for text in written)
    assert "… (102 more paths)" in [row[1] for row in view.tables[1].rows]
    assert "and 54 more" in view.sentence


def test_wrong_paths_are_shown_even_behind_many_right_ones(streams: Any) -> None:
    rows = [*["1"] * 50, '"x"']
    schema = {"properties": {"r": {"type": "array", "items": {"type": "number"}}}}
    run = one_call(streams, [f'{{"r": [{", ".join(rows)}]}}'], request=asking(schema))
    assert "$.r[50]" in texts(tool_calls(run))


def test_no_call_and_no_arguments_are_said(streams: Any) -> None:
    assert tool_calls([]).sentence == "Tool calls: none."
    assert "No tool was called." in texts(tool_calls(streams.long_text(3)))
    delta = {"tool_calls": [{"index": 0, "function": {"name": "now"}}]}
    written = texts(tool_calls(streams.read([streams.chunk(delta)])))
    assert "now · no id" in written
    assert "No arguments came." in written


def test_hostile_text_becomes_no_markup(streams: Any, hostile: str) -> None:
    import json

    arguments = json.dumps({hostile: hostile})
    chunks = [
        streams.chunk(streams.call(0, "", id=hostile, name=hostile)),
        *(streams.chunk(streams.call(0, letter)) for letter in arguments),
        streams.chunk(streams.call(1, hostile, id="2", name="broken")),
    ]
    view = tool_calls(streams.read(chunks))
    view.html.encode()
    for markup in ("<script", "<!--", "<img src=x", "\x00", "\u202e"):
        assert markup not in view.svg
        assert markup not in view.html


def test_two_pictures_of_the_same_are_the_same_bytes(seeds: Any) -> None:
    one, other = (tool_calls(read_runs(seeds.novita)).html for _ in range(2))
    assert one == other
