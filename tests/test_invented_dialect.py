"""A seventh, invented dialect gets the whole house: this file is all that it takes.

It speaks of a parrot: it squawks (text), ponders (reasoning), pecks (calls tools, whose arguments
are seeds), looks around (a tool of the server's own) and counts grains (tokens).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.agent.tools.tool import Tool
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching.tool_ids import normalise_tool_ids
from chatviz.chat.deltas import (
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    ServerCallDelta,
    ServerResultDelta,
    StreamError,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.kinds import finding_kinds
from chatviz.chat.manners import CallIds, Manners
from chatviz.chat.messages import (
    ChatRequest,
    Message,
    Text,
    ToolCall,
    ToolDefinition,
    ToolResult,
)
from chatviz.chat.usage import Usage
from chatviz.dialects import DIALECTS
from chatviz.dialects.sequence import EventOrder, EventStep
from chatviz.views.inspector.runs import run_columns
from chatviz.widgets.workbench.workbench import Workbench
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

URL = "https://parrots.test/aviary/talk"


def read_step(data: bytes, name: str) -> EventStep | None:
    sent = json.loads(data)
    return EventStep(next(iter(sent)), sent.get("on"))


class Parrot:
    """How parrots speak: one JSON object an event, whose first key says what it is."""

    name = "parrot"
    manners = Manners(
        finish_reasons={"sated": "stop", "hungry": "tool_calls", "tired": "length"},
        end="tucks",
        begins_empty=True,
        call_ids=CallIds(call_keys=("peck",), result_keys=("seed",), id_name="beak"),
        kinds=finding_kinds(("feathers_ruffled", "info", "The parrot ruffled its feathers.")),
    )
    order = EventOrder(
        roles={"wakes": "begins", "squawks": "grows", "tucks": "ends"},
        read_step=read_step,
        must_begin=True,
        must_close=False,
    )
    history_keys = ("said",)
    only_hosts: tuple[str, ...] = ()

    def speaks(self, request: RequestHead) -> bool:
        return request.path.endswith("/aviary/talk")

    def recognises(self, payload: Any) -> bool:
        return isinstance(payload, dict) and "wakes" in payload

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        return "parrot" in body

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        tools = [ToolDefinition(t["trick"], t["how"], t["needs"]) for t in body.get("tricks", ())]
        said = tuple(read_message(one) for one in body.get("said", ()))
        return ChatRequest(body.get("parrot", ""), said, tuple(tools), body)

    def read_glance(self, event: WireEvent) -> Sequence[Delta] | None:
        return None

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        match payload:
            case {"wakes": {"parrot": str(model), "id": str(id)}}:
                return [IdentityDelta(id, model, "Aviary")]
            case {"squawks": str(text), "on": int(part)}:
                return [TextDelta(0, text, part)]
            case {"ponders": str(text), "on": int(part)}:
                return [ReasoningDelta(0, text, "", part)]
            case {"pecks": {"on": int(part), **peck}}:
                seeds, form = (peck["seed"], "text") if "seed" in peck else ("", "absent")
                beak, trick = peck.get("beak"), peck.get("trick")
                return [ToolCallDelta(0, None, beak, trick, None, seeds, form, part)]  # type: ignore[arg-type]
            case {"looks": {"on": int(part), "for": str(text)}}:
                return [ServerCallDelta(0, "look1", "look_around", "looks", text, part)]
            case {"sees": str(text), "on": int(part)}:
                return [ServerResultDelta(0, "look1", "sees", json.dumps(text), part)]
            case {"grains": {"eaten": int(eaten), "left": int(left)}}:
                return [UsageDelta(Usage(eaten, left, sent=json.dumps(payload)))]
            case {"tucks": str(reason)}:
                return [FinishDelta(0, reason), EndDelta()]
            case {"falls": str(text)}:
                return [ErrorDelta(StreamError(text))]
        return [UnknownDelta("$", json.dumps(payload), True)]

    def is_response(self, payload: Any) -> bool:
        return False

    read_response = read_event

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        return "/aviary/talk"

    def auth_headers(self, key: str) -> dict[str, str]:
        return {"x-feather": key}

    def write_request(
        self, asked: ChatRequest, *, max_tokens: int | None = None, reasoning: str = "details"
    ) -> dict[str, Any]:
        tricks = [{"trick": t.name, "how": t.description, "needs": t.schema} for t in asked.tools]
        body: dict[str, Any] = {"parrot": asked.model, "said": [], "tricks": tricks, **asked.body}
        written = list(body["said"])
        body["said"] = written + [write_message(m) for m in asked.messages[len(written) :]]
        return body


def read_message(said: Mapping[str, Any]) -> Message:
    match said:
        case {"seed": {"beak": beak, "gives": text}}:
            return Message("tool", (ToolResult(beak, text),))
        case {"pecks": pecks, "squawks": text}:
            calls = [
                ToolCall(n, None, one["peck"]["beak"], one["peck"]["trick"], one["peck"]["seed"])
                for n, one in enumerate(pecks)
            ]
            return Message("assistant", (*([Text(text)] if text else []), *calls))
    return Message(said["who"], (Text(said["squawks"]),))


def write_message(message: Message) -> dict[str, Any]:
    if message.tool_results:
        (result,) = message.tool_results
        return {"seed": {"beak": result.tool_call_id, "gives": result.text}}
    if message.role == "assistant":
        pecks = [
            {"peck": {"beak": c.id, "trick": c.name, "seed": c.arguments}}
            for c in message.tool_calls
        ]
        return {"pecks": pecks, "squawks": message.text}
    return {"who": message.role, "squawks": message.text}


FIRST: tuple[dict[str, Any], ...] = (
    {"wakes": {"parrot": "polly-2", "id": "p1"}},
    {"ponders": "Two seeds, ", "on": 0},
    {"ponders": "and three.", "on": 0},
    {"squawks": "Let me ", "on": 1},
    {"squawks": "add.", "on": 1},
    {"looks": {"on": 2, "for": '{"where":"up"}'}},
    {"sees": "a cat", "on": 3},
    {"pecks": {"on": 4, "beak": "b-1", "trick": "add", "seed": ""}},
    {"pecks": {"on": 4, "seed": '{"a": 2'}},
    {"pecks": {"on": 4, "seed": ', "b": 3}'}},
    {"grains": {"eaten": 12, "left": 7}},
    {"tucks": "hungry"},
)
SECOND: tuple[dict[str, Any], ...] = (
    {"wakes": {"parrot": "polly-2", "id": "p2"}},
    {"squawks": "It is 5.", "on": 0},
    {"grains": {"eaten": 30, "left": 4}},
    {"tucks": "sated"},
)
ADD = Tool(
    "add",
    lambda a, b: str(a + b),
    {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    "Adds.",
)
NEEDS = [{"trick": "add", "how": "Adds.", "needs": ADD.schema}]
ASKED = [{"who": "user", "squawks": "2 + 3?"}]
ANSWERED = [
    *ASKED,
    {
        "pecks": [{"peck": {"beak": "b-1", "trick": "add", "seed": '{"a": 2, "b": 3}'}}],
        "squawks": "Let me add.",
    },
    {"seed": {"beak": "b-1", "gives": "5"}},
]


def stream(events: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events)


def recorded(said: Sequence[Any], events: Sequence[Mapping[str, Any]]) -> Interaction:
    body = json.dumps({"parrot": "polly", "said": said, "tricks": NEEDS}).encode()
    headers = {"Content-Type": ("text/event-stream",)}
    return Interaction(
        RecordedRequest("POST", URL, body=body),
        RecordedResponse(200, headers=headers, body=stream(events)),
    )


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    parrot: Any = Parrot()
    DIALECTS.append(parrot)
    yield
    DIALECTS.remove(parrot)


@pytest.fixture
def cassette() -> Cassette:
    return Cassette((recorded(ASKED, FIRST), recorded(ANSWERED, SECOND)))


@pytest.fixture
def talk(cassette: Cassette) -> cv.Conversation:
    return cv.read_conversation(cassette)


def test_it_is_read_linked_and_in_order(talk: cv.Conversation) -> None:
    first, second = talk.runs
    assert (first.dialect, first.provider, first.model) == ("parrot", "Aviary", "polly-2")
    assert (first.message.reasoning, first.message.text) == ("Two seeds, and three.", "Let me add.")
    (call,) = first.message.tool_calls
    assert (call.id, call.name, call.parsed) == ("b-1", "add", {"a": 2, "b": 3})
    assert [one.path for one in call.paths] == ["$", "$.a", "$.b"]
    assert (first.finish_reason, second.finish_reason) == ("tool_calls", "stop")
    assert [result.text for result in talk.steps[0].tool_results] == ["5"]
    assert {finding.code for finding in talk.findings} == {"no_clock"}
    assert talk.usage is not None and talk.usage.input_tokens == 42


@pytest.mark.parametrize("size", [1, 7])
def test_where_bytes_are_cut_does_not_matter(size: int) -> None:
    reader, body = cv.StreamReader(), stream(FIRST)
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    assert reader.close().message == cv.read_stream(body).message


def test_an_odd_order_and_an_error_are_told() -> None:
    late = cv.read_stream(stream([*FIRST, {"squawks": "more", "on": 9}]))
    assert "event_after_end" in {finding.code for finding in late.findings} - {"no_clock"}
    fallen = cv.read_stream(stream([*FIRST[:3], {"falls": "off the perch"}]))
    assert fallen.error is not None and fallen.error.message == "off the perch"


def test_it_has_all_tables(talk: cv.Conversation) -> None:
    assert cv.run_table(talk)["dialect"].tolist() == ["parrot", "parrot"]
    kinds = cv.chunk_table(talk)["kind"].tolist()
    assert kinds[:7] == ["empty", "reasoning", "reasoning", "text", "text", *["server_tool"] * 2]
    assert "server_call" in set(cv.delta_table(talk)["kind"])
    assert cv.tool_call_table(talk)["result"].tolist() == ["5"]
    assert cv.argument_table(talk)["value"].tolist()[1:] == ["2", "3"]
    assert cv.usage_table(talk)["output_tokens"].tolist() == [7, 4]
    assert set(cv.finding_table(talk)["code"]) == {"no_clock"}


def test_it_has_all_views(talk: cv.Conversation) -> None:
    rows = [row[1:] for row in cv.transcript(talk).tables[0].rows]
    assert rows == [
        ("user", "2 + 3?"),
        ("reasoning", "Two seeds, and three."),
        ("assistant", "Let me add."),
        ("server calls", 'look_around({"where":"up"})'),
        ("server's result", 'sees "a cat"'),
        ("calls 0", 'add({"a": 2, "b": 3})'),
        ("result of add", "5"),
        ("assistant", "It is 5."),
    ]
    assert "3 text pieces of 19 characters" in cv.timeline(talk).sentence
    assert cv.tool_calls(talk).sentence.startswith("1 tool call in 3 fragments")
    assert "42 input and 11 output tokens" in cv.usage(talk).sentence
    other = cv.read_conversation(cv.sample("anthropic_claude-sonnet-4"))
    numbers = {row[0]: row[1:] for row in cv.compare(talk, other).tables[0].rows}
    assert numbers["input tokens"] == (42, 1202)


def test_the_inspector_shows_all_its_parts_in_order(talk: cv.Conversation, tmp_path: Path) -> None:
    parts = sorted(run_columns(talk.runs[0])["parts"], key=lambda part: part["place"])
    assert [part["kind"] for part in parts] == [
        "reasoning", "text", "server_call", "server_result", "call",
    ]  # fmt: skip
    cv.save_html(cv.inspect(talk), tmp_path / "parrot.html")
    assert "look_around" in (tmp_path / "parrot.html").read_text(encoding="utf-8")


def test_the_loop_asks_in_it_again(cassette: Cassette) -> None:
    result = cv.run_agent("2 + 3?", endpoint=cv.Endpoint.replay(cassette), tools=[ADD])
    assert (result.error, result.text) == ("", "It is 5.")
    assert [one.text for one in result.conversation.steps[0].tool_results] == ["5"]


def test_its_key_goes_in_its_own_header(cassette: Cassette) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append({"url": str(request.url), **request.headers})
        return httpx.Response(200, content=stream(SECOND))

    endpoint = cv.Endpoint(
        "https://parrots.test", model="polly", dialect="parrot", api_key="feather-0123456789",
        transport=httpx.MockTransport(answer),
    )  # fmt: skip
    assert cv.run_agent("2 + 3?", endpoint=endpoint, tools=[ADD]).text == "It is 5."
    assert seen[0]["url"] == URL
    assert seen[0]["x-feather"] == "feather-0123456789"


def test_renamed_ids_are_the_same_request(cassette: Cassette) -> None:
    body = json.loads(cassette.interactions[1].request.body.replace(b"b-1", b"quite-another"))
    transport = cv.ReplayTransport(cassette, normalise_ids=True)
    first = json.loads(cassette.interactions[0].request.body)
    with httpx.Client(transport=transport) as client:
        client.post(URL, json=first)
        assert client.post(URL, json=body).content == stream(SECOND)
    normalise_tool_ids(body)
    assert body["said"][1]["pecks"][0]["peck"]["beak"] == body["said"][2]["seed"]["beak"] == "id 1"


def test_it_is_saved_opened_and_exported(cassette: Cassette, tmp_path: Path) -> None:
    cv.save_cassette(cassette, tmp_path / "parrot.yaml")
    bench = Workbench(tmp_path, exports=tmp_path / "exports")
    try:
        bench.cassette = "parrot.yaml"
        assert bench.run is not None and bench.run.message.text == "It is 5."
        assert bench.run.dialect == "parrot"
    finally:
        bench.close()
