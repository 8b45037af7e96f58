"""Every dialect goes through the whole house, and comes out with what was recorded.

The packaged sample of each dialect goes through each table, each view, the widgets, the replay
server, redaction, conversion and comparison. What is expected was read in the recordings by eye.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

import chatviz as cv
from chatviz.agent.tools.tool import Tool
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.reading import read_conversations
from chatviz.cassettes.redaction.redaction import redact
from chatviz.runs.reader import StreamReader
from chatviz.views.compare.alignment import align_runs
from chatviz.views.inspector.runs import run_columns
from chatviz.widgets.live import widget as live_widget
from chatviz.widgets.live.chat import LiveChat
from chatviz.widgets.workbench.workbench import Workbench
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.wire.aws_building import frame

Call = tuple[str, dict[str, Any]]
ADDED: tuple[Call, ...] = (("add", {"a": 2, "b": 3}), ("multiply", {"a": 2, "b": 3}))
WEATHER: tuple[Call, ...] = (("weather", {"location": "Florence, Italy"}),)


class Sample(NamedTuple):
    """What a packaged sample holds: for each of its two answers, in order."""

    name: str
    dialect: str
    texts: tuple[str, str]
    tokens: tuple[tuple[int, int], tuple[int, int]]  # input, output
    sent: tuple[str, str]  # the provider's words for why it ended
    calls: tuple[Call, ...] = ADDED  # of the first answer
    results: tuple[str, ...] = ("5", "6")
    words: tuple[str, str] = ("tool_calls", "stop")  # and ours
    fragments: tuple[int, ...] = ()  # of each call


SAMPLES = [
    Sample(
        "openrouter_kimi-k2_fireworks",
        "openai-chat",
        (
            "I'll add and multiply the numbers 2 and 3 for you.",
            "The results are:\n- Addition: 2 + 3 = 5\n- Multiplication: 2 × 3 = 6",
        ),
        ((210, 55), (283, 29)),
        ("tool_calls", "stop"),
        fragments=(13, 13),
    ),
    Sample(
        "synthetic_completions",
        "openai-completions",
        ("In Bern it is 21 degrees today.\n", "In Bern it is 21 degrees today, and"),
        ((7, 9), (7, 8)),
        ("stop", "length"),
        calls=(),
        results=(),
        words=("stop", "length"),
    ),
    Sample(
        "openai_gpt-4o-mini",
        "openai-responses",
        ("", "The sum of 2 and 3 is **5**, and the product of 2 and 3 is **6**."),
        ((52, 50), (152, 28)),
        ("completed", "completed"),
        fragments=(7, 7),
    ),
    Sample(
        "anthropic_claude-sonnet-4",
        "anthropic-messages",
        (
            "I'll add and multiply the numbers 2 and 3 for you.",
            "The results are:\n- 2 + 3 = 5\n- 2 × 3 = 6",
        ),
        ((502, 137), (700, 31)),
        ("tool_use", "end_turn"),
        fragments=(4, 4),
    ),
    Sample(
        "bedrock_claude-3-haiku",
        "anthropic-messages",
        ("", "The weather in Florence, Italy is 40 degrees Celsius."),
        ((345, 53), (413, 18)),
        ("tool_use", "end_turn"),
        calls=WEATHER,
        results=("40 C",),
        fragments=(5,),
    ),
    Sample(
        "gemini_2.5-flash",
        "gemini",
        ("", "The sum of 2 and 3 is 5. The product of 2 and 3 is 6."),
        ((121, 74), (218, 22)),
        ("STOP", "STOP"),
        fragments=(1, 1),
    ),
    Sample(
        "synthetic_converse",
        "bedrock-converse",
        ("I'll add and multiply them.", "The sum is 5, and the product is 6."),
        ((452, 90), (566, 14)),
        ("tool_use", "end_turn"),
        fragments=(4, 4),
    ),
    Sample(
        "ollama_gpt-oss-120b",
        "ollama-chat",
        ("", "The current temperature in Florence, Italy is **about 40\u202f°C**. Stay cool!"),
        ((142, 42), (192, 43)),
        ("stop", "stop"),
        calls=WEATHER,
        results=("40 C",),
        fragments=(1,),
    ),
]


@pytest.fixture(params=SAMPLES, ids=lambda one: one.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def runs(sample: Sample) -> list[cv.StreamRun]:
    return cv.read_runs(cv.sample(sample.name))


def holds(run: cv.StreamRun, sample: Sample, number: int) -> bool:
    """Whether an answer says what the sample's says."""
    calls = [(call.name, call.parsed) for call in run.message.tool_calls]
    assert run.usage is not None
    found = (run.dialect, run.message.text, calls, run.finish_reason, run.finish_reason_sent)
    tokens = run.usage.input_tokens, run.usage.output_tokens
    wanted = list(sample.calls) if number == 0 else []
    words = sample.words[number], sample.sent[number]
    expected = (sample.dialect, sample.texts[number], wanted, *words)
    return (*found, tokens) == (*expected, sample.tokens[number])


# ---- tables


def test_the_table_of_runs_tells_dialect_finish_and_sizes(sample: Sample, runs: Any) -> None:
    table = cv.run_table(runs)
    assert table["dialect"].tolist() == [sample.dialect] * 2
    assert table["finish_reason"].tolist() == list(sample.words)
    assert table["finish_reason_sent"].tolist() == list(sample.sent)
    assert table["tool_calls"].tolist() == [len(sample.calls), 0]
    assert table["text_length"].tolist() == [len(text) for text in sample.texts]
    assert table["errors"].tolist() == table["warnings"].tolist() == [0, 0]


def test_the_tables_of_chunks_and_deltas_hold_all_that_was_said(sample: Sample, runs: Any) -> None:
    chunks, deltas = cv.chunk_table(runs), cv.delta_table(runs)
    for number, run in enumerate(runs):
        mine = chunks[chunks["run"] == number]
        assert len(mine) == len(run.chunks)
        assert mine["size_bytes"].sum() <= len(run.body)
        said = deltas[deltas["run"] == number]
        texts = said[said["kind"] == "text"]["text"]
        assert "".join(texts) == sample.texts[number]
        fragments = said[said["kind"] == "tool_call"].dropna(subset="fragment")
        for call, text in fragments.groupby("call", sort=True)["text"]:
            assert json.loads("".join(text)) == sample.calls[int(call)][1]
        assert not said["kind"].isin(["unknown"]).any()


def test_the_tables_of_calls_hold_names_arguments_and_results(sample: Sample) -> None:
    talk = read_conversations(cv.sample(sample.name))[0]
    calls = cv.tool_call_table(talk)
    assert calls["name"].tolist() == [name for name, _ in sample.calls]
    assert [json.loads(text) for text in calls["arguments"]] == [one for _, one in sample.calls]
    assert calls["fragments"].tolist() == list(sample.fragments)
    assert calls["result"].tolist() == list(sample.results)
    assert calls["schema_verdict"].tolist() == ["right"] * len(sample.calls)
    values = cv.argument_table(talk)
    for number, (_, wanted) in enumerate(sample.calls):
        mine = values[values["call"] == number]
        leaves = {path[2:]: value for path, value in zip(mine["path"], mine["value"], strict=True)}
        del leaves[""]
        assert {key: json.loads(value) for key, value in leaves.items()} == wanted
        assert set(mine["state"]) == {"complete"}


def test_the_tables_of_usage_and_findings(sample: Sample, runs: Any) -> None:
    usage = cv.usage_table(runs)
    pairs = zip(usage["input_tokens"], usage["output_tokens"], strict=True)
    assert list(pairs) == list(sample.tokens)
    assert set(cv.finding_table(runs)["severity"]) <= {"info"}


# ---- calls


def test_a_call_grows_to_its_arguments_however_it_came(sample: Sample, runs: Any) -> None:
    for call, (_, wanted) in zip(runs[0].message.tool_calls, sample.calls, strict=True):
        assert len(call.fragments) == sample.fragments[call.position]
        assert {one.path for one in call.paths} == {"$", *(f"$.{key}" for key in wanted)}
        assert "".join(one.text for one in call.fragments) == call.arguments
        last = call.state_after(len(call.fragments) - 1)
        assert last.value == wanted


# ---- views


def test_the_transcript_and_the_calls_are_told_in_words(sample: Sample) -> None:
    talk = read_conversations(cv.sample(sample.name))[0]
    rows = [(who, what) for _, who, what in cv.transcript(talk).tables[0].rows]
    said = [what for who, what in rows if who == "assistant"]
    assert said == [text for text in sample.texts[: len(talk.steps)] if text]
    called = [what for who, what in rows if who.startswith("calls ")]
    for words, (name, wanted) in zip(called, sample.calls, strict=True):
        assert words.startswith(f"{name}(")
        assert json.loads(words[len(name) + 1 : -1]) == wanted
    assert [what for who, what in rows if who.startswith("result")] == list(sample.results)
    assert not [who for who, _ in rows if who in ("not read", "nothing read", "error")]
    shown = cv.tool_calls(talk).tables[0].rows
    assert [row[2] for row in shown] == [name for name, _ in sample.calls]


def test_the_timeline_and_usage_views_count_what_came(sample: Sample, runs: Any) -> None:
    sentence = cv.timeline(runs).sentence
    assert f"{sum(len(run.chunks) for run in runs)} chunks" in sentence
    assert f"of {sum(map(len, sample.texts)):,} characters" in sentence
    assert "not read" not in sentence
    if sample.calls:
        assert f"in {sum(sample.fragments)} fragment" in sentence
    answers = [row for row in cv.usage(runs).tables[0].rows if "total" not in str(row[0])]
    columns = cv.usage(runs).tables[0].columns
    places = columns.index("input tokens"), columns.index("output tokens")
    assert [tuple(row[place] for place in places) for row in answers] == list(sample.tokens)


def test_the_inspector_has_the_parts_in_their_order_and_the_last_usage(
    sample: Sample, runs: Any
) -> None:
    for number, run in enumerate(runs):
        columns = run_columns(run)
        parts = columns["parts"]
        assert [part["place"] for part in parts if part["kind"] == "call"] == [
            place for place, part in enumerate(run.message.parts) if isinstance(part, cv.ToolCall)
        ]
        spoken = [part["text"] for part in parts if part["kind"] == "text"]
        assert "".join(spoken) == sample.texts[number]
        called = [(part["name"], json.loads(part["text"])) for part in parts
                  if part["kind"] == "call"]  # fmt: skip
        assert called == (list(sample.calls) if number == 0 else [])
        last = columns["usage"][-1]
        assert (last["input"], last["output"]) == sample.tokens[number]
        assert (columns["ending"], columns["sent"]) == (sample.words[number], sample.sent[number])
        assert columns["is_read"] and not columns["unread"]


# ---- widgets


def test_the_workbench_shows_and_exports_it(sample: Sample, tmp_path: Path) -> None:
    path = Path(cv.sample(sample.name))
    (tmp_path / path.name).write_bytes(path.read_bytes())
    bench = Workbench(tmp_path, exports=tmp_path / "exports")
    try:
        bench.cassette = path.name
        talk = bench.conversation
        assert talk is not None and holds(talk.runs[0], sample, 0)
        bench.run = 0
        assert bench.run is not None and holds(bench.run, sample, 0)
        assert bench.view is not None
        table, *_ = bench.export_tables()
        assert table.exists()
        kept, removed = bench.export_cassette()
        assert removed == ()
        again = cv.read_runs(kept)
        assert all(holds(run, sample, number) for number, run in enumerate(again))
    finally:
        bench.close()


def tools_of(talk: cv.Conversation) -> list[Tool]:
    results = {one.name: one.text for step in talk.steps for one in step.tool_results}
    return [
        Tool(one.name, lambda name=one.name, **_: results[name], one.schema, one.description)
        for one in talk.steps[0].run.chat_request.tools
    ]


# What the recordings' clients chose for themselves, and what no option of ours reaches: see
# test_strict_replay.
_EXTRA = (
    *("max_tokens", "tool_choice", "generationConfig", "toolConfig"),
    *("max_output_tokens", "store", "usage", "provider"),
)
_IGNORED = (
    *("contents[].parts[].functionCall.id", "contents[].parts[].functionResponse.id"),
    *("tools[].functionDeclarations[].parameters", "input[].arguments"),
    *("tools[].functionDeclarations[].parametersJsonSchema", "messages[2].content"),
    *("messages[].tool_calls[].id", "messages[].tool_call_id"),
)


def test_the_live_chat_has_it_again(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sample.calls:
        pytest.skip("chatviz does not ask in the legacy completions")
    monkeypatch.setattr(live_widget.LiveWidget, "send", lambda *_, **__: None)
    path = cv.sample(sample.name)
    talk = read_conversations(path)[0]
    asked, body = talk.steps[0].run.chat_request, talk.steps[0].run.request or {}
    system = next((one.text for one in asked.messages if one.is_instruction), None)
    chat = LiveChat(
        cv.Endpoint.replay(path, ignore=_IGNORED),
        tools=tools_of(talk),
        system=system,
        extra_body={key: json.loads(json.dumps(body[key])) for key in _EXTRA if key in body},
    )
    try:
        chat.ask(next(one.text for one in asked.messages if one.role == "user"))
        result = chat.wait(20)
    finally:
        chat.close()
    assert chat.error is None and result is not None
    steps = result.conversation.steps
    assert all(holds(step.run, sample, number) for number, step in enumerate(steps))
    assert sorted(one.text for one in steps[0].tool_results) == sorted(sample.results)


# ---- files and sockets


def test_it_is_the_same_in_another_format(sample: Sample, tmp_path: Path) -> None:
    cv.convert(cv.sample(sample.name), tmp_path / "converted.yaml")
    again = cv.read_runs(tmp_path / "converted.yaml")
    assert [holds(run, sample, number) for number, run in enumerate(again)] == [True, True]
    har = to_har(cv.load_cassette(cv.sample(sample.name)))
    (tmp_path / "archive.har").write_text(json.dumps(har), encoding="utf-8")
    read = cv.read_runs(tmp_path / "archive.har")
    assert [holds(run, sample, number) for number, run in enumerate(read)] == [True, True]


def to_har(cassette: cv.Cassette) -> dict[str, Any]:
    """Return a recording as a browser's archive: the format has no writer in the package."""
    entries = []
    for one in cassette.interactions:
        kind = next(iter(one.response.headers.get("Content-Type", ["application/json"])), "")
        entries.append(
            {
                "request": {
                    "method": one.request.method,
                    "url": one.request.url,
                    "headers": [],
                    "postData": {"mimeType": "application/json", "text": one.request.body.decode()},
                },
                "response": {
                    "status": one.response.status,
                    "headers": [],
                    "content": {
                        "mimeType": kind,
                        "size": len(one.response.body),
                        "encoding": "base64",
                        "text": b64encode(one.response.body).decode(),
                    },
                },
            }
        )
    return {"log": {"version": "1.2", "creator": {"name": "test"}, "entries": entries}}


def test_nothing_of_it_is_a_secret(sample: Sample) -> None:
    for number, one in enumerate(cv.load_cassette(cv.sample(sample.name)).interactions):
        clean, removed = redact(one)
        assert removed == ()
        assert clean.response.body == one.response.body, number


def test_the_replay_server_gives_it_over_a_socket(sample: Sample) -> None:
    cassette = cv.load_cassette(cv.sample(sample.name))
    with cv.ReplayServer(cassette) as server, httpx.Client(trust_env=False) as client:
        for number, one in enumerate(cassette.interactions):
            path = httpx.URL(one.request.url).raw_path.decode()
            answer = client.post(
                server.base_url.removesuffix("/v1") + path,
                content=one.request.body,
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == 200, answer.text
            head = RequestHead("POST", one.request.url, {}, one.request.body)
            reader = StreamReader(head, response=ResponseHead(200))
            reader.feed(answer.content)
            assert holds(reader.close(), sample, number)


def test_a_stranger_is_told_what_differs(sample: Sample) -> None:
    """A miss names the place that differs, whatever the dialect calls its messages."""
    cassette = cv.load_cassette(cv.sample(sample.name))
    one = cassette.interactions[0]
    body = json.loads(one.request.body)
    body["stranger"] = 1
    with (
        httpx.Client(transport=cv.ReplayTransport(cassette)) as client,
        pytest.raises(cv.NoMatchingInteraction, match="stranger"),
    ):
        client.post(one.request.url, json=body)


# ---- comparison


def test_compared_with_itself_it_has_no_difference(sample: Sample, runs: Any) -> None:
    strands = align_runs([runs, cv.read_runs(cv.sample(sample.name))])
    assert strands and all(strand.difference is None for strand in strands)


SAME_QUESTION = [one for one in SAMPLES if one.calls == ADDED]


@pytest.mark.parametrize("other", SAME_QUESTION[1:], ids=lambda one: one.name)
def test_the_same_question_in_two_dialects_is_compared_by_what_is_said(other: Sample) -> None:
    one = SAME_QUESTION[0]
    talks = [cv.read_conversation(cv.sample(each.name)) for each in (one, other)]
    view = cv.compare(*talks)
    rows = {str(row[0]): row[1:] for row in view.tables[0].rows}
    for name, place in (("input tokens", 0), ("output tokens", 1)):
        assert rows[name] == tuple(
            sum(tokens[place] for tokens in each.tokens) for each in (one, other)
        )
    strands = {(s.step, s.label): s for s in align_runs([talk.runs for talk in talks])}
    for call in ("call 0: add", "call 1: multiply"):
        assert strands[1, call].difference is None  # whatever their spelling, ids, framing
    text = strands[2, "text"]
    sides = [side.text for side in text.sides if side is not None]
    assert sides == [one.texts[1], other.texts[1]]
    difference = text.difference
    assert difference is not None
    shared = difference.offset
    assert sides[0][:shared] == sides[1][:shared] and sides[0][shared] != sides[1][shared]


def test_the_same_words_in_other_parts_are_no_difference() -> None:
    """Two text blocks of one dialect, one text of another; arguments in another order."""
    parts = [{"text": "One. "}, {"text": "Two."}]
    parts += [{"functionCall": {"name": "add", "args": {"b": 3, "a": 2}}}]
    said = {"candidates": [{"content": {"parts": parts, "role": "model"}}]}
    gemini = cv.read_stream(b"data: " + json.dumps(said).encode() + b"\r\n\r\n")
    blocks = [
        {"type": "message_start", "message": {"id": "m", "role": "assistant", "model": "m"}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
          for text in ("One. ", "Two.")),
        {"type": "content_block_start", "index": 1,
         "content_block": {"type": "tool_use", "id": "t", "name": "add", "input": {}}},
        {"type": "content_block_delta", "index": 1,
         "delta": {"type": "input_json_delta", "partial_json": '{"a": 2, "b": 3}'}},
    ]  # fmt: skip
    sent = [b"data: " + json.dumps(one).encode() + b"\n\n" for one in blocks]
    anthropic = cv.read_stream(b"".join(sent))
    text, call = align_runs([[gemini], [anthropic]])
    assert (text.label, text.difference) == ("text", None)
    assert (call.label, call.difference, call.is_respelt) == ("call 0: add", None, True)


# ---- a secret that a model says, cut into two pieces, and an id that a client makes up

PLANTED = "sk-proj-" + "a1B2c3D4" * 5
HALVES = PLANTED[:19], PLANTED[19:]
CHAT = "https://api.test/v1"


def sse(*events: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events)


def said_by_anthropic(half: str) -> dict[str, Any]:
    delta = {"type": "text_delta", "text": half}
    return {"type": "content_block_delta", "index": 0, "delta": delta}


BEGUN = [
    {"type": "message_start", "message": {"id": "m", "role": "assistant", "model": "m"}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
]
SPLIT: dict[str, tuple[str, bytes]] = {
    "openai-chat": (
        f"{CHAT}/chat/completions",
        sse(*({"choices": [{"index": 0, "delta": {"content": half}}]} for half in HALVES)),
    ),
    "openai-completions": (
        f"{CHAT}/completions",
        sse(*({"choices": [{"index": 0, "text": half}]} for half in HALVES)),
    ),
    "openai-responses": (
        f"{CHAT}/responses",
        sse(*({"type": "response.output_text.delta", "output_index": 0, "content_index": 0,
               "item_id": "msg_1", "delta": half} for half in HALVES)),
    ),
    "anthropic-messages": (f"{CHAT}/messages", sse(*BEGUN, *map(said_by_anthropic, HALVES))),
    "anthropic-messages on Bedrock": (
        "https://bedrock-runtime.x.amazonaws.com/model/m/invoke-with-response-stream",
        b"".join(
            frame({"bytes": b64encode(json.dumps(one).encode()).decode(), "p": "abc"},
                  event_type="chunk")
            for one in [*BEGUN, *map(said_by_anthropic, HALVES)]
        ),
    ),
    "bedrock-converse": (
        "https://bedrock-runtime.x.amazonaws.com/model/m/converse-stream",
        b"".join(
            frame({"contentBlockIndex": 0, "delta": {"text": half}, "p": "abcd"},
                  event_type="contentBlockDelta")
            for half in HALVES
        ),
    ),
    "gemini": (
        "https://x.test/v1beta/models/m:streamGenerateContent?alt=sse",
        sse(*({"candidates": [{"content": {"parts": [{"text": half}]}}]} for half in HALVES)),
    ),
    "ollama-chat": (
        "http://localhost:11434/api/chat",
        b"".join(
            json.dumps({"model": "m", "created_at": "2025-01-01T00:00:00Z", "done": False,
                        "message": {"role": "assistant", "content": half}}).encode() + b"\n"
            for half in HALVES
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", SPLIT)
def test_a_secret_in_two_pieces_is_found_and_the_stream_stays_whole(dialect: str) -> None:
    url, body = SPLIT[dialect]
    asked = {"model": "m", "messages": [], "anthropic_version": "x"}
    one = Interaction(
        RecordedRequest("POST", url, body=json.dumps(asked).encode()),
        RecordedResponse(200, body=body),
    )
    (before,) = cv.read_runs(Cassette((one,)))
    assert (before.dialect, before.message.text) == (dialect.split()[0], PLANTED)
    clean, removed = redact(one)
    assert any("in fragments" in place for place in removed)
    (run,) = cv.read_runs(Cassette((clean,)))
    assert len(run.message.text) == len(PLANTED)
    assert run.message.text.startswith("sk-proj-") is False
    assert not any(half in run.message.text for half in HALVES)
    assert [f.code for f in run.findings] == [f.code for f in before.findings]
    assert len(clean.response.body) == len(body)


def test_a_damaged_frame_is_cleaned_and_stays_damaged() -> None:
    url, body = SPLIT["bedrock-converse"]
    broken = body[:-1] + bytes([body[-1] ^ 1])
    request = RecordedRequest("POST", url, body=b'{"messages": []}')
    one = Interaction(request, RecordedResponse(200, body=broken))
    before, after = (cv.read_runs(Cassette((each,)))[0] for each in (one, redact(one)[0]))
    assert PLANTED[-20:] not in after.message.text
    codes = [finding.code for finding in before.findings]
    assert codes == [finding.code for finding in after.findings]
    assert any("crc" in code or "frame" in code for code in codes)


_ID = rb'("(?:tool_use_id|toolUseId|tool_call_id|call_id|id)":\s*")([^"]+)'


@pytest.mark.parametrize("recorded", SAMPLES, ids=lambda one: one.name)
def test_a_client_that_makes_up_its_own_ids_is_answered(recorded: Sample) -> None:
    """The second request names its calls by other ids, as clients do, and is answered."""
    cassette = cv.load_cassette(cv.sample(recorded.name))
    talk = read_conversations(cassette)[0]
    if len(talk.steps) < 2:
        pytest.skip("it calls no tools")
    first, second = cassette.interactions
    body = second.request.body
    made_up: dict[bytes, bytes] = {}

    def rename(found: re.Match[bytes]) -> bytes:
        return found[1] + made_up.setdefault(found[2], b"made-up-%d" % len(made_up))

    body = re.sub(_ID, rename, body)
    assert made_up and body != second.request.body
    transport = cv.ReplayTransport(cassette, normalise_ids=True)
    with httpx.Client(transport=transport) as client:
        asked = {"headers": {"content-type": "application/json"}}
        client.post(first.request.url, content=first.request.body, **asked)  # type: ignore[arg-type]
        answer = client.post(second.request.url, content=body, **asked)  # type: ignore[arg-type]
    assert answer.content == second.response.body


def test_an_answer_that_is_not_read_claims_nothing() -> None:
    """Llama's invoke: a chat that is known by name only, with usage in fields of its own."""
    url = "https://bedrock-runtime.x.amazonaws.com/model/meta.llama/invoke"
    sent = b'{"generation": "Hi", "prompt_token_count": 5}'
    request = RecordedRequest("POST", url, body=b'{"prompt": "hi"}')
    runs = cv.read_runs(Cassette((Interaction(request, RecordedResponse(200, body=sent)),)))
    (row,) = cv.run_table(runs)[["text_length", "reasoning_length", "tool_calls"]].values.tolist()
    assert all(cell is not cell or cell is None or str(cell) == "<NA>" for cell in row)
    assert "no usage was sent" not in cv.usage(runs).svg
    assert "the answer is not read" in cv.usage(runs).svg
    assert "No tool was called" not in cv.tool_calls(runs).svg
    assert "Not all answers are in a dialect that is read" in cv.tool_calls(runs).sentence
    other = cv.read_runs(cv.sample("gemini_2.5-flash"))
    assert "A: Amazon Bedrock (not read)" in cv.compare(runs, other).sentence
    numbers = {cells[0]: cells[1:] for cells in cv.compare(runs, other).tables[0].rows}
    assert numbers["tool calls"] == (None, 2) and numbers["input tokens"] == (None, 339)
    columns = run_columns(runs[0])
    assert (columns["is_read"], columns["usage"], columns["ending"]) == (False, [], None)
