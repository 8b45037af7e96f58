"""What must go back as it came: signatures of Gemini's compatible endpoint, Copilot's reasoning."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.messages import ChatRequest, Text
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.runs.pieces import PieceFinder
from chatviz.wire.exchange import RequestHead

CHAT = OpenAIChat()
GOOGLE = {"google": {"thought_signature": "CvcBAdHtim8="}}
VERTEX = {"vertex": {"thought_signature": "CvcBAdHtim8="}}


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def read(*chunks: dict[str, Any]) -> cv.StreamRun:
    lines = [f"data: {json.dumps(one)}\n\n" for one in chunks]
    return cv.read_stream("".join([*lines, "data: [DONE]\n\n"]).encode())


def call(number: int, **more: Any) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": f'{{"n":{number}}}'}
    return {"index": number, "id": f"f{number}", "type": "function", "function": function, **more}


def written_again(run: cv.StreamRun, **options: Any) -> dict[str, Any]:
    asked = ChatRequest("m", (run.message,), (), {})
    written = CHAT.write_request(asked, **options)
    again = CHAT.read_request(written, RequestHead())
    rest = {key: value for key, value in written.items() if key != "messages"}
    assert CHAT.write_request(ChatRequest("m", again.messages, (), rest), **options) == written
    message: dict[str, Any] = written["messages"][0]
    return message


def codes(run: cv.StreamRun) -> set[str]:
    return {finding.code for finding in run.findings} - {"no_clock", "usage_missing"}


@pytest.mark.parametrize("signed", [GOOGLE, VERTEX])
@pytest.mark.parametrize("together", [True, False])
def test_the_signature_of_a_call_stays_with_it(signed: dict[str, Any], together: bool) -> None:
    """Only the first of parallel calls has one."""
    calls = [call(0, extra_content=signed), call(1)]
    deltas = [{"tool_calls": calls}] if together else [{"tool_calls": [one]} for one in calls]
    run = read(*map(chunk, deltas), chunk({}, "tool_calls"))
    first, second = run.message.tool_calls
    assert (json.loads(first.details[0]), second.details) == ({"extra_content": signed}, ())
    sent = written_again(run)["tool_calls"]
    assert sent[0]["extra_content"] == signed and "extra_content" not in sent[1]
    assert codes(run) <= {"role_missing"}


def test_a_whole_answer_keeps_them_too() -> None:
    message = {"role": "assistant", "tool_calls": [call(0), call(1, extra_content=GOOGLE)]}
    body = {"object": "chat.completion", "choices": [{"index": 0, "message": message}]}
    first, second = cv.read_stream(json.dumps(body).encode()).message.tool_calls
    assert (first.details, len(second.details)) == ((), 1)


def test_the_signature_is_shown_at_the_call_that_it_was_sent_with() -> None:
    run = read(
        chunk({"role": "assistant", "tool_calls": [call(0, extra_content=GOOGLE), call(1)]}),
        chunk({}, "tool_calls"),
    )
    reader = cv.StreamReader()
    reader.feed(run.body)
    grown = reader.growing
    finder = PieceFinder(grown.manners)
    chunks, deltas = zip(*run.deltas, strict=True)
    (piece,) = finder.take(chunks, deltas, grown.choices)
    assert (piece.place, piece.part.name or piece.part.kind) == (0, "call")


def test_the_signature_of_an_earlier_call_does_not_go_to_a_later_one() -> None:
    run = read(
        chunk({"role": "assistant", "tool_calls": [call(0), call(1)]}),
        chunk({"tool_calls": [{"index": 0, "extra_content": GOOGLE}]}, "tool_calls"),
    )
    assert [len(one.details) for one in run.message.tool_calls] == [1, 0]


def test_a_signature_without_a_call_is_kept() -> None:
    run = read(chunk({"role": "assistant", "tool_calls": [{"index": 0, "extra_content": GOOGLE}]}))
    assert "CvcBAdHtim8=" in str(run.message.tool_calls[0].details)


def test_the_signature_of_a_text_goes_back_with_the_message() -> None:
    run = read(
        chunk({"role": "assistant", "content": "Hi"}),
        chunk({"content": " you", "extra_content": GOOGLE}, "stop"),
    )
    assert run.message.text == "Hi you"
    assert written_again(run) == {
        "role": "assistant",
        "content": "Hi you",
        "extra_content": GOOGLE,
    }
    assert codes(run) == set()


def test_a_signed_text_beside_an_image_is_read_of_a_request() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://a.test/b.png"}}
    parts = [{"type": "text", "text": "a"}, image, {"type": "text", "text": "b"}]
    sent = {"role": "assistant", "content": parts, "extra_content": GOOGLE}
    (message,) = CHAT.read_request({"messages": [sent]}, RequestHead()).messages
    text = message.parts[0]
    assert isinstance(text, Text) and text.text == "ab" and len(message.parts) == 2
    assert json.loads(text.details[0]) == {"extra_content": GOOGLE}


@pytest.mark.parametrize("who", ["google", "vertex"])
def test_what_is_marked_as_thought_is_reasoning(who: str) -> None:
    thought = {who: {"thought": True}}
    run = read(
        chunk({"role": "assistant", "content": "**Hm**", "extra_content": thought}),
        chunk({"content": "Hi"}, "stop"),
    )
    assert (run.message.reasoning, run.message.text) == ("**Hm**", "Hi")
    assert read(chunk({"content": [{}], "extra_content": thought})).message.parts == ()
    assert codes(run) == set()


@pytest.mark.parametrize("odd", ["x", 5, ["x"], {"google": 5}, {"google": {"thought": "no"}}])
def test_other_extra_content_is_kept(odd: Any) -> None:
    run = read(chunk({"role": "assistant", "content": "Hi", "extra_content": odd}, "stop"))
    assert run.message.text == "Hi"
    assert written_again(run)["extra_content"] == odd


@pytest.mark.parametrize("wanted", ["details", "all", "none"])
def test_copilots_opaque_reasoning_goes_back_in_its_own_field(wanted: str) -> None:
    run = read(
        chunk({"role": "assistant", "content": "", "reasoning_text": "hm"}),
        chunk({"reasoning_opaque": "3nCrYpTeD"}),
        chunk({"content": "Hi"}, "stop"),
    )
    assert (run.message.reasoning, run.message.text) == ("hm", "Hi")
    sent = written_again(run, reasoning=wanted)
    assert sent.get("reasoning_opaque") == (None if wanted == "none" else "3nCrYpTeD")
    assert "reasoning_details" not in sent and codes(run) == set()


@pytest.mark.parametrize("wanted", ["details", "all", "none"])
def test_blocks_of_thinking_go_back_whole(wanted: str) -> None:
    """LiteLLM sends a block of Anthropic's in pieces beside the reasoning, the last one signed."""

    def piece(text: str, **more: str | None) -> dict[str, Any]:
        return {"type": "thinking", "thinking": text, **more}

    redacted = {"type": "redacted_thinking", "data": "3nCrYpTeD"}
    run = read(
        chunk({"role": "assistant", "thinking_blocks": [piece("he", signature=None)]}),
        chunk({"reasoning_content": "hm", "thinking_blocks": [piece("hm")]}),
        chunk({"reasoning_content": "", "thinking_blocks": [piece("", signature="c2ln")]}),
        chunk({"thinking_blocks": [redacted]}),
        chunk({"reasoning_content": "so", "thinking_blocks": [piece("so", signature="bmV4dA")]}),
        chunk({"content": "Hi"}, "stop"),
    )
    assert (run.message.reasoning, run.message.text) == ("hehmso", "Hi")
    assert codes(run) == {"reasoning_in_two_fields"}
    sent = written_again(run, reasoning=wanted)
    blocks = [piece("hehm", signature="c2ln"), redacted, piece("so", signature="bmV4dA")]
    assert sent.get("thinking_blocks") == (None if wanted == "none" else blocks)
    assert "reasoning_details" not in sent


def test_blocks_of_thinking_alone_are_the_reasoning() -> None:
    blocks = [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}, 5, "x"]
    run = read(chunk({"role": "assistant", "thinking_blocks": blocks, "content": "Hi"}, "stop"))
    assert run.message.reasoning == "hm"
    assert written_again(run)["thinking_blocks"] == blocks
    assert codes(run) == set()


@pytest.mark.parametrize("odd", [{}, "x", 5])
def test_details_of_any_kind_go_back(odd: Any) -> None:
    run = read(chunk({"role": "assistant", "content": "Hi", "reasoning_details": [odd]}, "stop"))
    assert written_again(run)["reasoning_details"] == [odd]
