"""A shared recording: the same stream, and nobody in it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_response
from chatviz.cassettes.matching.matcher import differences
from chatviz.cassettes.sharing.share import share_cassette

KEY = "sk-" + "proj-" + "abcdefghijklmnop0123456789"
SHARED = [
    *("go-vcr/anthropic_multi_tool", "go-vcr/bedrock_invoke_tool", "go-vcr/google_gemini_thinking"),
    *("go-vcr/openai_responses_reasoning_summary", "go-vcr/vertex_claude_stream_raw_predict_tool"),
    *("go-vcr/openrouter_kimi-k2_baseten_multi_tool", "vcrpy/bedrock_converse"),
    *("vcrpy/groq_error_inside_stream", "vcrpy/llm_openai_responses_gzip"),
]


def told(runs: list[cv.StreamRun]) -> list[Any]:
    """What has to stay of answers, read without the code that checks it.

    The name of a tool that was not offered is nobody's word: it was damaged, and need not stay.
    """
    return [
        (
            run.dialect, run.framing, run.timing, run.model, run.provider, run.usage, run.cost,
            run.finish_reason, [(event.start, event.end, event.at) for event in run.events],
            [(one.code, one.severity, one.chunk, one.count) for one in run.findings],
            len(run.message.text.encode("utf-8", "surrogatepass")), len(run.message.reasoning),
            [(call.name if call.name in {tool.name for tool in run.chat_request.tools}
              else len(call.name), len(call.arguments), len(call.fragments))
             for call in run.message.tool_calls],
        )
        for run in runs
    ]  # fmt: skip


def matching(cassette: Cassette) -> list[bool]:
    requests = [each.request for each in cassette.interactions]
    return [not differences(a, b) for a, b in product(requests, repeat=2)]


def hold_against(before: Cassette, after: Cassette) -> None:
    assert told(cv.read_runs(after)) == told(cv.read_runs(before))
    assert matching(after) == matching(before)
    for one, other in zip(before.interactions, after.interactions, strict=True):
        assert len(other.request.body) == len(one.request.body)
        decoded = decode_response(one.response)
        assert [(len(piece.data), piece.at) for piece in other.response.pieces] == [
            (len(piece.data), piece.at) for piece in decoded.pieces
        ]
        assert other.response.duration_ns == one.response.duration_ns
    links = [
        [[step.run.interaction for step in talk.steps] for talk in cv.read_conversations(side)]
        for side in (before, after)
    ]
    assert links[0] == links[1]


def written_words(cassette: Cassette) -> set[str]:
    """The longer words of what people and models wrote in a recording."""
    texts = [
        message.text
        for run in cv.read_runs(cassette)
        for message in (*run.chat_request.messages, *run.messages)
    ]
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{7,}", text)}


@pytest.mark.parametrize("text", ["shapes", "keep"])
@pytest.mark.parametrize("name", cv.samples())
def test_a_packaged_recording_keeps_its_stream(tmp_path: Path, name: str, text: Any) -> None:
    path = tmp_path / "shared.yaml"
    report = cv.share(cv.sample(name), path, text=text)
    assert report.holds, str(report)
    before, after = cv.load_cassette(cv.sample(name)), cv.load_cassette(path)
    hold_against(before, after)
    before_words, after_words = written_words(before), written_words(after)
    assert before_words == after_words if text == "keep" else not before_words & after_words
    assert any(len(run.message.text) for run in cv.read_runs(after))


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_recording_keeps_its_stream(
    shared_cassettes: Path, tmp_path: Path, name: str
) -> None:
    path = shared_cassettes / f"{name}.yaml"
    report = cv.share(path, tmp_path / "shared.yaml", names=["Florence"])
    assert report.holds, str(report)
    hold_against(cv.load_cassette(path), cv.load_cassette(tmp_path / "shared.yaml"))


def chat(request: dict[str, Any], *pieces: str, call: tuple[str, ...] = ()) -> Interaction:
    """A chat whose answer says the pieces, then calls a tool with the pieces of its arguments."""
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    head = {"index": 0, "id": "call_Xyz123Abc456", "type": "function"}
    for number, piece in enumerate(call):
        named = {"name": "look_up", "arguments": piece} if number == 0 else {"arguments": piece}
        deltas.append(
            {"tool_calls": [{**(head if number == 0 else {"index": 0}), "function": named}]}
        )
    chunks = [
        {"id": "chatcmpl-9aBcD8eFgH", "model": "m-1", "choices": [{"index": 0, "delta": delta}]}
        for delta in deltas
    ]
    end = {
        "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls" if call else "stop"}]
    }
    body = b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in (*chunks, end))
    return Interaction(
        RecordedRequest(
            "POST", "https://api.example.com/v1/chat/completions",
            {"content-type": ("application/json",), "authorization": (f"Bearer {KEY}",)},
            json.dumps({"model": "m-1", **request}).encode(),
        ),
        RecordedResponse(200, "200 OK", {"content-type": ("text/event-stream",)},
                         body + b"data: [DONE]\n\n"),
    )  # fmt: skip


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "description": "Looks up people of Acme",
            "parameters": {
                "type": "object",
                "properties": {
                    "person": {"type": "string"},
                    "unit": {"enum": ["celsius", "kelvin"]},
                },
                "required": ["person"],
            },
        },
    }
]
SAID = {
    "tools": TOOLS,
    "user": "wolfgang",
    "messages": [
        {"role": "user", "content": "Write to Wolfgang Müller, wolfgang.m@acme-corp.example, "
         "+49 30 1234567, see /home/wolfgang/letters/a.txt. Use KEY " + KEY},
        {"role": "assistant", "tool_calls": [{"id": "call_Old987Zyx654", "type": "function",
         "function": {"name": "look_up", "arguments": '{"person": "Wolfgang M\\u00fcller"}'}}]},
        {"role": "tool", "tool_call_id": "call_Old987Zyx654",
         "content": '{"Wolfgang": {"mail": "wolfgang.m@acme-corp.example", "age": 47}}'},
    ],
}  # fmt: skip
ANSWER = (
    "I wrote to Wolf",
    "gang M",
    "ü",
    "ller at wolfgang",
    ".m@acme",
    "-corp.example: call_Old987Zyx654.",
)
CALL = ('{"person": "Wolf', "gang M\\u00", 'fcller", "unit": "cel', 'sius"}')


@pytest.fixture
def planted() -> Cassette:
    return Cassette((replace(chat(SAID, *ANSWER, call=CALL), extra={"note": "of Wolfgang"}),))


@pytest.mark.parametrize("text", ["shapes", "keep"])
def test_nothing_that_was_planted_is_left(tmp_path: Path, planted: Cassette, text: Any) -> None:
    path = tmp_path / "shared.yaml"
    report = cv.share(planted, path, names=["wolfgang", "Müller", "ACME"], text=text)
    assert report.holds, str(report)
    (run,) = cv.read_runs(path)
    everything = path.read_text() + run.message.text + str(run.message) + str(run.request)
    for gone in ("wolfgang", "müller", "m\\u00fcller", "acme", "1234567", KEY, "letters"):
        assert gone not in everything.lower(), gone
    for gone in ("call_Old987Zyx654", "call_Xyz123Abc456", "chatcmpl-9aBcD8eFgH"):
        assert gone not in everything, gone
    assert report.changed["ids"] and report.changed["names"] and report.removed
    hold_against(planted, cv.load_cassette(path))


def test_a_word_becomes_the_same_word_wherever_it_stands(planted: Cassette) -> None:
    after, report = share_cassette(planted)
    assert report.holds, str(report)
    (run,) = cv.read_runs(after)
    asked, called, result = run.chat_request.messages
    name = re.match(r"\w+ \w+ (\w+) (\w+),", asked.text)
    assert name is not None
    first, last = name.groups()
    assert len(first) == 8 and len(last.encode()) == 7 and first.isascii() != last.isascii()
    assert run.message.tool_calls[0].parsed == {"person": f"{first} {last}", "unit": "celsius"}
    assert called.tool_calls[0].parsed == {"person": f"{first} {last}"}
    assert f" {first} {last} " in run.message.text and run.request["user"] == first.lower()
    assert called.tool_calls[0].id in run.message.text  # an id that the text names
    assert f'"{first}": ' in result.text and "47" not in result.text  # no schema has that key


def test_protocol_tools_keys_and_choices_stay(planted: Cassette) -> None:
    (run,) = cv.read_runs(share_cassette(planted)[0])
    assert run.request is not None and run.model == "m-1"
    tool = run.request["tools"][0]
    assert tool["function"]["parameters"] == TOOLS[0]["function"]["parameters"]  # type: ignore[index]
    assert tool["function"]["name"] == "look_up" and tool["type"] == "function"
    assert "Acme" not in tool["function"]["description"]
    assert [each["role"] for each in run.request["messages"]] == ["user", "assistant", "tool"]


def test_what_was_written_is_kept_where_that_is_asked(planted: Cassette) -> None:
    (run,) = cv.read_runs(share_cassette(planted, text="keep", names=["Wolfgang"])[0])
    asked = run.chat_request.messages[0].text
    assert asked.startswith("Write to ") and "Müller, " in asked and ", see /" in asked
    assert run.message.text.startswith("I wrote to ") and " Müller at " in run.message.text


def test_two_recordings_of_the_same_are_shared_in_other_words(planted: Cassette) -> None:
    texts = [cv.read_runs(share_cassette(planted)[0])[0].message.text for _ in range(2)]
    assert texts[0] != texts[1]


def test_a_name_in_a_models_name_fails_the_check(planted: Cassette, tmp_path: Path) -> None:
    report = cv.share(planted, tmp_path / "shared.yaml", names=["m-1"])
    assert not report.holds and "FAILS: usage, cost, models" in str(report)


def test_a_short_name_is_a_word_of_its_own() -> None:
    asked = {"messages": [{"role": "user", "content": "Tim, it is time: al_tim, TIM2, total"}]}
    after, report = share_cassette(Cassette((chat(asked, "hi"),)), text="keep", names=["Tim", "Al"])
    assert report.holds, str(report)
    said = cv.read_runs(after)[0].chat_request.messages[0].text
    assert re.fullmatch(r"[A-Z]\w\w, it is time: \w\w_\w\w\w, [A-Z]{3}2, total", said), said
    assert "TIM" not in said and "_tim" not in said and "al_" not in said


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"names": "Wolfgang"}, TypeError, "a list of names"),
        ({"names": ["W"]}, ValueError, "two characters"),
        ({"text": "none"}, ValueError, "text='shapes'"),
    ],
)
def test_wrong_options_say_what_is_wanted(
    planted: Cassette, tmp_path: Path, options: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        cv.share(planted, tmp_path / "shared.yaml", **options)
    assert not (tmp_path / "shared.yaml").exists()


LETTERS = st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")
TEXTS = st.text(LETTERS | st.sampled_from('ab1 "\\\n{}'), min_size=1, max_size=40)


@settings(max_examples=30)
@given(said=TEXTS, asked=TEXTS, cuts=st.lists(st.integers(0, 40), max_size=5))
def test_any_text_is_shared_alike_whole_and_cut(said: str, asked: str, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut <= len(said)), len(said)]
    pieces = [said[a:b] for a, b in pairwise(edges)]
    request = {"messages": [{"role": "user", "content": asked}, {"role": "user", "content": said}]}
    before = Cassette((chat(request, *pieces),))
    after, report = share_cassette(before)
    assert report.holds, str(report)
    (run,) = cv.read_runs(after)
    assert run.message.text == run.chat_request.messages[1].text
    old = [len(each.encode()) for each in said]
    assert [len(each.encode()) for each in run.message.text] == old


def test_an_answer_that_repeats_itself_is_still_found_to() -> None:
    asked = {"messages": [{"role": "user", "content": "Say it"}]}
    growing = [
        "Hel",
        "Hello",
        "Hello Wolf",
        "Hello Wolfgang, here we are",
        "Hello Wolfgang, here we are",
        "Hello Wolfgang, here we are now",
    ]
    before = Cassette((chat(asked, *growing), chat(asked, *growing[-2:], growing[-1])))
    after, report = share_cassette(before, names=["Wolfgang"])
    assert report.holds, str(report)
    hold_against(before, after)
    codes = {one.code for run in cv.read_runs(after) for one in run.findings}
    assert "content_cumulative" in codes


def streamed(url: str, body: bytes) -> Cassette:
    request = RecordedRequest("POST", url, {}, b'{"contents":[],"messages":[],"max_tokens":1}')
    response = RecordedResponse(200, "200 OK", {"content-type": ("text/event-stream",)}, body)
    return Cassette((Interaction(request, response),))


def test_a_text_in_the_pieces_of_arguments_is_put_together() -> None:
    """Gemini streams arguments as values at paths, a text of them in pieces."""

    def event(**call: Any) -> bytes:
        part = {"functionCall": call}
        return (
            b"data: %s\n\n" % json.dumps({"candidates": [{"content": {"parts": [part]}}]}).encode()
        )

    body = (
        event(name="look_up", willContinue=True)
        + event(partialArgs=[{"jsonPath": "$.who", "stringValue": "Wolf", "willContinue": True}],
                willContinue=True)
        + event(partialArgs=[{"jsonPath": "$.who", "stringValue": "gang and Wolfgang"}])
    )  # fmt: skip
    url = "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse"
    before = streamed(url, body)
    after, report = share_cassette(before)
    assert report.holds, str(report)
    (call,) = cv.read_runs(after)[0].message.tool_calls
    (told,) = (call.parsed or {}).values()
    first, last = told.lower().split(" and ") if " and " in told else told.lower().split(" ")[::2]
    assert first == last != "wolfgang"


def test_the_providers_own_calls_are_put_together() -> None:
    """Anthropic streams the arguments of its own web search in pieces, too."""

    def event(kind: str, **more: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()

    block = {
        "type": "server_tool_use",
        "id": "srvtoolu_01AbCdEfGh",
        "name": "web_search",
        "input": {},
    }
    pieces = ('{"query": "Wolf', 'gang, Wolfgang"}')
    body = event("content_block_start", index=0, content_block=block)
    for piece in pieces:
        delta = {"type": "input_json_delta", "partial_json": piece}
        body += event("content_block_delta", index=0, delta=delta)
    after, report = share_cassette(streamed("https://api.anthropic.com/v1/messages", body))
    assert report.holds, str(report)
    said = "".join(
        re.findall(
            r'"partial_json": "((?:[^"\\]|\\.)*)"', after.interactions[0].response.body.decode()
        )
    )
    match = re.fullmatch(r'\{\\"\w{5}\\": \\"(\w+), (\w+)\\"\}', said)
    assert match is not None and match[1] == match[2] != "Wolfgang"


@settings(max_examples=25)
@given(
    name=st.sampled_from(cv.samples()),
    at=st.integers(0, 10**6),
    size=st.integers(0, 50),
    put=st.sampled_from([b"", b"\xff", b'"', b"\\", b"{", b"\n\n", b"data: "]),
)
@example(name="ollama_gpt-oss-120b", at=0, size=0, put=b"\xff")  # no line is a known field
def test_damaged_answers_name_nobody_and_a_report_that_holds_is_right(
    name: str, at: int, size: int, put: bytes
) -> None:
    cassette = cv.load_cassette(cv.sample(name))
    interactions = []
    for each in cassette.interactions:
        body = each.response.body
        start = at % max(1, len(body))
        damaged = body[:start] + put + body[start + size :]
        response = replace(each.response, body=damaged, metadata=None)
        interactions.append(replace(each, response=response))
    before = replace(cassette, interactions=tuple(interactions))
    after, report = share_cassette(before, names=["Florence"])
    failed = {check.name for check in report.checks if not check.holds}
    always = ("sizes", "chunks", "no secret", "no name", "every body")
    assert not [name for name in failed if name.startswith(always)], str(report)
    if report.holds:
        hold_against(before, after)


def test_the_recording_itself_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    shutil.copy(cv.sample("openrouter_kimi-k2_fireworks"), path)
    before = path.read_bytes()
    for source in (path, cv.load_cassette(path)):
        with pytest.raises(cv.CassetteError, match="the target is the recording itself"):
            cv.share(source, path)
    assert path.read_bytes() == before
    path.unlink()
    assert cv.share(cv.load_cassette(cv.sample("openrouter_kimi-k2_fireworks")), path).holds


def test_a_bar_tells_each_step_where_somebody_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.progress_bar.FIRST_AFTER_S", 0.0)
    sample = cv.sample("openrouter_kimi-k2_fireworks")
    assert cv.share(sample, tmp_path / "a.yaml", progress=True).holds
    told = capsys.readouterr().err
    assert "checking: 100%" in told
    assert cv.share(sample, tmp_path / "b.yaml").holds
    assert capsys.readouterr().err == ""
