"""What a next request says of an answer that holds no words: nothing of it is left out."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import chatviz as cv

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search",
          "input": {"query": "q"}}  # fmt: skip
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
DRAWN = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "AAAA"}
INLINE = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


def of_chat(message: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
    return {"choices": [choice]}


def of_anthropic(*blocks: dict[str, Any], reason: str = "end_turn") -> dict[str, Any]:
    return {"id": "m", "type": "message", "role": "assistant", "content": [*blocks],
            "stop_reason": reason, "usage": {"input_tokens": 1, "output_tokens": 1}}  # fmt: skip


def of_gemini(*parts: dict[str, Any]) -> dict[str, Any]:
    content = {"role": "model", "parts": [*parts]}
    return {"candidates": [{"content": content, "finishReason": "STOP"}]}


def of_responses(*items: dict[str, Any]) -> dict[str, Any]:
    return {"id": "r", "object": "response", "status": "completed", "output": [*items]}


class Server:
    """Gives whole answers in their order, and keeps what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content))
        return httpx.Response(200, json=self._answers.pop(0))


def endpoint(make: str, *answers: dict[str, Any]) -> tuple[cv.Endpoint, Server]:
    server = Server(*answers)
    options: Any = {"api_key": "k-of-a-test", "transport": httpx.MockTransport(server)}
    if make == "chat":
        return cv.Endpoint("https://a.test/v1", model="m", **options), server
    return getattr(cv.Endpoint, make)("m", **options), server


@pytest.mark.parametrize(
    ("make", "answer", "key", "said"),
    [
        ("chat", of_chat({"content": "", "images": [IMAGE]}), "messages", "data:image/png"),
        ("chat", of_chat({"audio": {"id": "audio_1", "transcript": "hello"}}), "messages",
         "audio_1"),
        ("anthropic", of_anthropic(SEARCH, FOUND), "messages", "web_search_tool_result"),
        ("gemini", of_gemini(INLINE), "contents", "inlineData"),
        ("openai_responses", of_responses(DRAWN), "input", "ig_1"),
    ],
)  # fmt: skip
def test_an_answer_without_words_is_sent_back(
    make: str, answer: dict[str, Any], key: str, said: str
) -> None:
    asked, server = endpoint(make, answer, answer)
    first = cv.run_agent("draw", endpoint=asked)
    cv.run_agent("make it blue", endpoint=asked, after=first)
    question, sent_back, follow_up = server.asked[-1][key]
    assert "draw" in json.dumps(question)
    assert said in json.dumps(sent_back)
    assert "make it blue" in json.dumps(follow_up)


def test_a_paused_turn_goes_on_when_it_is_sent_back() -> None:
    done = of_anthropic({"type": "text", "text": "It is."})
    asked, server = endpoint("anthropic", of_anthropic(SEARCH, reason="pause_turn"), done)
    result = cv.run_agent("search", endpoint=asked)
    assert (result.stop_reason, result.text, len(result.steps)) == ("no_tool_calls", "It is.", 2)
    assert server.asked[1]["messages"][1] == {"role": "assistant", "content": [SEARCH]}


def test_a_turn_that_pauses_for_ever_is_stopped() -> None:
    pauses = [of_anthropic(SEARCH, reason="pause_turn")] * 3
    asked, _ = endpoint("anthropic", *pauses)
    result = cv.run_agent("search", endpoint=asked, stop=cv.max_steps(3))
    assert (result.stop_reason, len(result.steps)) == ("max_steps", 3)
