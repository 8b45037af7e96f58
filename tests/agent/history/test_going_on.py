"""A conversation is gone on with at any endpoint, and nothing that was said is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

import chatviz as cv
from chatviz.agent.tools.tool import tool
from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
)
from chatviz.dialects import DIALECTS, find_writable_dialect, is_writable
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.linking import join_steps, link_runs
from chatviz.runs.reader import StreamReader
from chatviz.wire.exchange import RequestHead, ResponseHead

SAMPLES: Final = (
    *("openrouter_kimi-k2_fireworks", "openai_gpt-4o-mini", "anthropic_claude-sonnet-4"),
    *("bedrock_claude-3-haiku", "gemini_2.5-flash", "synthetic_converse", "ollama_gpt-oss-120b"),
)
ENDPOINTS: Final = {
    "openai": cv.Endpoint.openai,
    "openai_responses": cv.Endpoint.openai_responses,
    "anthropic": cv.Endpoint.anthropic,
    "anthropic_bedrock": lambda model, **options: cv.Endpoint(
        "https://bedrock-runtime.us-east-1.amazonaws.com",
        **{"model": model, "dialect": "anthropic-messages", **options},
    ),
    "bedrock": cv.Endpoint.bedrock,
    "gemini": cv.Endpoint.gemini,
    "ollama": cv.Endpoint.ollama,
}
SIGNED: Final = "c2lnbmVk"


class Asked:
    """An endpoint that refuses what it is asked, and keeps it."""

    def __init__(self, name: str) -> None:
        self.sent: list[httpx.Request] = []
        transport = httpx.MockTransport(self._refuse)
        self.endpoint = ENDPOINTS[name]("m", api_key="none", transport=transport)

    def _refuse(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(400, json={"error": {"message": "no"}})

    def after(self, talk: Any, prompt: str = "and now?", **options: Any) -> ChatRequest:
        """Go on with a conversation; return what was sent, as the endpoint's dialect reads it."""
        cv.run_agent(prompt, endpoint=self.endpoint, after=talk, retries=0, **options)
        head = RequestHead("POST", str(self.sent[-1].url), {}, self.sent[-1].content)
        return self.endpoint.dialect.read_request(self.body, head)

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.sent[-1].content)
        return body


def told(messages: tuple[Message, ...]) -> list[tuple[str, ...]]:
    """All that is said: texts, calls with their arguments, results with the calls' names."""
    said: list[tuple[str, ...]] = []
    calls: dict[str, str] = {}
    for message in messages:
        role = message.role if message.role in ("system", "assistant") else "user"
        for part in message.parts:
            match part:
                case Text(text):
                    said.append((role, text))
                case ToolCall():
                    calls[part.id] = part.name
                    said.append(("call", part.name, json.dumps(given(part), sort_keys=True)))
                case ToolResult():
                    name = part.name or calls.get(part.tool_call_id, "")
                    said.append(("result", name, part.text))
    return said


def given(call: ToolCall) -> Any:
    """The arguments; the client of one sample encoded them as JSON twice."""
    once = json.loads(call.arguments)
    return json.loads(once) if isinstance(once, str) else once


def answered(url: str, body: Mapping[str, Any], answer: Mapping[str, Any]) -> cv.StreamRun:
    request = RequestHead("POST", url, {}, json.dumps(body).encode())
    response = ResponseHead(200, {"content-type": ["application/json"]})
    reader = StreamReader(request, response=response)
    reader.feed(json.dumps(answer).encode())
    return reader.close()


def talk_of(*runs: cv.StreamRun) -> Conversation:
    return join_steps([Step(run) for run in runs])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_all_that_was_said_in_a_dialect_is_said_in_any_other(sample: str, name: str) -> None:
    talk = cv.read_conversation(cv.sample(sample))
    read = Asked(name).after(talk)
    last = talk.steps[-1]
    said = (*last.chat_request.messages, last.message)
    assert told(read.messages) == [*told(said), ("user", "and now?")]
    ids = [part.id for message in read.messages for part in message.tool_calls]
    results = [one.tool_call_id for message in read.messages for one in message.tool_results]
    assert ids == results


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_another_dialect_has_is_not_among_what_is_sent(sample: str, name: str) -> None:
    """The keys of a body are those of a conversation that began in the dialect."""
    asked, begun = Asked(name), Asked(name)
    talk = cv.read_conversation(cv.sample(sample))
    asked.after(talk)
    cv.run_agent("?", system="s", endpoint=begun.endpoint, retries=0)
    if talk.steps[-1].run.dialect != asked.endpoint.dialect.name:
        assert asked.body.keys() <= begun.body.keys()


# ---- the same dialect


MESSAGES: Final = "https://api.anthropic.com/v1/messages"
RESPONSES: Final = "https://api.openai.com/v1/responses"
CHAT: Final = "https://api.openai.com/v1/chat/completions"


def says(text: str, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, **more}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def responds(text: str, id: str = "resp_1") -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    item = {"id": "m", "type": "message", "role": "assistant", "content": content}
    return {"id": id, "object": "response", "status": "completed", "output": [item]}


def test_a_history_is_sent_as_it_was_wherever_its_dialect_is_spoken() -> None:
    block = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    thought = {"type": "thinking", "thinking": "Hm", "signature": SIGNED}
    body = {"system": "Be brief", "messages": [
        {"role": "user", "content": [block]},
        {"role": "assistant", "content": [thought, {"type": "text", "text": "Ho"}]},
        {"role": "user", "content": "More"}]}  # fmt: skip
    answer = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "No"}],
              "stop_reason": "end_turn"}  # fmt: skip
    for name in ("anthropic", "anthropic_bedrock"):
        asked = Asked(name)
        asked.after(talk_of(answered(MESSAGES, body, answer)))
        assert asked.body["system"] == "Be brief"
        assert asked.body["messages"][:3] == body["messages"]
        assert len(asked.body["messages"]) == 5


def test_instructions_beside_the_input_are_kept_and_nothing_is_said_twice() -> None:
    run = answered(RESPONSES, {"instructions": "Be brief", "input": "Hi"}, responds("Ho"))
    asked = Asked("openai_responses")
    read = asked.after(talk_of(run))
    assert told(read.messages) == [
        ("system", "Be brief"), ("user", "Hi"), ("assistant", "Ho"), ("user", "and now?"),
    ]  # fmt: skip
    read = asked.after(talk_of(run), extra_body={"instructions": "Be long"})
    assert told(read.messages)[:2] == [("system", "Be long"), ("user", "Hi")]


@pytest.mark.parametrize("key", ["previous_response_id", "conversation"])
def test_what_the_server_knows_is_still_named(key: str) -> None:
    run = answered(RESPONSES, {key: "id_1", "input": "Hi"}, responds("Ho"))
    asked = Asked("openai_responses")
    read = asked.after(talk_of(run))
    assert asked.body[key] == "id_1"
    assert told(read.messages) == [("user", "Hi"), ("assistant", "Ho"), ("user", "and now?")]


def test_an_answer_that_was_fetched_again_is_gone_on_with() -> None:
    first = answered(RESPONSES, {"input": "Hi", "background": True}, responds("Ho"))
    reader = StreamReader(RequestHead("GET", f"{RESPONSES}/resp_1"))
    reader.feed(json.dumps(responds("Ho")).encode())
    (step,) = link_runs([first, reader.close()])[0].steps
    assert step.run.head.method == "GET"
    for name in ("openai_responses", "anthropic"):
        read = Asked(name).after(join_steps([step]))
        assert told(read.messages) == [("user", "Hi"), ("assistant", "Ho"), ("user", "and now?")]


def test_a_plain_prompt_is_gone_on_with_in_messages() -> None:
    """``/api/generate`` and ``/completions`` have a prompt and no messages."""
    url, body = "http://localhost:11434/api/generate", {"model": "m", "system": "s", "prompt": "Hi"}
    run = answered(url, body, {"model": "m", "response": "Ho", "done": True})
    for name in ("ollama", "gemini"):
        assert told(Asked(name).after(talk_of(run)).messages) == [
            ("system", "s"), ("user", "Hi"), ("assistant", "Ho"), ("user", "and now?"),
        ]  # fmt: skip


# ---- another dialect


def test_what_the_server_alone_knew_is_told_to_another() -> None:
    one = answered(RESPONSES, {"instructions": "A", "input": "Hi"}, responds("Ho"))
    body = {"instructions": "A", "input": "More", "previous_response_id": "resp_1"}
    two = answered(RESPONSES, body, responds("No", "resp_2"))
    (talk,) = link_runs([one, two])
    assert told(Asked("openai").after(talk).messages) == [
        ("system", "A"), ("user", "Hi"), ("assistant", "Ho"), ("user", "More"),
        ("assistant", "No"), ("user", "and now?"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="goes on from an answer that is not in it"):
        Asked("openai").after(talk_of(two))


@pytest.mark.parametrize("name", sorted({*ENDPOINTS} - {"openai"}))
@pytest.mark.parametrize("reasoning_back", ["details", "all"])
def test_signatures_and_encrypted_reasoning_are_not_sent_to_another(
    name: str, reasoning_back: Any
) -> None:
    details = [{"type": "reasoning.encrypted", "data": SIGNED}]
    sent = {"role": "assistant", "content": "Ho", "reasoning": "So", "reasoning_details": details}
    body = {"messages": [{"role": "user", "content": "Hi"}, sent, {"role": "user", "content": "?"}]}
    answer = says("No", reasoning="So", reasoning_details=details)
    asked = Asked(name)
    asked.after(talk_of(answered(CHAT, body, answer)), reasoning_back=reasoning_back)
    assert SIGNED not in json.dumps(asked.body)


def test_calls_have_ids_that_every_api_takes() -> None:
    def called(id: str) -> dict[str, Any]:
        function = {"name": "look", "arguments": "{}"}
        return {"id": id, "type": "function", "function": function}

    body = {"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [called("functions.look:0"), called("mine")]},
        {"role": "tool", "tool_call_id": "mine", "content": "b"},
        {"role": "tool", "tool_call_id": "functions.look:0", "content": "a"},
        {"role": "assistant", "tool_calls": [called("functions.look:0")]},
        {"role": "tool", "tool_call_id": "functions.look:0", "content": "c"},
        {"role": "tool", "tool_call_id": "lost", "content": "d"}]}  # fmt: skip
    read = Asked("anthropic").after(talk_of(answered(CHAT, body, says("Ho"))))
    assert [one.id for m in read.messages for one in m.tool_calls] == [
        "call00001",
        "mine",
        "call00003",
    ]
    assert [(one.tool_call_id, one.text) for m in read.messages for one in m.tool_results] == [
        ("mine", "b"), ("call00001", "a"), ("call00003", "c"), ("lost", "d"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted({*ENDPOINTS} - {"openai"}))
@pytest.mark.parametrize(
    "called",
    [
        {"type": "custom", "custom": {"name": "run_sql", "input": "select 1"}},
        {"type": "function", "function": {"name": "run_sql", "arguments": "select 1"}},
    ],
)
def test_arguments_that_are_no_object_are_not_lost(name: str, called: dict[str, Any]) -> None:
    body = {"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [{"id": "a", **called}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"}]}  # fmt: skip
    read = Asked(name).after(talk_of(answered(CHAT, body, says("Ho"))))
    (call,) = [one for message in read.messages for one in message.tool_calls]
    assert (call.name, call.type, call.parsed) == ("run_sql", "function", {"input": "select 1"})


def test_words_beside_results_come_behind_them_and_answers_in_a_row_are_one() -> None:
    body = {"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Let me see."},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "a", "name": "look", "input": {}},
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]},
        {"role": "user", "content": [
            {"type": "text", "text": "Well?"},
            {"type": "tool_result", "tool_use_id": "a", "content": "5"}]}]}  # fmt: skip
    answer = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Ho"}],
              "stop_reason": "end_turn"}  # fmt: skip
    read = Asked("openai").after(talk_of(answered(MESSAGES, body, answer)))
    roles = ["user", "assistant", "tool", "user", "assistant", "user"]
    assert [one.role for one in read.messages] == roles
    assert told(read.messages) == [
        ("user", "Hi"), ("assistant", "Let me see."), ("call", "look", "{}"),
        ("result", "look", "5"), ("user", "Well?"), ("assistant", "Ho"), ("user", "and now?"),
    ]  # fmt: skip


def test_what_is_refused_and_what_is_said_in_audio_is_told_as_text() -> None:
    body = {"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "audio": {"id": "a", "transcript": "Heard"}},
        {"role": "user", "content": "Go on"}]}  # fmt: skip
    run = answered(CHAT, body, says("", refusal="I will not."))
    assert told(Asked("anthropic").after(talk_of(run)).messages)[1:4] == [
        ("assistant", "Heard"), ("user", "Go on"), ("assistant", "I will not."),
    ]  # fmt: skip


def test_an_image_is_not_left_out_unseen() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    body = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}, image]}]}
    talk = talk_of(answered(CHAT, body, says("Ho")))
    asked = Asked("anthropic")
    with pytest.raises(
        ValueError, match="holds a part of type 'image_url', which is written other"
    ):
        asked.after(talk)
    assert asked.sent == []
    assert Asked("openai").after(talk).messages[0].parts[1].type == "image_url"  # type: ignore[union-attr]


# ---- step by step


@pytest.mark.parametrize("name", sorted({one.name for one in DIALECTS if is_writable(one)}))
def test_what_is_written_step_by_step_is_what_is_written_at_once(name: str) -> None:
    def call(number: int) -> ToolCall:
        return ToolCall(number, None, f"c{number}", "look", '{"a":1}')

    def result(number: int) -> Message:
        return Message("tool", (ToolResult(f"c{number}", f"r{number}", "look"),))

    said = (
        Message("system", (Text("Be brief"),)),
        Message("user", (Text("Hi"),)),
        *(Message("assistant", (call(0), call(1))), result(0), result(1)),
        *(Message("assistant", (Text("So."), call(2))), result(2)),
        *(Message("assistant", ()), Message("user", (Text(""),))),
        *(Message("assistant", (Text("Ho"),)), Message("assistant", (Text("Ha"),))),
        Message("user", (Text("More"),)),
    )
    dialect = find_writable_dialect(name, "")
    body: dict[str, Any] = {}
    written = 0
    for count in (2, 5, 7, 9, 11, 12):
        body = dialect.write_request(ChatRequest("m", said[:count], (), body, written=written))
        written = count
    assert body == dialect.write_request(ChatRequest("m", said))


def test_parallel_results_are_sent_once_however_many_steps_follow() -> None:
    ran = []

    @tool
    def add(a: int, b: int) -> int:
        ran.append((a, b))
        return a + b

    def calls(*pairs: tuple[int, int]) -> httpx.Response:
        parts = [{"functionCall": {"name": "add", "args": {"a": a, "b": b}}} for a, b in pairs]
        content = {"role": "model", "parts": parts or [{"text": "Done"}]}
        return httpx.Response(
            200, json=[{"candidates": [{"content": content, "finishReason": "STOP"}]}]
        )

    asked: list[dict[str, Any]] = []
    answers = iter([calls((1, 2), (3, 4)), calls((5, 6)), calls()])

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return next(answers)

    endpoint = cv.Endpoint.gemini("m", api_key="none", transport=httpx.MockTransport(answer))
    result = cv.run_agent("Add", endpoint=endpoint, tools=[add])
    assert result.text == "Done"
    sent = endpoint.dialect.read_request(asked[2], RequestHead())
    assert [one.text for m in sent.messages for one in m.tool_results] == ["3", "7", "11"]
