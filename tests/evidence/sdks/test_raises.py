"""SDKs that fail on an answer: what is pinned, and the test and the issue that come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import NotFailingError
from chatviz.evidence.sdks.comparing import SentAndRead
from chatviz.evidence.sdks.raises import SDKFails
from chatviz.evidence.sdks.reader import SDKReader
from chatviz.evidence.sdks.reading import Reading
from chatviz.evidence.sdks.sdk import SDK, find_sdks
from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.worker import Worker
from tests.several_choices import two_choices

CHAT = "https://api.openai.com/v1/chat/completions"


def recording(body: bytes, url: str = CHAT) -> cv.StreamRun:
    """Return an answer as if it had been recorded."""
    response = RecordedResponse(200, "200 OK", {"content-type": ("text/event-stream",)}, body)
    (run,) = cv.read_runs(Cassette((Interaction(RecordedRequest("POST", url), response),)))
    return run


@pytest.fixture(scope="module")
def openai() -> Iterator[SDKFails]:
    pytest.importorskip("openai", reason="openai is not installed")
    fails = cv.raises("openai")
    yield fails
    fails.close()


@pytest.fixture
def first_index_1(sse: Callable[..., bytes], openai: SDKFails) -> cv.StreamRun:
    """OpenAI's gpt-5 through OpenRouter numbers its only call 1: openai-python 3.57.0 raises."""
    call = {"index": 1, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    rest = {"index": 1, "function": {"arguments": '{"a":1}'}}
    run = recording(
        sse(
            {"id": "x", "object": "chat.completion.chunk", "choices": [_choice(content="Hi")]},
            {"id": "x", "object": "chat.completion.chunk", "choices": [_choice(tool_calls=[call])]},
            {"id": "x", "object": "chat.completion.chunk", "choices": [_choice(tool_calls=[rest])]},
        )
    )
    if not openai(run):
        pytest.skip(f"openai {openai.version} reads calls that are numbered from 1")
    return run


def _choice(**delta: Any) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": None}


@pytest.mark.parametrize(
    ("sdk", "name"),
    [
        ("openai", "openrouter_kimi-k2_fireworks"),
        ("openai", "openai_gpt-4o-mini"),
        ("anthropic", "anthropic_claude-sonnet-4"),
    ],
)
def test_a_good_stream_fails_with_no_sdk(sdk: str, name: str) -> None:
    pytest.importorskip(sdk, reason=f"{sdk} is not installed")
    fails = cv.raises(sdk)
    for run in cv.read_runs(cv.sample(name)):
        assert fails.reader.read(run).verdict == "same"
        assert not fails(run)
    with pytest.raises(NotFailingError, match=f"true that {sdk} .* fails"):
        cv.shrink(name, fails)


def test_a_crash_becomes_two_chunks_and_a_test_that_needs_no_chatviz(
    first_index_1: cv.StreamRun, openai: SDKFails
) -> None:
    shrunk = cv.shrink(first_index_1, openai)
    assert shrunk.sentence.startswith(f"openai {openai.version} raises IndexError: 3 chunks")
    assert len(shrunk.after.chunks) == 2 and shrunk.is_minimal
    assert shrunk.after.body.endswith(b"data: [DONE]\n\n")
    text = shrunk.as_test()
    assert "import openai" in text and "chatviz" not in text
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "test_made.py", "exec"), names)
    with pytest.raises(IndexError):
        names["test_the_stream_is_read"]()
    issue = shrunk.as_issue()
    assert f"- openai {openai.version}" in issue and "IndexError: list index out of range" in issue


def test_the_recorded_crash_of_gpt_5_becomes_two_chunks(
    shared_cassettes: Path, openai: SDKFails
) -> None:
    path = shared_cassettes / "go-vcr" / "openrouter_gpt-5_first_index_1.yaml"
    if not any(map(openai, cv.read_runs(path))):
        pytest.skip(f"openai {openai.version} no longer raises on this recording")
    shrunk = cv.shrink(path, openai)
    assert (len(shrunk.before.chunks), len(shrunk.after.chunks)) == (111, 2)
    assert openai.pinned(shrunk.after) is not None


def test_an_error_that_the_server_sent_is_pinned_to_its_kind(
    sse: Callable[..., bytes], openai: SDKFails
) -> None:
    good = {"id": "x", "object": "chat.completion.chunk", "choices": [_choice(content="Hi")]}
    run = recording(sse(good, {"error": {"message": "no"}}, done=False))
    reading = openai.reader.read(run)
    assert (reading.verdict, reading.error) == ("same", "APIError")  # it is right, and it raises
    shrunk = cv.shrink(run, openai)
    assert json.loads(shrunk.after.body.removeprefix(b"data: ")) == {"error": {"message": ""}}


# ---- what an SDK reads otherwise


class _Says(SDKReader):
    """Answers what it was given."""

    def __init__(self, sdk: SDK, reading: Reading) -> None:
        super().__init__(sdk, 1.0)
        self.reading = reading

    def read(self, run: cv.StreamRun) -> Reading:
        return self.reading


def _says(
    sdk: str, kind: str, verdict: Any = "wrong", read: str = "other", result: Any = None
) -> _Says:
    difference = SentAndRead(kind, kind, "", read, verdict)
    result = result or {"text": "other", "calls": []}
    return _Says(find_sdks()[sdk], Reading(verdict, (difference,), result=result))


EMPTY = b'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n'


def test_what_an_sdk_contradicts_is_a_failure_and_is_pinned_to_what_differs() -> None:
    run = recording(EMPTY)
    fails = SDKFails(_says("openai", "text"))
    pinned = fails.pinned(run)
    assert fails(run) and pinned is not None and pinned.how == ("wrong", "text", "other")
    assert pinned.name.endswith("reads other text than was sent")
    assert SDKFails(_says("openai", "calls"), ("wrong", "calls")).name.endswith("than were sent")
    assert pinned.expected_and_got(run)[1] == "text 'other', calls []"
    assert not SDKFails(_says("openai", "calls"), ("wrong", "text"))(run)


def test_what_an_sdk_leaves_out_is_a_failure_only_where_it_was_asked_for() -> None:
    run = recording(EMPTY)
    says = _says("openai", "usage", "lossy", read="")
    assert not SDKFails(says)(run) and SDKFails(says).pinned(run) is None
    pinned = SDKFails(says, ("lossy", "usage")).pinned(run)
    assert pinned is not None and pinned.name.endswith("leaves out usage")
    assert pinned.expected_and_got(run) == (
        "The stream is read: text ''; usage ''.",
        "text 'other', calls []; no usage",
    )
    assert SDKFails(says, ("lossy", "cost")).pinned(run) is None


# By SDK: a sample that it reads, and what of it the SDK has no place for, or numbers itself.
SAMPLES = {
    ("openai", "openrouter_kimi-k2_fireworks"): (),
    ("openai", "openai_gpt-4o-mini"): ("cost",),
    ("anthropic", "anthropic_claude-sonnet-4"): ("cost",),
    ("groq", "openrouter_kimi-k2_fireworks"): (),
    ("google-genai", "gemini_2.5-flash"): ("cost", "ids"),
    ("ollama", "ollama_gpt-oss-120b"): ("cost", "ids"),
    ("litellm", "openrouter_kimi-k2_fireworks"): (),
    ("langchain-openai", "openrouter_kimi-k2_fireworks"): ("cost", "ids"),
    ("langchain-anthropic", "anthropic_claude-sonnet-4"): ("cost", "ids"),
    ("pydantic-ai", "anthropic_claude-sonnet-4"): ("cost", "finish"),
    ("ai-sdk", "openai_gpt-4o-mini"): ("cost", "finish"),
}


@pytest.mark.parametrize(("sdk", "name"), SAMPLES)
def test_the_test_that_is_made_passes_where_the_sdk_reads_what_was_sent(
    sdk: str, name: str
) -> None:
    """The failure is made up, so the test passes: the SDK reads what was sent."""
    found = find_sdks()[sdk]
    if found.is_absent:
        pytest.skip(f"{sdk} is not installed")
    run = cv.read_runs(cv.sample(name))[0]
    with Worker(60.0) as worker:
        for kind in ("text", "calls", "arguments", "finish", "usage", "cost", "ids"):
            if kind not in SAMPLES[sdk, name]:
                says = SDKFails(_says(sdk, kind), ("wrong", kind))
                ended = worker.run(_run_test, says.test_lines(run), run.body)
                assert ended == Ending("returned"), kind


def _run_test(source: str, body: bytes) -> None:
    names: dict[str, Any] = {"__name__": "made", "BODY": body}
    exec(source, names)
    names["test_the_stream_is_read"]()


def test_the_test_that_is_made_fails_where_something_else_was_sent() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    for kind in ("text", "calls", "arguments", "finish", "usage", "cost", "ids"):
        says = SDKFails(_says("openai", kind), ("wrong", kind))
        names: dict[str, Any] = {
            "__name__": "made",
            "BODY": EMPTY.replace(b"[]", b'[{"index":0,"delta":{}}]'),
        }
        exec(says.test_lines(run), names)
        with pytest.raises((AssertionError, TypeError)):
            names["test_the_stream_is_read"]()


@pytest.mark.parametrize("sdk", ["openai", "groq"])
def test_the_test_that_is_made_asks_for_all_choices(sdk: str) -> None:
    """The failure is made up: the SDK reads both choices, and not those of another stream."""
    pytest.importorskip(sdk, reason=f"{sdk} is not installed")
    run = recording(two_choices())
    other = two_choices("no", '{"x":2}', "stop").replace(b"call_b", b"c").replace(b'"f"', b'"g"')
    for kind in ("text", "calls", "arguments", "finish", "ids"):
        lines = SDKFails(_says(sdk, kind), ("wrong", kind)).test_lines(run)
        _run_test(lines, two_choices())
        with pytest.raises(AssertionError):
            _run_test(lines, other)


def test_both_sides_of_several_choices_are_told() -> None:
    read = [("a", ()), ("no", ({"id": "", "name": "f", "arguments": "{}"},))]
    told = [{"text": text, "calls": list(calls), "finish": None} for text, calls in read]
    says = _says("openai", "text", result={**told[0], "choices": told[1:]})
    expected, got = SDKFails(says, ("wrong", "text")).expected_and_got(recording(two_choices()))
    assert expected.startswith("The stream is read: text 'a'; choice 1: text 'yes', call 'f' with ")
    assert got == "text 'a', calls []; choice 1: text 'no', calls [('f', '{}')]"


def test_arguments_that_are_no_json_are_compared_as_text_in_a_test(
    sse: Callable[..., bytes],
) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a":'}}
    chunk = {"object": "chat.completion.chunk", "choices": [_choice(tool_calls=[call])]}
    says = SDKFails(_says("openai", "arguments"), ("wrong", "arguments"))
    assert """assert found == ['{"a":']""" in says.test_lines(recording(sse(chunk)))


def test_a_test_of_an_sdk_that_is_asked_through_a_server_holds_the_server() -> None:
    run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    reader = _says("litellm", "reasoning")
    reader.sdk = replace(reader.sdk, is_absent=False)
    says = SDKFails(reader, ("lossy", "reasoning"))
    text = says.test_lines(run)
    assert "class Answers(BaseHTTPRequestHandler)" in text and "chatviz" not in text
    assert "import litellm" in text
    compile(text, "test_made.py", "exec")


def test_an_answer_that_the_sdk_does_not_read_gives_no_test() -> None:
    run = cv.read_runs(cv.sample("gemini_2.5-flash"))[0]
    with pytest.raises(ValueError, match="an answer that openai reads"):
        SDKFails(_says("openai", "text"), ("wrong", "text")).test_lines(run)


def test_an_error_and_a_hang_are_told_as_they_are() -> None:
    run = recording(EMPTY)
    raised = Reading("raises", error="E", message="m", place=("f.py", "f"))
    fails = SDKFails(_Says(find_sdks()["openai"], raised))
    assert fails.expected_and_got(run)[1] == "E: m (in `f`, f.py)"
    pinned = SDKFails(_Says(find_sdks()["openai"], Reading("hangs"))).pinned(run)
    assert pinned is not None and pinned.how == ("hangs",)
    assert pinned.name.endswith(" hangs") and pinned.expected_and_got(run)[1] == "it hangs"
    assert pinned.test_lines(run).endswith("    read(BODY, REQUEST)\n")


def test_an_sdk_that_is_unknown_or_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"one of .*openai.*, found 'opanai'\. Did you .*'openai'"):
        cv.raises("opanai")
    absent = {"chatviz-absent": SDK("chatviz-absent", (), {}, is_absent=True)}
    monkeypatch.setattr("chatviz.evidence.sdks.sdk.find_sdks", lambda: absent)
    with pytest.raises(ModuleNotFoundError, match="pip install chatviz-absent"):
        cv.raises("chatviz-absent")
