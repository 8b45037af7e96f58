"""Requests to Gemini as they are written: what was recorded can be written again, key for key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
    UnknownPart,
)
from chatviz.dialects.base import ReasoningSentBack
from chatviz.dialects.gemini.stream import Gemini
from chatviz.runs.run import StreamRun
from tests.dialects.gemini.chunks_made import ASKED, call, chunk, stream, text

DIALECT = Gemini()
Read = Callable[..., StreamRun]
WRITTEN = ("contents", "systemInstruction", "tools")


def ask_again(first: StreamRun, results: list[str]) -> dict[str, Any]:
    """Write what a tool loop asks next: the first question, the answer, and the results."""
    asked = first.chat_request
    calls = zip(first.message.tool_calls, results, strict=True)
    said = [Message("tool", (ToolResult(call.id, text, call.name),)) for call, text in calls]
    messages = (*asked.messages, first.message, *said)
    rest = {key: value for key, value in (first.request or {}).items() if key not in WRITTEN}
    return DIALECT.write_request(ChatRequest(asked.model, messages, asked.tools, rest))


def without(body: Mapping[str, Any], *fields: str) -> Any:
    """Leave out the ids that the recorded client made up, and its own way to declare tools."""
    left = ("id", "parameters", "parametersJsonSchema", *fields)

    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cut(inner) for key, inner in value.items() if key not in left}
        return [cut(inner) for inner in value] if isinstance(value, list) else value

    return cut(dict(body))


@pytest.mark.parametrize(
    ("name", "results", "dropped"),
    [
        ("multi_tool", ["5", "6"], ()),
        ("thinking", ["40 C"], ()),
        # This client did not yet send signatures back.
        ("parallel_calls_over_two_chunks", ["5", "6"], ("thoughtSignature",)),
    ],
)
def test_a_recorded_conversation_is_asked_again(
    shared_cassettes: Path, name: str, results: list[str], dropped: tuple[str, ...]
) -> None:
    first, second = read_runs(shared_cassettes / "go-vcr" / f"google_gemini_{name}.yaml")
    assert first.request is not None and second.request is not None
    written = ask_again(first, results)
    assert without(written, *dropped) == without(second.request, *dropped)
    tools = DIALECT.read_request(written, second.head).tools
    assert tools == second.chat_request.tools


TEXT_PARTS = [text("hm", thought=True, thoughtSignature="T"), text("more", thought=True),
              text("a", thoughtSignature="A"), text("b"), text("", thoughtSignature="B"),
]  # fmt: skip
OTHER_PARTS = [
    call("f", {"x": 1}, sign="F", id="abcd1234"), call("g", {}),
    {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "C"},
    {"codeExecutionResult": {"outcome": "OUTCOME_OK"}},
    {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "s", "args": {"q": 1}}},
    {"toolCall": {"toolType": "FILE_SEARCH"}, "thoughtSignature": "S"},
    {"toolResponse": {"toolType": "FILE_SEARCH"}, "thoughtSignature": "R"},
    {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "M"},
]  # fmt: skip


def test_what_came_goes_back_untouched(read: Read) -> None:
    """Each signature on a part of its own: Google refuses calls without theirs."""
    run = read(stream(chunk(*TEXT_PARTS), chunk(*OTHER_PARTS, finish="STOP", usage={})))
    (content,) = DIALECT.write_request(ChatRequest("m", (run.message,)), reasoning="all")[
        "contents"
    ]
    joined = [*TEXT_PARTS[:3], text("b", thoughtSignature="B")]
    assert content == {"role": "model", "parts": [*joined, *OTHER_PARTS]}


@pytest.mark.parametrize(
    ("reasoning", "wanted"), [("all", ["hm", "more"]), ("details", ["hm"]), ("none", [])]
)
def test_thoughts_go_back_as_the_user_wants(
    read: Read, reasoning: ReasoningSentBack, wanted: list[str]
) -> None:
    run = read(stream(chunk(*TEXT_PARTS)))
    (content,) = DIALECT.write_request(
        ChatRequest("m", (run.message,)), reasoning=reasoning
    )["contents"]  # fmt: skip
    thoughts = [part["text"] for part in content["parts"] if part.get("thought")]
    assert thoughts == wanted
    assert content["parts"][-2:] == [
        text("a", thoughtSignature="A"),
        text("b", thoughtSignature="B"),
    ]


def test_several_signatures_of_a_part_are_all_sent() -> None:
    """No answer is read so, but a message may be put together by hand."""
    signed = Text("a", ('{"thoughtSignature":"A"}', '{"thoughtSignature":"B"}'))
    (content,) = DIALECT.write_request(ChatRequest("m", (Message("assistant", (signed,)),)))[
        "contents"
    ]
    assert content["parts"] == [text("a", thoughtSignature="A"), text("", thoughtSignature="B")]


def test_parallel_results_stand_in_one_content() -> None:
    calls = (ToolCall(0, None, "", "f", ""), ToolCall(1, None, "i", "g", "[1]"))
    messages = (
        Message("user", (Text("q"),)),
        Message("assistant", (Refusal("no"), Reasoning("hm"), *calls)),
        Message("tool", (ToolResult("", "5", "f"),)),
        Message("tool", (ToolResult("i", "6", "g"),)),
        Message("user", (Text("a"), UnknownPart("x", '{"x":1}'))),
        Message("user", (Text("b"),)),
    )
    assert DIALECT.write_request(ChatRequest("m", messages)) == {"contents": [
        {"role": "user", "parts": [{"text": "q"}]},
        {"role": "model", "parts": [{"text": "no"}, {"functionCall": {"name": "f", "args": {}}},
                                    {"functionCall": {"name": "g", "args": {}, "id": "i"}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"name": "f", "response": {"result": "5"}}},
            {"functionResponse": {"name": "g", "response": {"result": "6"}, "id": "i"}}]},
        {"role": "user", "parts": [{"text": "a"}, {"x": 1}]},
        {"role": "user", "parts": [{"text": "b"}]},
    ]}  # fmt: skip


def test_options_stand_where_google_has_them() -> None:
    tool = ToolDefinition("f", "d", {"type": "object"})
    asked = ChatRequest("m", (Message("system", (Text("s"),)),), (tool, ToolDefinition("g")))
    assert DIALECT.write_request(asked, max_tokens=9) == {
        "contents": [],
        "systemInstruction": {"role": "user", "parts": [{"text": "s"}]},
        "tools": [{"functionDeclarations": [
            {"name": "f", "description": "d", "parametersJsonSchema": {"type": "object"}},
            {"name": "g", "parametersJsonSchema": {}}]}],
        "generationConfig": {"maxOutputTokens": 9},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"generation_config": {"temperature": 0}},
         {"generationConfig": {"maxOutputTokens": 9, "temperature": 0}}),
        ({"generationConfig": {"maxOutputTokens": 5}},
         {"generationConfig": {"maxOutputTokens": 5}}),
        ({"generationConfig": None}, {}),
        ({"safety_settings": []},
         {"safetySettings": [], "generationConfig": {"maxOutputTokens": 9}}),
    ],
)  # fmt: skip
def test_what_the_user_wants_goes_before_every_default(
    body: dict[str, Any], wanted: dict[str, Any]
) -> None:
    written = DIALECT.write_request(ChatRequest("m", body=body), max_tokens=9)
    assert written == {"contents": [], **wanted}


def test_a_history_that_was_sent_stays_as_it_was() -> None:
    history = [{"role": "user", "parts": [{"text": "q", "odd": 1}]},
               {"role": "model", "parts": [{"text": "a"}]}]  # fmt: skip
    asked = DIALECT.read_request({"contents": history}, ASKED)
    messages = (*asked.messages, Message("user", (Text("and?"),)))
    again = ChatRequest("m", messages, body={"contents": history}, written=2)
    written = DIALECT.write_request(again)
    assert written["contents"] == [*history, {"role": "user", "parts": [{"text": "and?"}]}]


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "/models/gemini-2.5-flash"),
        ("tunedModels/my model", "/tunedModels/my%20model"),
        ("a:b?c", "/models/a%3Ab%3Fc"),
    ],
)
def test_the_model_stands_in_the_path(model: str, path: str) -> None:
    assert DIALECT.endpoint_path(model) == f"{path}:streamGenerateContent?alt=sse"
    assert DIALECT.endpoint_path(model, streamed=False) == f"{path}:generateContent"


def test_the_key_stands_in_a_header_of_its_own() -> None:
    assert DIALECT.auth_headers("k") == {"x-goog-api-key": "k"}


def test_a_written_request_can_be_read_again(read: Read) -> None:
    run = read(stream(chunk(*TEXT_PARTS, *OTHER_PARTS, finish="STOP", usage={})))
    written = DIALECT.write_request(ChatRequest("m", (run.message,)), reasoning="all")
    (again,) = DIALECT.read_request(json.loads(json.dumps(written)), ASKED).messages
    assert DIALECT.write_request(ChatRequest("m", (again,)), reasoning="all") == written
