"""Parts of every kind are paired, and said what they are."""

from __future__ import annotations

import json
from dataclasses import replace

import chatviz as cv
from chatviz.chat.messages import (
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResult,
    Text,
    ToolCall,
    ToolResult,
    UnknownPart,
)
from chatviz.evidence.drift.pairing import pair_parts, part_kind

PARTS: dict[str, Part] = {
    "text": Text("a"),
    "text with sources": Text("a", citations=("{}",)),
    "text, signed": Text("a", ("{}",)),
    "reasoning": Reasoning("a"),
    "reasoning without text, signed": Reasoning("", ("{}",)),
    "refusal": Refusal("no"),
    "call": ToolCall(0, 0, "c", "add", "{}"),
    "server call": ServerToolCall("s", "search", "web_search", "{}"),
    "server result": ServerToolResult("s", "web_search", "[]"),
    "tool result": ToolResult("c", "5"),
    "image": Media("image", "{}"),
    "video": UnknownPart("video", "{}"),
    "media": Media("", "{}"),
}


def test_each_kind_of_part_has_its_words() -> None:
    assert {words: part_kind(part) for words, part in PARTS.items()} == {w: w for w in PARTS}


def test_a_part_is_found_again_wherever_one_before_it_is_gone() -> None:
    parts = tuple(PARTS.values())
    for gone in range(len(parts)):
        left = parts[:gone] + parts[gone + 1 :]
        pairs = pair_parts(Message("assistant", parts), Message("assistant", left))
        assert [one.old_place for one in pairs if one.new is None] == [gone]
        assert all(one.old == one.new for one in pairs if one.new is not None)
    assert pair_parts(None, None) == []


def server_search(query: str, *, cites: bool) -> cv.StreamRun:
    """A synthetic answer in which the provider searches, and may cite what it found."""
    cited = {"type": "web_search_result_location", "url": "https://example.com", "cited_text": "x"}
    use = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    piece = {"type": "input_json_delta", "partial_json": json.dumps({"query": query})}
    blocks: list[tuple[dict[str, object], list[dict[str, object]]]] = [
        (use, [piece]),
        ({"type": "text", "text": ""}, [
            {"type": "text_delta", "text": "Found."},
            *([{"type": "citations_delta", "citation": cited}] if cites else []),
        ]),
    ]  # fmt: skip
    events: list[dict[str, object]] = [
        {"type": "message_start", "message": {"id": "m", "role": "assistant", "content": []}}
    ]
    for index, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": d} for d in deltas]
        events.append({"type": "content_block_stop", "index": index})
    events += [
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]
    lines = [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]
    return cv.read_stream("".join(lines).encode())


def test_a_servers_call_is_compared_as_any_other() -> None:
    found = cv.drift(server_search("a b", cites=True), server_search("a c", cites=True)).changes
    assert [(one.layer, one.place, one.old, one.new) for one in found] == [
        ("calls", "server call 0: web_search: query", '"a b"', '"a c"')
    ]


def test_sources_that_came_are_of_the_part() -> None:
    found = cv.drift(server_search("a", cites=False), server_search("a", cites=True)).changes
    assert [(one.layer, one.place, one.old, one.new) for one in found] == [
        ("parts", "part 1", "text", "text with sources")
    ]


def test_an_answer_that_came_again_and_another_model_are_notes() -> None:
    cassette = cv.load_cassette(cv.sample("openrouter_kimi-k2_fireworks"))
    first = cassette.interactions[0]
    body = first.request.body.replace(b"kimi-k2-0905", b"kimi-k3")
    refused = replace(first.response, status=429, body=b"{}", metadata=None)
    retried = cv.Cassette((replace(first, response=refused), first))
    found = cv.drift(retried, cv.Cassette((first,)))
    assert found.is_same
    assert found.notes == (
        "Found no longer: http_error.",
        "In the old recording 1 answer came again; the last is compared.",
    )
    other = replace(first, request=replace(first.request, body=body))
    assert cv.drift(cv.Cassette((first,)), cv.Cassette((other,))).notes == (
        "Something else was asked: model.",
    )


def test_findings_of_one_side_are_notes() -> None:
    run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    cut = cv.read_stream(run.body[: run.body.index(b'"finish_reason":"tool_calls"')])
    whole = cv.read_stream(run.body)
    (note,) = [one for one in cv.drift(whole, cut).notes if one.startswith("Found only now: ")]
    assert "finish_missing" in note and "no_clock" not in note
    assert any(one.startswith("Found no longer: ") for one in cv.drift(cut, whole).notes)
