"""Several answers to one question as a picture, as tables and as data."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

import chatviz as cv
from chatviz.views.compare.compare import compare
from chatviz.views.drawing.html import MarkedText
from chatviz.views.view import View

SEEDS = ("openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita")


@pytest.fixture(scope="module")
def talks() -> list[cv.Conversation]:
    return [cv.read_conversation(cv.sample(name)) for name in SEEDS]


def read_data(view: View) -> dict[str, Any]:
    """The data that a view mounts."""
    assert view.mount is not None
    data: dict[str, Any] = view.mount.data
    return data


def test_two_providers_are_told_apart_number_by_number(talks: list[cv.Conversation]) -> None:
    numbers = compare(*talks).tables[0]
    assert numbers.columns == ("", "A: Fireworks", "B: Novita")
    rows = {row[0]: row[1:] for row in numbers.rows}
    assert rows["chunks"] == (74, 79)
    assert rows["fragments"] == (26, 24)
    assert rows["input tokens"] == (493, 394)
    assert [str(cost) for cost in rows["cost (USD)"]] == ["0.0005058", "0.0004564"]
    assert rows["clock"] == ("chunks: no times; headers: recorder",) * 2


def test_the_first_difference_of_each_part_is_told(talks: list[cv.Conversation]) -> None:
    rows = compare(*talks).tables[1].rows
    assert [row[:3] for row in rows] == [
        (1, "text", 5),
        (1, "call 0: add", None),
        (1, "call 1: multiply", None),
        (2, "text", 0),
    ]
    shown = rows[0][4]
    assert shown == ("“perform both the addition and multiplica…” (chunk 2; 6 of 14 words differ)")
    assert isinstance(shown, MarkedText)
    assert [shown[a:b] for a, b in shown.spans] == ["perform both", "addition and multiplica"]
    assert rows[1][3:] == ("the same, in 13 pieces", "the same, in 12 pieces")


def test_what_differs_begins_with_its_word(streams: Any) -> None:
    runs = [streams.read([streams.chunk({"content": text})]) for text in ("a house", "a horse")]
    assert compare(*runs).tables[1].rows[0][3:] == (
        "“house” (chunk 0; 1 of 2 words differ)",
        "“horse” (chunk 0; 1 of 2 words differ)",
    )


def test_the_same_json_is_said_to_be_spelled_otherwise(streams: Any) -> None:
    def run(arguments: str) -> cv.StreamRun:
        call = {"index": 0, "id": "c", "function": {"name": "add", "arguments": arguments}}
        read: cv.StreamRun = streams.read([streams.chunk({"tool_calls": [call]})])
        return read

    view = compare(run('{"a":2}'), run('{"a": 2}'))
    told = "the same JSON, spelled otherwise, in 1 piece"
    assert view.tables[1].rows == ((1, "call 0: add", None, told, told),)
    assert "1 part, 0 of them with a difference" in view.sentence


def test_a_servers_call_in_other_letters_is_the_same_json() -> None:
    """Synthetic, in the shape of Anthropic's web search."""

    def run(sent: str) -> cv.StreamRun:
        block = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
        piece = {"type": "input_json_delta", "partial_json": sent}
        events = [
            {"type": "message_start", "message": {"id": "m", "role": "assistant", "content": []}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": piece},
        ]
        return cv.read_stream("".join(f"data: {json.dumps(one)}\n\n" for one in events).encode())

    rows = compare(run('{"query":"a"}'), run('{"query": "a"}')).tables[1].rows
    told = "the same JSON, spelled otherwise, in 1 piece"
    assert rows == ((1, "server call", None, told, told),)
    (row,) = compare(run('{"query":"a"}'), run('{"query": "b"}')).tables[1].rows
    assert row[2] == 9


def test_findings_stand_side_by_side(talks: list[cv.Conversation]) -> None:
    rows = {row[0]: row[1:] for row in compare(*talks).tables[2].rows}
    assert rows["finding call_id_null"] == (2, 0)
    assert rows["finding call_id_rewritten"] == (0, 2)


def test_the_sentence_tells_the_first_difference(talks: list[cv.Conversation]) -> None:
    assert str(compare(*talks)) == (
        "Comparison of A: Fireworks and B: Novita: 4 parts, 2 of them with a difference; "
        "the first is in text of step 1, behind 5 characters."
    )


def test_less_than_two_sides_are_refused(talks: list[cv.Conversation]) -> None:
    with pytest.raises(ValueError, match="at least two sides, found 1"):
        compare(talks[0])


def test_three_sides_and_a_side_without_an_answer_are_shown(streams: Any) -> None:
    run = streams.read(streams.every_kind())
    view = compare(run, [run], [])
    assert view.tables[0].columns == (
        "",
        "A: api.example.com",
        "B: api.example.com",
        "C: no answer",
    )
    assert {row[-1] for row in view.tables[1].rows} == {"(not there)"}
    assert {row[3].split(",")[0] for row in view.tables[1].rows} == {"the same"}
    parts = len(view.tables[1].rows)
    assert f"0 of them with a difference, {parts} not on all sides." in view.sentence


def test_what_one_side_alone_says_is_not_said_to_be_the_same(streams: Any) -> None:
    view = compare(streams.read(streams.every_kind()), [])
    told = [row[3] for row in view.tables[1].rows]
    assert told and all(one.startswith("only here, in ") for one in told)


def test_the_picture_is_well_formed_and_small(streams: Any) -> None:
    view = compare(streams.long_text(10_000), streams.long_text(9_000))
    ElementTree.fromstring(view.svg)
    assert len(view.svg) < 25_000


def test_the_data_is_at_most_twice_the_streams(streams: Any) -> None:
    def run(letter: str) -> Any:
        return streams.read([streams.chunk({"content": letter * 400_000})])

    data = read_data(compare(run("a"), run("b"), run("c")))
    assert data["left_out"] == ["Texts are cut to their first 82%."]
    assert len(json.dumps(data)) <= 1_000_000


def test_offsets_are_counted_as_a_browser_counts_them(streams: Any) -> None:
    runs = [streams.read([streams.chunk({"content": text})]) for text in ("😀a", "😀b")]
    (strand,) = read_data(compare(*runs))["strands"]
    assert strand["offset"] == 2


def test_hostile_text_becomes_no_markup(streams: Any, hostile: str) -> None:
    run = streams.read(streams.every_kind(hostile), request={"model": hostile, "messages": []})
    view = compare(run, streams.read(streams.every_kind("x")))
    ElementTree.fromstring(view.svg)
    assert "<script>alert" not in view.html
    assert view.html.count("</script>") == 1
    view.html.encode()
