"""``tap``: a child is led through it, and ends it; without one it waits for Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import chatviz as cv
from tests.doors.cli.conftest import KIMI, Run

ASKING = """
import json, os, sys, urllib.request
base = os.environ["OPENAI_BASE_URL"]
body = open(sys.argv[1], "rb").read()
headers = {"content-type": "application/json", "authorization": "Bearer planted-0123456789-key"}
request = urllib.request.Request(base + "/chat/completions", body, headers)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.stdout.buffer.write(opener.open(request).read())
sys.exit(7)
"""


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxy and no base URL of this machine counts; the interpreter is as it was after."""
    for name in [*os.environ]:
        if name.upper().endswith(("_PROXY", "_BASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    assert "chatviz-tap" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "asked.json"
    path.write_bytes(cv.load_cassette(cv.sample(KIMI)).interactions[0].request.body)
    return path


def test_a_child_is_led_through_the_tap_and_ends_it(asked: Path, tmp_path: Path) -> None:
    with cv.ReplayServer(cv.sample(KIMI)) as origin:
        words = ["tap", origin.url, "--to", "kept", "--", sys.executable, "-c", ASKING, str(asked)]
        done = subprocess.run(
            [sys.executable, "-m", "chatviz", *words], capture_output=True, check=False
        )
    recorded = cv.load_cassette(cv.sample(KIMI)).interactions[0]
    assert done.stdout == recorded.response.body  # the child's own output, and nothing else
    assert done.returncode == 7
    told = done.stderr.decode()
    assert "recording to kept" in told and "answers 1, files 1" in told
    (path,) = (tmp_path / "kept").iterdir()
    (run,) = cv.read_runs(path)
    assert run.message == cv.read_stream(recorded.response.body).message
    assert "planted" not in path.read_text()


def test_without_an_upstream_all_known_ones_are_there_and_the_child_s_variables(cli: Run) -> None:
    show = "import os; print(os.environ['ANTHROPIC_BASE_URL'], os.environ['OPENAI_BASE_URL'])"
    told = cli("tap", "--", sys.executable, "-c", show)
    assert told.code == 0
    assert re.fullmatch(r"(http://127\.0\.0\.1:\d+)/anthropic \1/openai/v1\n", told.out)
    assert re.search(r"  openrouter +http://127\.0\.0\.1:\d+/openrouter/api/v1\n", told.err)


def test_a_variable_that_is_set_keeps_its_server(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://internal.test/llm/v1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    show = "import os; print(os.environ['OPENAI_BASE_URL'], os.environ['NO_PROXY'])"
    told = cli("tap", "--", sys.executable, "-c", show)
    assert re.fullmatch(r"http://\S+/my-openai/llm/v1 127.0.0.1,localhost\n", told.out)
    assert "/my-openai" in told.err


def test_a_child_s_signal_is_a_code_as_shells_have_it(cli: Run) -> None:
    told = cli("tap", "openai", "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert told.code == 137


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["opanai"], "an upstream should be a known name (openai, anthropic"),
        (["openai", "x=ftp://a.test"], "an upstream should be a known name"),
        (["openai", "--"], "wanted a command behind --"),
        (["openai", "--", "no-such-program-here"], "'no-such-program-here' cannot be run"),
        (["openai", "--allow-origin", "*"], "allow_origins should be a list of pages"),
        (["openai", "--to", "a/b"], "cannot be made"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(cli: Run, words: list[str], said: str) -> None:
    told = cli("tap", *words)
    assert told.code == 2
    assert said in told.err
    assert "Traceback" not in told.err


def test_a_port_that_is_taken_is_said(cli: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        told = cli("tap", "openai", "--port", port)
    assert told.code == 2
    assert f"port {port} cannot be used" in told.err


@pytest.mark.usefixtures("hears_ctrl_c")
def test_until_ctrl_c_it_says_what_passes(asked: Path) -> None:
    with cv.ReplayServer(cv.sample(KIMI)) as origin:
        words = ["tap", f"mine={origin.url}", "--port", "0", "--to", "all.yaml"]
        with subprocess.Popen(
            [sys.executable, "-u", "-m", "chatviz", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None and process.stderr is not None
            try:
                assert "recording to all.yaml" in process.stdout.readline()
                url = process.stdout.readline().split()[-1]
                assert url.endswith("/mine")
                page = process.stdout.readline().split()[-1]
                assert "<title>chatviz tap</title>" in httpx.get(page, trust_env=False).text
                assert process.stdout.readline() == "Ctrl-C ends it.\n"
                content = asked.read_bytes()
                httpx.post(f"{url}/chat/completions", content=content, trust_env=False)
                line = process.stdout.readline()
                assert re.fullmatch(r"#0 200 POST http://\S+/chat/completions\n", line)
                httpx.post(url, headers={"origin": "https://evil.example"}, trust_env=False)
                assert process.stderr.readline().startswith("refused, 403: this comes from a")
                process.send_signal(signal.SIGINT)
                told = process.stderr.read()
            finally:
                process.kill()
        assert process.returncode == 130
    assert "answers 1, files 1" in told and told.endswith("Interrupted.\n")
    assert len(cv.read_runs("all.yaml")) == 1


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_and_an_end_from_outside_reach_the_child(tmp_path: Path) -> None:
    """What is left of neither: the child ends, and the tap with it."""
    waiting = "import time, sys; print('here', flush=True); time.sleep(600)"
    for sent, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        with subprocess.Popen(
            [sys.executable, "-m", "chatviz", "tap", "openai", "--", sys.executable, "-c", waiting],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
            if sent is signal.SIGINT:  # as a terminal does: to all of them
                os.killpg(process.pid, sent)
            else:
                process.send_signal(sent)
            process.communicate(timeout=30)
        assert process.returncode == code
