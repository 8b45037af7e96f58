"""Whole numbers of any length stay what they are: 2**64 and more is none that is rounded."""

from __future__ import annotations

import json

import httpx
import pytest

import chatviz as cv
from chatviz.agent.tools.plan import plan_call
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.wire.json_text import dump_json, dump_sorted, load_json

WEI = 20_000_000_000_000_000_001
URL = "https://api.openai.com/v1/chat/completions"


def answer(arguments: str) -> cv.StreamRun:
    function = {"name": "pay", "arguments": arguments}
    call = {"index": 0, "id": "c", "type": "function", "function": function}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "nonce": WEI}
    chunks = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": [call]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": usage},
    ]
    sent = [json.dumps({"id": "a", "model": "m", **chunk}) for chunk in chunks]
    body = "".join(f"data: {one}\n\n" for one in [*sent, "[DONE]"]).encode()
    return cv.read_stream(body)


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, 2**64, -(2**63) - 1, WEI, 10**40])
def test_a_number_is_read_and_written_as_it_was_sent(number: int) -> None:
    text = f'{{"n":{number}}}'
    value = load_json(text.encode())
    assert value == {"n": number}
    assert type(value["n"]) is int
    assert dump_json(value) == text == dump_sorted(value).decode()


def test_arguments_usage_and_chunks_hold_it() -> None:
    run = answer(f'{{"wei":{WEI}}}')
    assert run.message.tool_calls[0].parsed == {"wei": WEI}
    assert run.chunks[-1].json["usage"]["nonce"] == WEI
    assert run.usage is not None
    assert run.usage.raw["nonce"] == WEI
    assert str(WEI) in run.usage.sent


def test_calls_that_differ_in_a_late_digit_differ() -> None:
    one, other = answer(f'{{"wei":{WEI}}}'), answer(f'{{"wei":{WEI + 998}}}')
    assert cv.drift(one, other).verdicts["calls"] == "different"
    assert "0 of them" not in str(cv.compare(one, other))
    cv.assert_called(one, "pay", wei=WEI)
    with pytest.raises(AssertionError, match=str(WEI)):
        cv.assert_called(one, "pay", wei=WEI + 1)


def test_a_tool_is_given_it() -> None:
    def pay(wei: int) -> str:
        """Pay."""
        return f"paid {wei}"

    (call,) = answer(f'{{"wei":{WEI}}}').message.tool_calls
    plan = plan_call(call, {"pay": cv.tool(pay)})
    assert plan.tool is not None, plan.text
    assert plan.keywords == {"wei": WEI}


@pytest.mark.parametrize(("asked", "is_recorded"), [(WEI, True), (WEI + 998, False)])
def test_a_request_that_differs_in_a_late_digit_was_not_recorded(
    asked: int, is_recorded: bool
) -> None:
    request = RecordedRequest("POST", URL, body=f'{{"seed":{WEI}}}'.encode())
    recording = Cassette((Interaction(request, RecordedResponse(200, body=b"hello")),))
    with httpx.Client(transport=ReplayTransport(recording)) as client:
        if is_recorded:
            assert client.post(URL, content=f'{{"seed": {asked}}}').text == "hello"
        else:
            with pytest.raises(cv.NoMatchingInteraction, match=str(asked)):
                client.post(URL, content=f'{{"seed": {asked}}}')
