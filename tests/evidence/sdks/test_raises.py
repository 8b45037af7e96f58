"""SDKs that fail on an answer: each reading in a process of its own, and none hangs us."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import NotFailingError
from chatviz.evidence.sdks.raises import SDKS, SDKFails
from chatviz.evidence.sdks.sdk_process import Reading, SDKProcess

READY = """import sys; sys.stdin.readline(); print('{"ready": true}', flush=True); """
IS_READY_AND_HANGS = f"{READY}import threading; threading.Event().wait()"
NEVER_ANSWERS = "import sys, threading; sys.stdin.readline(); threading.Event().wait()"
DIES = "import sys; sys.stdin.readline()"
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


def test_a_good_stream_fails_with_no_sdk() -> None:
    for sdk, name in (("openai", "openrouter_kimi-k2_fireworks"), ("openai", "openai_gpt-4o-mini"),
                      ("anthropic", "anthropic_claude-sonnet-4")):  # fmt: skip
        pytest.importorskip(sdk, reason=f"{sdk} is not installed")
        fails = cv.raises(sdk)
        for run in cv.read_runs(cv.sample(name)):
            assert fails.process.read(SDKS[sdk][run.dialect], run.body).ending == "read"
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
    assert "import openai" in text and "import chatviz" not in text
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
    shrunk = cv.shrink(recording(sse(good, {"error": {"message": "no"}}, done=False)), openai)
    assert json.loads(shrunk.after.body.removeprefix(b"data: ")) == {"error": {"message": ""}}


def test_what_an_sdk_reads_otherwise_is_a_failure_too(openai: SDKFails) -> None:
    run = recording(b'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n')
    other = SDKFails("openai", "0", _Says(Reading("read", text="other")))
    assert other(run) and other.pinned(run) is not None
    pinned = other.pinned(run)
    assert pinned is not None and pinned.name == "openai 0 reads other text than was sent"
    assert "assert read(BODY)['text'] == ''" in pinned.test_lines(run)
    assert pinned.expected_and_got(run)[1] == "text 'other', calls []"
    calls = SDKFails("openai", "0", _Says(Reading("read", calls=(("f", "{}"),)))).pinned(run)
    assert calls is not None and calls.how == ("differs", "calls")
    assert "assert read(BODY)['calls'] == []" in calls.test_lines(run)


class _Says(SDKProcess):
    """Answers what it was given."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(1.0)
        self.reading = reading

    def read(self, adapter: str, body: bytes) -> Reading:
        return self.reading


@pytest.mark.parametrize(
    ("sdk", "name"),
    [
        ("openai", "openrouter_kimi-k2_fireworks"),
        ("openai", "openai_gpt-4o-mini"),
        ("anthropic", "anthropic_claude-sonnet-4"),
    ],
)
def test_the_test_that_is_made_reads_as_each_adapter_does(sdk: str, name: str) -> None:
    """The failure is made up, so the test passes: the SDK reads what was sent."""
    pytest.importorskip(sdk, reason=f"{sdk} is not installed")
    for run in cv.read_runs(cv.sample(name)):
        says = SDKFails(sdk, "0", _Says(Reading("read", text="other")), ("differs", "text"))
        names: dict[str, Any] = {"__name__": "made", "BODY": run.body}
        exec(says.test_lines(run), names)
        names["test_the_stream_is_read"]()
        assert len(names["read"](run.body)["calls"]) == len(run.message.tool_calls)


def test_another_dialect_framing_or_status_is_not_what_it_reads() -> None:
    fails = SDKFails("openai", "0", _Says(Reading("raises", "E")))
    assert not fails(cv.read_runs(cv.sample("gemini_2.5-flash"))[0])
    assert not fails(recording(b'{"choices":[]}'))
    assert fails(recording(b"data: {}\n\n"))


# ---- processes


@pytest.mark.parametrize(
    ("code", "limits_s", "ending"),
    [
        (NEVER_ANSWERS, (60.0, 0.2), "hangs"),
        (IS_READY_AND_HANGS, (0.2, 60.0), "hangs"),
        (DIES, (60.0, 60.0), "dies"),
        (READY, (60.0, 60.0), "dies"),
    ],
)
def test_a_process_that_hangs_or_dies_is_ended_and_the_next_reading_gets_another(
    code: str, limits_s: tuple[float, float], ending: str
) -> None:
    limit_s, start_s = limits_s
    process = SDKProcess(limit_s, start_s=start_s, command=(sys.executable, "-c", code))
    for _ in range(2):
        assert process.read("openai_chat", b"") == Reading(ending)
    process.close()
    failing = SDKFails("openai", "0", process)
    run = recording(b"data: {}\n\n")
    pinned = failing.pinned(run)
    assert pinned is not None and pinned.name == f"openai 0 {ending}"
    assert pinned.expected_and_got(run)[1] == f"it {ending}"
    assert pinned.test_lines(run).endswith("    read(BODY)\n")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to look for it")
def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    child = tmp_path / "child"
    waits = "import threading; threading.Event().wait()"
    code = (
        "import pathlib, subprocess, sys\n"
        "sys.stdin.readline()\n"
        f"one = subprocess.Popen([sys.executable, '-c', {waits!r}])\n"
        f"pathlib.Path({str(child)!r}).write_text(str(one.pid))\n"
        """print('{"read": {"text": "", "calls": []}}', flush=True)\n"""
        "one.wait()\n"
    )
    process = SDKProcess(60.0, command=(sys.executable, "-c", code))
    assert process.read("openai_chat", b"").ending == "read"
    pid = int(child.read_text())
    assert _is_alive(pid)
    process.close()
    for _ in range(200):  # it was killed, and need not be gone the same moment
        if not _is_alive(pid):
            break
        Event().wait(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in "ZX"


def test_an_adapter_that_is_not_there_is_an_error_and_the_process_lives() -> None:
    process = SDKProcess(60.0)
    try:
        for _ in range(2):
            read = process.read("none", b"")
            assert (read.ending, read.error) == ("raises", "ValueError")
    finally:
        process.close()


def test_an_sdk_that_is_unknown_or_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="one of openai, anthropic, found 'opanai'"):
        cv.raises("opanai")
    monkeypatch.setitem(SDKS, "chatviz-absent", {})
    with pytest.raises(ModuleNotFoundError, match="pip install chatviz-absent"):
        cv.raises("chatviz-absent")
