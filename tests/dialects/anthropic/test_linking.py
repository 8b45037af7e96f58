"""Requests of Anthropic's are linked to the answers that they send back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.dialects.anthropic.building import HEAD, answer, call, text

MARK = {"cache_control": {"type": "ephemeral"}}
TOOLS = [{"name": "add", "input_schema": {"type": "object"}}]
ASKED = {"role": "user", "content": [{"type": "text", "text": "Add and add."}]}


def run_of(number: int, sent: bytes, *messages: dict[str, Any], **fields: Any) -> StreamRun:
    request = {"model": "claude", "messages": list(messages), "tools": TOOLS, **fields}
    head = RequestHead(HEAD.method, HEAD.url, {}, json.dumps(request).encode())
    reader = StreamReader(head, interaction=number)
    reader.feed(sent)
    return reader.close()


def marked(message: dict[str, Any]) -> dict[str, Any]:
    *before, last = message["content"]
    return {**message, "content": [*before, {**last, **MARK}]}


CALLED = answer(text(0, "So"), call(1, '{"a": 1}'), call(2, '{"a": 2}'), reason="tool_use")
SENT_BACK = {
    "role": "assistant",
    "content": [
        {"type": "text", "text": "So"},
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "add", "input": {"a": 2}},
    ],
}


def results(*ids: str) -> dict[str, Any]:
    sent = [{"type": "tool_result", "tool_use_id": id, "content": id[-1]} for id in ids]
    return {"role": "user", "content": sent}


def talk_of(*runs: StreamRun) -> Conversation:
    (talk,) = link_runs(list(runs))
    return talk


@pytest.mark.parametrize("ids", [("toolu_1", "toolu_2"), ("toolu_2", "toolu_1")])
def test_results_in_one_message_answer_their_calls_by_id(ids: tuple[str, str]) -> None:
    first = run_of(0, CALLED, ASKED)
    second = run_of(1, answer(text(0, "3")), ASKED, SENT_BACK, results(*ids))
    talk = talk_of(first, second)
    answered = {one.tool_call_id: one.call_index for one in talk.steps[0].tool_results}
    assert answered == {"toolu_1": 0, "toolu_2": 1}
    assert talk.own_findings == ()


def test_a_mark_of_the_cache_may_move_and_the_system_text_change() -> None:
    first = run_of(0, CALLED, marked(ASKED), system=[{"type": "text", "text": "A", **MARK}])
    second = run_of(
        1,
        answer(text(0, "3")),
        ASKED,
        SENT_BACK,
        marked(results("toolu_1", "toolu_2")),
        system=[{"type": "text", "text": "A"}],
    )
    assert len(talk_of(first, second).steps) == 2
    changed = run_of(1, answer(text(0, "3")), ASKED, SENT_BACK, results("toolu_1", "toolu_2"))
    assert len(talk_of(first, changed).steps) == 2


def test_what_the_user_says_beside_the_results_follows_the_step() -> None:
    said = results("toolu_1", "toolu_2")
    said["content"].append({"type": "text", "text": "And then?"})
    first = run_of(0, CALLED, ASKED)
    second = run_of(1, answer(text(0, "3")), ASKED, SENT_BACK, said)
    talk = talk_of(first, second)
    assert len(talk.steps[0].tool_results) == 2
    assert any(message.text.endswith("And then?") for message in talk.messages)


@pytest.mark.parametrize("id", ["srvtoolu_0", "srvtoolu_9"])
def test_a_paused_turn_that_only_searched_goes_on_when_it_is_sent_back(id: str) -> None:
    search = call(0, '{"query": "x"}', name="web_search", type="server_tool_use")
    search[0]["content_block"]["id"] = "srvtoolu_0"
    first = run_of(0, answer(search, reason="pause_turn"), ASKED)
    searched = {"type": "server_tool_use", "id": id, "name": "web_search", "input": {"query": "x"}}
    sent_back = {"role": "assistant", "content": [searched]}
    second = run_of(1, answer(text(0, "It is.")), ASKED, sent_back)
    assert len(link_runs([first, second])) == (1 if id == "srvtoolu_0" else 2)
