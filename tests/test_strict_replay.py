"""The tool loop replays the recorded conversations of each dialect strictly: mode none, no key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

import chatviz as cv
from chatviz.agent.tools.tool import Tool
from chatviz.cassettes.reading import read_conversations
from chatviz.runs.conversation import Conversation


class Recorded(NamedTuple):
    """A recorded conversation, and what of its requests the loop's options do not reach."""

    file: str
    ignore: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()  # keys of the body that the client chose for itself
    ids: tuple[str, ...] = ()  # that the client gave to the calls


GEMINI = (
    "contents[].parts[].functionCall.id",
    "contents[].parts[].functionResponse.id",
    "tools[].functionDeclarations[].parameters",
    "tools[].functionDeclarations[].parametersJsonSchema",
)
RECORDINGS = [
    Recorded("anthropic_multi_tool", extra=("max_tokens", "tool_choice")),
    Recorded("anthropic_thinking", extra=("max_tokens", "thinking", "tool_choice")),
    Recorded("bedrock_invoke_tool", extra=("max_tokens", "tool_choice")),
    Recorded("vertex_claude_stream_raw_predict_tool", extra=("max_tokens", "tool_choice")),
    # Its client numbers the calls, which have no ids, and declares tools in Google's own schemas,
    # where ours are JSON Schema; once it drops the signature.
    Recorded("google_gemini_multi_tool", GEMINI, ("generationConfig", "toolConfig")),
    Recorded("google_gemini_thinking", GEMINI, ("generationConfig", "toolConfig")),
    Recorded(
        "google_gemini_parallel_calls_over_two_chunks",
        ignore=(*GEMINI, "contents[].parts[].thoughtSignature"),
        extra=("generationConfig", "toolConfig"),
    ),
    # Its client sends the model's thinking back as what was said, and numbers the calls itself.
    Recorded(
        "ollama_tool_call_with_id",
        ignore=("messages[2].content", "messages[].tool_calls[].id", "messages[].tool_call_id"),
        extra=("max_tokens",),
    ),
    # The recording's client encodes the arguments twice: a JSON text inside a JSON text.
    Recorded(
        "openai_responses_multi_tool",
        ignore=("input[].arguments",),
        extra=("max_output_tokens", "store", "tool_choice"),
    ),
]

# What is packaged: no client of ours recorded it, so that each says what its own did otherwise.
SAMPLES = [
    Recorded("anthropic_claude-sonnet-4", extra=("max_tokens", "tool_choice")),
    Recorded("bedrock_claude-3-haiku", extra=("max_tokens", "tool_choice")),
    Recorded("gemini_2.5-flash", GEMINI, ("generationConfig", "toolConfig")),
    Recorded(
        "ollama_gpt-oss-120b",
        ignore=("messages[2].content", "messages[].tool_calls[].id", "messages[].tool_call_id"),
        extra=("max_tokens",),
    ),
    Recorded(
        "openai_gpt-4o-mini",
        ignore=("input[].arguments",),
        extra=("max_output_tokens", "store", "tool_choice"),
    ),
    Recorded("openrouter_kimi-k2_fireworks", extra=("max_tokens", "provider", "usage")),
    Recorded("openrouter_kimi-k2_novita", extra=("max_tokens", "usage"), ids=("test-3", "test-4")),
    Recorded("synthetic_converse"),
    Recorded(
        "synthetic_timed",
        ignore=("tools[].function.strict", "stream_options", "tool_choice"),  # its client sent none
    ),
]
start_tools = pytest.mark.parametrize("start_tools", ["at_end", "early"])


def longest(path: Path) -> Conversation:
    return max(read_conversations(path), key=lambda talk: len(talk.steps))


def tools_of(talk: Conversation) -> list[Tool]:
    """Return the tools that the request offers, which answer what was recorded."""
    results: dict[str, list[str]] = {}
    for step in talk.steps:
        for result in step.tool_results:
            results.setdefault(result.name, []).append(result.text)

    def answer(name: str) -> Any:
        return lambda **_: results[name].pop(0)

    asked = talk.steps[0].run.chat_request
    return [
        Tool(one.name, answer(one.name), one.schema, one.description, early=True)
        for one in asked.tools
    ]


@start_tools
@pytest.mark.parametrize("recorded", RECORDINGS, ids=lambda one: one.file)
def test_the_loop_replays_a_recorded_conversation_strictly(
    shared_cassettes: Path,
    recorded: Recorded,
    start_tools: Literal["at_end", "early"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    replay_strictly(shared_cassettes / "go-vcr" / f"{recorded.file}.yaml", recorded, start_tools)


@start_tools
@pytest.mark.parametrize("recorded", SAMPLES, ids=lambda one: one.file)
def test_the_loop_replays_a_packaged_conversation_strictly(
    recorded: Recorded,
    start_tools: Literal["at_end", "early"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    replay_strictly(cv.sample(recorded.file), recorded, start_tools)


def test_every_packaged_conversation_with_tools_is_replayed() -> None:
    with_tools = {
        name
        for name in cv.samples()
        if any(
            step.tool_results
            for talk in cv.read_conversations(cv.sample(name))
            for step in talk.steps
        )
    }
    assert with_tools == {recorded.file for recorded in SAMPLES}


def replay_strictly(
    path: Path, recorded: Recorded, start_tools: Literal["at_end", "early"]
) -> None:
    """Let the tool loop ask what was recorded, and get what was recorded."""
    talk = longest(path)
    asked = talk.steps[0].run.chat_request
    system = next((message.text for message in asked.messages if message.is_instruction), None)
    prompt = next(message.text for message in asked.messages if message.role == "user")
    body = talk.steps[0].run.request or {}
    result = cv.run_agent(
        prompt,
        endpoint=cv.Endpoint.replay(path, ignore=recorded.ignore),
        system=system,
        tools=tools_of(talk),
        extra_body={key: json.loads(json.dumps(body[key])) for key in recorded.extra},
        tool_call_ids=iter(recorded.ids).__next__ if recorded.ids else None,
        start_tools=start_tools,
    )
    assert result.error == ""
    assert [run.is_early for run in result.tool_runs] == [start_tools == "early"] * sum(
        len(step.tool_results) for step in talk.steps
    )
    assert len(result.conversation.steps) == len(talk.steps)
    for step, wanted in zip(result.conversation.steps, talk.steps, strict=True):
        assert step.run.message == wanted.run.message
    assert result.text == talk.steps[-1].run.message.text
