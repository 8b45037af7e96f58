"""Ways to read Anthropic's streams wrong: each careless reading differs from what was sent.

Each is a line of code as people write it, on a recording or on a stream made by hand that shows
what the recordings do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from tests.dialects.anthropic.building import (
    STOP,
    block,
    body,
    call,
    close,
    finish,
    piece,
    start,
    text,
)

Event = dict[str, Any]
API = "go-vcr/anthropic_multi_tool.yaml"
THINKING = "go-vcr/anthropic_thinking.yaml"
VERTEX = "go-vcr/vertex_claude_stream_raw_predict_tool.yaml"
BEDROCK = "go-vcr/bedrock_invoke_tool.yaml"
ADVISOR = "vcrpy/anthropic_advisor_usage_grows_and_iterations.yaml"

USAGES = ({"input_tokens": 3, "cache_read_input_tokens": 90, "output_tokens": 1},)
SEARCH = call(0, '{"query":"x"}', name="web_search", type="server_tool_use")
FOUND = [block(1, type="web_search_tool_result", tool_use_id="toolu_0", content=[]), close(1)]
SEARCHED = body(
    start(usage=USAGES[0]), SEARCH, FOUND, text(2, "So "), text(3, "it is."), finish(), STOP
)


def events_of(run: StreamRun) -> list[Event]:
    return [chunk.json for chunk in run.chunks]


def usages(events: list[Event]) -> list[dict[str, int]]:
    begun = next(event["message"]["usage"] for event in events if event["type"] == "message_start")
    return [begun, *(event["usage"] for event in events if event["type"] == "message_delta")]


def pieces(events: list[Event], key: str) -> list[str]:
    return [event["delta"][key] for event in events if key in event.get("delta", {})]


def begun(events: list[Event], kind: str) -> list[Event]:
    blocks = [event["content_block"] for event in events if "content_block" in event]
    return [one for one in blocks if kind in one["type"]]


def parse_each(events: list[Event]) -> list[Any]:
    try:
        return [json.loads(one) for one in pieces(events, "partial_json")]
    except ValueError as error:
        return [error]


def counted(run: StreamRun) -> tuple[int | None, int | None]:
    assert run.usage is not None
    return run.usage.input_tokens, run.usage.output_tokens


Careless = Callable[[list[Event]], Any]
TRAPS: list[tuple[str, str, Careless, Callable[[StreamRun], Any]]] = [
    (
        "the usage of message_start only",
        API,
        lambda events: (usages(events)[0]["input_tokens"], usages(events)[0]["output_tokens"]),
        counted,
    ),
    (
        "both usages added up",
        API,
        lambda events: tuple(
            sum(one[key] for one in usages(events)) for key in ("input_tokens", "output_tokens")
        ),
        counted,
    ),
    (
        "the usage of message_delta only, which on Vertex AI counts no input",
        VERTEX,
        lambda events: tuple(usages(events)[-1].get(f"{of}_tokens") for of in ("input", "output")),
        counted,
    ),
    (
        "an input that is not expected to grow while the server's tools run",
        ADVISOR,
        lambda events: (usages(events)[0]["input_tokens"], usages(events)[-1]["output_tokens"]),
        counted,
    ),
    (
        "cached tokens taken to be inside input_tokens",
        "made",
        lambda events: (usages(events)[0]["input_tokens"], usages(events)[-1]["output_tokens"]),
        counted,
    ),
    (
        "the input of a call taken from content_block_start",
        API,
        lambda events: [one["input"] for one in begun(events, "tool_use")],
        lambda run: [one.parsed for one in run.message.tool_calls],
    ),
    (
        "each piece of an input parsed by itself",
        API,
        parse_each,
        lambda run: [one.parsed for one in run.message.tool_calls],
    ),
    (
        "every block that is called …tool_use taken for the client's",
        "made",
        lambda events: [one["name"] for one in begun(events, "tool_use")],
        lambda run: [one.name for one in run.message.tool_calls],
    ),
    (
        "every input_json_delta taken for the client's",
        ADVISOR,
        lambda events: len(pieces(events, "partial_json")),
        lambda run: sum(len(one.fragments) for one in run.message.tool_calls),
    ),
    (
        "block 0 taken for the text",
        THINKING,
        lambda events: begun(events, "")[0]["type"],
        lambda run: "text" if run.message.text else run.message.tool_calls[0].type,
    ),
    (
        "only the first block of text read",
        "made",
        lambda events: "".join(
            event["delta"].get("text", "") for event in events if event.get("index") == 2
            and "delta" in event
        ),
        lambda run: run.message.text,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "careless", "read"), [one[1:] for one in TRAPS],
                         ids=[one[0] for one in TRAPS])  # fmt: skip
def test_the_careless_reading_differs(
    shared_cassettes: Path, name: str, careless: Careless, read: Callable[[StreamRun], Any]
) -> None:
    run = read_stream(SEARCHED) if name == "made" else read_runs(shared_cassettes / name)[0]
    assert careless(events_of(run)) != read(run)
    assert run.error is None and run.finish_reason_sent


def test_a_search_inside_an_answer_is_no_call() -> None:
    run = read_stream(SEARCHED)
    assert run.message.tool_calls == ()
    assert [one.name for one in run.message.server_tool_calls] == ["web_search"]
    assert counted(run) == (93, 5)
    assert run.message.text == "So it is."


@pytest.mark.parametrize("name", [VERTEX, BEDROCK])
def test_the_path_is_not_the_apis_and_the_body_names_no_model(
    shared_cassettes: Path, name: str
) -> None:
    for run in read_runs(shared_cassettes / name):
        assert not run.head.path.endswith("/v1/messages")
        assert run.request is not None and "model" not in run.request
        assert run.dialect == "anthropic-messages" and "claude" in run.chat_request.model


@pytest.mark.parametrize("name", [API, THINKING, VERTEX, BEDROCK, ADVISOR])
def test_who_waits_for_done_waits_for_ever(shared_cassettes: Path, name: str) -> None:
    for run in read_runs(shared_cassettes / name):
        assert all(event.kind != "done" for event in run.events)
        assert run.answer.ended


def test_a_citation_that_is_put_at_the_end_of_the_text_so_far_is_misplaced() -> None:
    """It comes before the text of its block: it belongs to the block."""
    cited = piece(1, type="citations_delta", citation={"url": "u"})
    said = [block(1, type="text", text=""), cited, piece(1, type="text_delta", text="B"), close(1)]
    run = read_stream(body(start(), text(0, "A"), said, finish(), STOP))
    first, second = run.message.parts
    assert (getattr(first, "citations", None), len(getattr(second, "citations", ()))) == ((), 1)
