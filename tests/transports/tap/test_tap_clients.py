"""Clients in other languages, and the SDKs, by the tap: what they get is what was recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import anthropic
import groq
import openai
import pytest

import chatviz as cv
from chatviz.transports.tap.tap import Tap

CHAT = "/v1/chat/completions"
NODE = """
const [url, file] = process.argv.slice(1);
const { readFileSync } = await import("node:fs");
const headers = { "content-type": "application/json", authorization: "Bearer none" };
const response = await fetch(url, { method: "POST", headers, body: readFileSync(file) });
const parts = [];
for await (const part of response.body) parts.push(part);
process.stdout.write(Buffer.concat(parts));
"""


@pytest.fixture
def recorded(seeds: Any) -> cv.Interaction:
    return cv.load_cassette(seeds.novita).interactions[0]


@pytest.fixture
def asked(recorded: cv.Interaction, tmp_path: Path) -> Path:
    path = tmp_path / "asked.json"
    path.write_bytes(recorded.request.body)
    return path


def test_curl(seeds: Any, recorded: cv.Interaction, asked: Path, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl here")
    with cv.ReplayServer(seeds.novita) as origin, Tap(origin.url, to=tmp_path / "kept") as tap:
        command = [curl, "--noproxy", "*", "-sSN", "-H", "content-type: application/json"]
        command += ["--data-binary", f"@{asked}", tap.url + CHAT]
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stdout == recorded.response.body
        (run,) = cv.read_runs(tap.paths)
        assert run.message == cv.read_stream(recorded.response.body).message


def test_node(
    seeds: Any,
    recorded: cv.Interaction,
    asked: Path,
    tmp_path: Path,
    without_program: Callable[[str], NoReturn],
) -> None:
    node = shutil.which("node") or without_program("node is not installed")
    with cv.ReplayServer(seeds.novita) as origin, Tap(origin.url, to=tmp_path / "kept") as tap:
        command = [node, "--input-type=module", "-e", NODE, tap.url + CHAT, str(asked)]
        done = subprocess.run(command, capture_output=True, check=True, env=os.environ)
        assert done.stdout == recorded.response.body
        (run,) = cv.read_runs(tap.paths)
        assert run.message == cv.read_stream(recorded.response.body).message


def test_the_openai_client_finds_the_tap_by_its_variable(
    seeds: Any, recorded: cv.Interaction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.loads(recorded.request.body)
    ours = {name: body.pop(name) for name in ("provider", "usage") if name in body}
    with cv.ReplayServer(seeds.novita) as origin, Tap(origin.url, to=tmp_path / "kept") as tap:
        for name, value in tap.variables({}).items():
            monkeypatch.setenv(name, value)
        with openai.OpenAI(api_key="none") as client:
            assert str(client.base_url).startswith(tap.url)
            chunks = list(client.chat.completions.create(**body, extra_body=ours))
        assert chunks
        (run,) = cv.read_runs(tap.paths)
        assert run.message == cv.read_stream(recorded.response.body).message


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("openai", openai.OpenAI),
        ("anthropic", anthropic.Anthropic),
        ("groq", groq.Groq),
    ],
)
def test_every_sdk_that_is_here_reads_the_variable_that_is_set_for_it(
    name: str, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = str(make(api_key="none").base_url)
    with Tap([name], to=tmp_path) as tap:
        for variable, value in tap.variables({}).items():
            monkeypatch.setenv(variable, value)
        through = str(make(api_key="none").base_url)
        (route,) = tap.routes
        assert through.rstrip("/") == usual.rstrip("/").replace(route.url, tap.url + route.prefix)
