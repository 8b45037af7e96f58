"""Which piece filled which part: every part is the sum of its pieces, in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import Delta, SignatureDelta, TextDelta
from chatviz.chat.manners import Manners
from chatviz.runs.pieces import PieceFinder
from chatviz.views.inspector.runs import run_columns


def anthropic(*events: dict[str, Any]) -> cv.StreamRun:
    """Return an answer in the events of Anthropic, made by hand."""
    start = {"type": "message_start", "message": {"id": "msg_1", "role": "assistant", "model": "m"}}
    sent = [start, *events, {"type": "message_stop"}]
    return cv.read_stream(b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in sent))


def block(index: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": begun},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


@pytest.fixture
def several_kinds() -> cv.StreamRun:
    """Thinking, text with a source, a server's call and its result, thinking, text, and a call."""
    thinking = {"type": "thinking", "thinking": ""}
    text = {"type": "text", "text": ""}
    result = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [1]}
    return anthropic(
        *block(
            0,
            thinking,
            {"type": "thinking_delta", "thinking": "first"},
            {"type": "signature_delta", "signature": "abc"},
        ),
        *block(
            1,
            text,
            {"type": "citations_delta", "citation": {"url": "u"}},
            {"type": "text_delta", "text": "One "},
            {"type": "text_delta", "text": "moment."},
        ),
        *block(
            2,
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
            {"type": "input_json_delta", "partial_json": '{"q": 1}'},
        ),
        *block(3, result),
        *block(4, thinking, {"type": "thinking_delta", "thinking": "second"}),
        *block(5, text, {"type": "text_delta", "text": "Done."}),
        *block(
            6,
            {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}},
            {"type": "input_json_delta", "partial_json": "{}"},
        ),
    )


def test_parts_are_in_the_order_of_the_message(several_kinds: cv.StreamRun) -> None:
    run = several_kinds
    finder = PieceFinder(run.spoken.manners)
    found = finder.take(run.deltas.chunks, run.deltas.values, run.answer.choices)
    texts = {(one.place, one.said_as.__name__): "".join(one.texts) for one in found}
    assert texts[1, "TextDelta"] == "One moment."
    assert json.loads(texts[1, "CitationDelta"]) == {"url": "u"}
    assert texts[2, "ServerCallDelta"] == '{"q": 1}'
    assert [texts[place, "ReasoningDelta"] for place in (0, 4)] == ["first", "second"]
    assert texts[5, "TextDelta"] == "Done."
    assert sorted(one.place for one in found) == [0, 0, 1, 1, 2, 3, 4, 5]
    assert 6 not in {one.place for one in found}  # a call has its own fragments


def test_pieces_taken_in_steps_are_those_taken_at_once(several_kinds: cv.StreamRun) -> None:
    deltas, choices = several_kinds.deltas, several_kinds.answer.choices
    whole = PieceFinder(several_kinds.spoken.manners).take(deltas.chunks, deltas.values, choices)
    finder, joined = PieceFinder(several_kinds.spoken.manners), dict[Any, list[str]]()
    for n in range(len(deltas)):
        for one in finder.take(deltas.chunks[n : n + 1], deltas.values[n : n + 1], choices):
            joined.setdefault((one.choice, one.place, one.said_as), []).extend(one.texts)
    assert joined == {(one.choice, one.place, one.said_as): one.texts for one in whole}


def test_the_inspector_has_every_part_in_its_place(several_kinds: cv.StreamRun) -> None:
    parts = run_columns(several_kinds)["parts"]
    placed = sorted((part["place"], part["kind"], part.get("text")) for part in parts)
    kinds = [(place, kind) for place, kind, _ in placed]
    assert kinds == [
        (0, "reasoning"), (0, "signed"), (1, "citation"), (1, "text"), (2, "server_call"),
        (3, "server_result"), (4, "reasoning"), (5, "text"), (6, "call"),
    ]  # fmt: skip
    (call,) = [part for part in parts if part["kind"] == "server_call"]
    assert (call["name"], call["text"]) == ("web_search", '{"q": 1}')
    assert next(part for part in parts if part["kind"] == "signed").get("text") is None


def test_the_transcript_tells_all_parts_in_their_order(several_kinds: cv.StreamRun) -> None:
    rows = [(who, what) for _, who, what in cv.transcript(several_kinds).tables[0].rows]
    assert [who for who, _ in rows] == [
        "reasoning", "assistant", "sources", "server calls", "server's result", "reasoning",
        "assistant", "calls 0",
    ]  # fmt: skip
    assert ("server calls", 'web_search({"q": 1})') in rows
    assert rows[-1] == ("calls 0", "add({})")


def test_a_signature_of_a_call_that_never_came_belongs_to_a_reasoning_part() -> None:
    manners = Manners()
    signed: list[Delta] = [TextDelta(0, "Hi"), SignatureDelta(0, '"s"', of="call")]
    assembler = MessageAssembler(manners)
    for chunk, delta in enumerate(signed):
        assembler.add(delta, chunk)
    found = PieceFinder(manners).take([0, 1], signed, assembler.choices)
    assert [(one.place, one.part.kind, one.texts) for one in found] == [
        (0, "text", ["Hi"]),
        (1, "reasoning", ['"s"']),
    ]
