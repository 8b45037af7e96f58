"""Each library that is installed reads the packaged recordings, through its adapter."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import chatviz as cv
from chatviz.evidence.sdks import adapters
from chatviz.evidence.sdks.reader import SDKReader
from chatviz.evidence.sdks.reading import Reading, judge_reading
from chatviz.evidence.sdks.sdk import GROUP, Adapter, find_sdk, find_sdks, sdk_of
from chatviz.evidence.workers.ending import Ending

SDKS = (
    "ai-sdk", "anthropic", "google-genai", "groq", "langchain-anthropic", "langchain-openai",
    "litellm", "ollama", "openai", "pydantic-ai",
)  # fmt: skip
# What each is known to leave out, or to number itself, of the packaged recordings.
LEFT_OUT = {
    "ai-sdk": {"cost"},
    "langchain-anthropic": {"ids"},
    "langchain-openai": {"cost", "ids"},
    "litellm": {"ids"},
    "ollama": {"ids"},
    "pydantic-ai": {"cost"},
}


def test_there_is_an_adapter_for_each_of_these() -> None:
    assert tuple(find_sdks()) == SDKS


def test_an_adapter_is_a_file_that_is_found_by_its_place() -> None:
    folder = Path(str(adapters.__file__)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    found = {
        one.read.__module__.rpartition(".")[2]
        for sdk in find_sdks().values()
        for one in sdk.adapters
    }
    assert found == files


@pytest.mark.parametrize("name", SDKS)
def test_a_library_reads_every_packaged_answer_of_its_dialects(name: str) -> None:
    sdk = find_sdks()[name]
    if sdk.is_absent:
        pytest.skip(f"{name} is not installed")
    runs = [run for one in cv.samples() for run in cv.read_runs(cv.sample(one))]
    with SDKReader(sdk, 60.0) as reader:
        readings = [reader.read(run) for run in runs if sdk.adapter_for(run)]
    assert readings
    for reading in readings:
        assert reading.verdict in ("same", "lossy", "wrong"), reading
        assert {one.kind for one in reading.differences} <= LEFT_OUT.get(name, set())
        assert reading.seconds is not None and reading.seconds > 0


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An entry point of another package."""
    (tmp_path / "parser_of_others.py").write_text(
        "SDK = 'parser-of-others'\nDISTRIBUTION = 'pytest'\nREADS = {'gemini': 'sse'}\n"
        "def read(body, request): return {'text': 'mine'}\n"
        "def plain(body, request): return {'text': 'plain'}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint("parser-of-others", "parser_of_others", GROUP),
        EntryPoint("plain", "parser_of_others:plain", GROUP),
        EntryPoint("broken", "there_is_no_such_module", GROUP),
    ]
    monkeypatch.setattr(
        "chatviz.evidence.sdks.sdk.entry_points", lambda group: points if group == GROUP else []
    )
    yield "parser-of-others"


def test_other_packages_bring_adapters_by_entry_point(entry: str) -> None:
    run = cv.read_runs(cv.sample("gemini_2.5-flash"))[1]
    matrix = cv.sdk_matrix(run, sdks=[entry, "plain"])
    assert [cell.reading.differences[0].read for cell in matrix.cells] == ["mine", "plain"]
    assert matrix.sdks[0].version and not matrix.sdks[1].version
    assert cv.raises(entry)(run)


@pytest.mark.usefixtures("entry")
def test_an_adapter_that_cannot_be_loaded_keeps_nobody_else_from_reading() -> None:
    run = cv.read_runs(cv.sample("gemini_2.5-flash"))[1]
    matrix = cv.sdk_matrix(run, sdks=["plain", "broken"])
    assert [cell.verdict for cell in matrix.cells] == ["wrong", "absent"]
    assert "cannot be loaded: ModuleNotFoundError" in matrix.cells[1].reading.message
    with pytest.raises(ModuleNotFoundError, match="'broken' cannot be asked: its adapter cannot"):
        cv.raises("broken")


@pytest.mark.skipif(sys.platform == "win32", reason="the program that is made up is a script")
def test_node_that_hangs_is_ended_with_the_process_that_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    node = tmp_path / "node"
    node.write_text(
        f"#!{sys.executable}\nimport os, pathlib, threading\n"
        f"pathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "threading.Event().wait()\n"
    )
    node.chmod(0o755)
    package = tmp_path / "node_modules" / "ai"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.8.7"}')
    monkeypatch.setenv("CHATVIZ_NODE_PROJECT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    run = cv.read_runs(cv.sample("gemini_2.5-flash"))[0]
    with SDKReader(find_sdks()["ai-sdk"], 5.0) as reader:
        assert reader.read(run) == Reading("hangs")
    for _ in range(200):  # it was killed, and need not be gone the same moment
        if not _is_alive(int(started.read_text())):
            break
        Event().wait(0.05)
    assert not _is_alive(int(started.read_text()))


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in "ZX"


def test_a_library_without_what_it_needs_for_a_dialect_is_absent_there() -> None:
    run = cv.read_runs(cv.sample("gemini_2.5-flash"))[0]
    missing = Ending("raised", error="ModuleNotFoundError", message="No module named 'google'")
    assert judge_reading(missing, run).verdict == "absent"
    assert judge_reading(missing, run, is_own=True).verdict == "raises"
    assert judge_reading(Ending("hung"), run) == Reading("hangs")


def test_answers_that_are_no_such_stream_are_not_read() -> None:
    openai = replace(find_sdks()["openai"], is_absent=False)
    run = cv.read_runs(cv.sample("openrouter_kimi-k2_novita"))[0]
    assert openai.adapter_for(run) is not None
    assert replace(openai, is_absent=True).adapter_for(run) is None
    whole = cv.read_stream(b'{"object":"chat.completion","choices":[]}')
    assert openai.adapter_for(whole) is None
    failed = msgspec.structs.replace(run, response=replace(run.response, status=500))
    assert openai.adapter_for(failed) is None
    assert Adapter(lambda body, request: None).can_read(whole)


def test_a_name_or_a_function_becomes_an_sdk() -> None:
    assert sdk_of("openai").name == "openai"
    assert sdk_of(find_sdks()["openai"]).name == "openai"

    class Parser:
        def __call__(self, body: bytes, request: dict[str, Any]) -> None: ...

    assert sdk_of(Parser()).name == "Parser"


def test_node_packages_are_looked_for_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatviz.evidence.sdks.adapters import ai_sdk

    inner = tmp_path / "project" / "inner"
    package = tmp_path / "project" / "node_modules" / "ai"
    package.mkdir(parents=True)
    inner.mkdir()
    (package / "package.json").write_text('{"version": "9.8.7"}')
    monkeypatch.setattr(ai_sdk.shutil, "which", lambda name: "/bin/node")
    monkeypatch.setenv("CHATVIZ_NODE_PROJECT", str(inner))
    assert ai_sdk.versions() == {"ai": "9.8.7"}
    monkeypatch.setenv("CHATVIZ_NODE_PROJECT", str(tmp_path))
    assert ai_sdk.versions() == {}
    monkeypatch.delenv("CHATVIZ_NODE_PROJECT")
    monkeypatch.chdir(inner)
    assert ai_sdk.versions() == {"ai": "9.8.7"}
    monkeypatch.setattr(ai_sdk.shutil, "which", lambda name: None)
    assert ai_sdk.versions() == {}


@pytest.mark.parametrize(
    ("code", "out", "error", "message"),
    [
        (1, "", "RuntimeError", "node ended with exit code 1: bad"),
        (0, '{"error": ["AI_APICallError", "no"]}', "AI_APICallError", "no"),
        (0, '{"error": ["ModuleNotFoundError", "ai"]}', "ModuleNotFoundError", "ai"),
    ],
)
def test_what_node_says_is_raised_by_its_name(
    monkeypatch: pytest.MonkeyPatch, code: int, out: str, error: str, message: str
) -> None:
    from chatviz.evidence.sdks.adapters import ai_sdk

    done = SimpleNamespace(returncode=code, stdout=out, stderr="bad")
    monkeypatch.setattr(ai_sdk.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(Exception, match=message) as caught:
        ai_sdk.read(b"", {"dialect": "gemini", "tools": []})
    assert type(caught.value).__name__ == error
    done.returncode, done.stdout = 0, 'noise\n{"text": "t"}\n'
    assert ai_sdk.read(b"", {"dialect": "gemini", "tools": []}) == {"text": "t"}


def test_unknown_names_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="wanted the name of an SDK, one of ai-sdk, anthropic"):
        find_sdk("x")


@pytest.mark.parametrize("name", ["anthropic", "groq", "openai"])
def test_a_hostile_stream_ends_in_a_verdict(name: str) -> None:
    """Nesting, halves of characters, NULs, numbers beyond all types, and what is no JSON."""
    sdk = find_sdks()[name]
    if sdk.is_absent:
        pytest.skip(f"{name} is not installed")
    delta = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}'
    chunk = b'{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":%s}}]}'
    told = delta if name == "anthropic" else chunk
    request = {"model": "m", "messages": [], "max_tokens": 1}
    values = [
        b"[" * 50_000, b'"\\ud83d"', b'"\x00"', b'"\xff"', b"1" * 5_000, b"1e999", b'{"a":',
        b"null", b'"' + b"x" * 1_000_000 + b'"',
    ]  # fmt: skip
    verdicts = []
    with SDKReader(sdk, 30.0) as reader:
        for value in values:
            run = cv.read_stream(b"data: " + told % value + b"\n\n", request)
            verdicts.append(reader.read(run).verdict)
    assert set(verdicts) <= {"same", "lossy", "wrong", "raises", "not read"}
    assert verdicts.count("not read") < len(values) / 2, verdicts
