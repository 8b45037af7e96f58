"""Answers that somebody copied: out of curl's output, a terminal, a log, or Python's printing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Interaction
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats.captures import curl_verbose, printed_bytes, terminal
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteError
from chatviz.runs.run import StreamRun


def chunk(text: str) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]})


TEXT = """It's "ok" é"""
EVENTS = [f"data: {chunk('It')}", "", f"data: {chunk(TEXT[2:])}", "", "data: [DONE]", ""]
SSE = "\n".join(EVENTS) + "\n"
COMMAND = """$ curl -N -sX POST http://127.0.0.1:8080/v1/chat/completions \\
  -H "Content-Type: application/json" -H 'X-Team: a' \\
  -d '{"model": "m",
       "messages": [{"role": "user", "content": "hi"}]}'
"""


def load(folder: Path, text: str | bytes) -> tuple[Interaction, StreamRun]:
    """Load a capture, and write it and read it again: nothing may be lost on the way."""
    path = folder / "capture.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    cassette = load_cassette(path)
    assert cassette.format == "plain"
    assert convert(cassette, folder / "a.yaml") == load_cassette(folder / "a.yaml")
    (run,) = read_runs(folder / "a.yaml")
    (interaction,) = cassette.interactions
    return interaction, run


# ---- curl -v

HTTP1 = """* Host chat.test:8080 was resolved.
* Connected to chat.test (10.0.0.7) port 8080
> POST /api/answer HTTP/1.1
> Host: chat.test:8080
> User-Agent: curl/8.5.0
>{space}
* upload completely sent off: 80 bytes
< HTTP/1.1 100 Continue
<{space}
< HTTP/1.1 200 OK
< Content-Type: text/event-stream
<{space}
"""
HTTP2 = """* SSL connection using TLSv1.3
* [HTTP/2] [1] OPENED stream for https://chat.test/v1/chat/completions
> POST /v1/chat/completions HTTP/2
> Host: chat.test
>{space}
} [80 bytes data]
< HTTP/2 200{space}
< content-type: text/event-stream
<{space}
{ [5 bytes data]
"""


@pytest.mark.parametrize("space", [" ", "", "\r", " \r"])
@pytest.mark.parametrize(
    ("head", "url", "proto"),
    [
        (HTTP1, "http://chat.test:8080/api/answer", "HTTP/1.1"),
        (HTTP2, "https://chat.test/v1/chat/completions", "HTTP/2"),
    ],
    ids=["HTTP/1.1", "HTTP/2"],
)
def test_the_output_of_curl_v_is_read(
    head: str, url: str, proto: str, space: str, tmp_path: Path
) -> None:
    """Notes are between the events, and a path that no dialect knows is a chat all the same."""
    body = SSE.replace("data: [DONE]", "* Mark bundle as not supporting multiuse\ndata: [DONE]")
    text = head.replace("{space}", space) + body + "* Connection #0 to host chat.test left intact\n"
    found, run = load(tmp_path, text)
    assert (run.message.text, run.finish_reason_sent) == (TEXT, None)
    assert (found.request.method, found.request.url, found.request.proto) == ("POST", url, proto)
    assert (found.response.status, found.response.body) == (200, SSE.encode())
    assert found.response.head.content_type == "text/event-stream"
    lines = found.extra["plain"]["around"]  # type: ignore[index, call-overload]
    assert "* Mark bundle as not supporting multiuse" in lines
    if proto == "HTTP/1.1":
        before = {"heads_before": ["HTTP/1.1 100 Continue"]}
        assert found.response.extra == {"plain": before}


def test_what_was_asked_is_known_from_the_command(tmp_path: Path) -> None:
    found, run = load(tmp_path, COMMAND + HTTP1.replace("{space}", " ") + SSE)
    assert json.loads(found.request.body)["model"] == "m"
    assert found.request.url == "http://chat.test:8080/api/answer"
    assert run.chat_request.messages[0].text == "hi"


def test_a_body_without_a_last_line_break_ends_before_the_note(tmp_path: Path) -> None:
    body = json.dumps({"choices": [{"index": 0, "message": {"content": "hi"}}]})
    head = HTTP1.replace("{space}", " ")
    for note in ("* Connection #0 to host chat.test left intact", "* Closing connection"):
        found, run = load(tmp_path, f"{head}{body}{note}\n$ ")
        assert (found.response.body, run.message.text) == (body.encode(), "hi")


def test_a_head_that_i_prints_a_second_time_and_the_meter_are_no_body(tmp_path: Path) -> None:
    """``curl -v -i``, its output in a file: each header twice, and the progress among them."""
    twice = "\n".join(
        line + "\n" + line.removeprefix("< ")
        if line.startswith("< ") and line[2:].strip()
        else line
        for line in HTTP1.replace("{space}", "").splitlines()
    )
    meter = (
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
        "                                 Dload  Upload   Total   Spent    Left  Speed\n"
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
    )
    found, run = load(tmp_path, f"{meter}{twice}\n{SSE}")
    assert run.message.text == TEXT
    assert found.response.body.strip() == SSE.strip().encode()


def test_every_exchange_of_one_output_is_read(tmp_path: Path) -> None:
    """A redirect that was followed; the CONNECT to a proxy before it is none."""
    connect = "> CONNECT a.test:443 HTTP/1.1\n> \n< HTTP/1.1 200 Connection established\n< \n"
    redirect = (
        "> POST /old HTTP/1.1\n> Host: a.test\n> \n< HTTP/1.1 307 Moved\n< Location: /x\n< \n"
    )
    path = tmp_path / "a.txt"
    path.write_text(connect + redirect + HTTP1.replace("{space}", " ") + SSE)
    first, second = load_cassette(path).interactions
    assert (first.request.url, first.response.status) == ("http://a.test/old", 307)
    assert second.response.body == SSE.encode()
    assert [run.message.text for run in read_runs(path)] == [TEXT]


# ---- a terminal, a log

HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
JSON = json.dumps({"choices": [{"index": 0, "message": {"content": TEXT}}]}, indent=2)
BROKEN = "\n".join(
    line[start : start + 40] for line in EVENTS for start in range(0, len(line) or 1, 40)
)


@pytest.mark.parametrize(
    "answer",
    {
        "events": SSE,
        "a comment first": ": OPENROUTER PROCESSING\n\n" + SSE,
        "with its head": HEAD + SSE,
        "JSON": JSON + "\n",
        "JSON lines": f"{chunk('It')}\n{chunk(TEXT[2:])}\n",
        "lines broken at the width": BROKEN + "\n",
    }.values(),
)
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (COMMAND, "$ "),
        (COMMAND.replace("\n", "\r\n"), "\r\nreal\t0m1.204s\r\n"),
        (f"Script started on 2026-01-05\n\x1b]0;sh\x07\x1b[1m{COMMAND}\x1b[0m", "\nScript done\n"),
        ('PS C:\\> curl.exe -d \'{"model": "m"}\' http://a.test/v1/chat/completions\n', "PS C:\\>"),
    ],
    ids=["sh", "CRLF", "script", "PowerShell"],
)
def test_an_answer_is_found_in_a_terminal(
    before: str, answer: str, behind: str, tmp_path: Path
) -> None:
    found, run = load(tmp_path, before + answer + behind)
    assert run.message.text == TEXT
    assert not [each for each in run.findings if each.severity == "error"]
    assert json.loads(found.request.body)["model"] == "m"
    assert found.request.url.endswith("/v1/chat/completions")
    assert b"real" not in found.response.body
    around = found.extra["plain"]["around"]  # type: ignore[index, call-overload]
    assert any("curl" in line for line in around)


@pytest.mark.parametrize("label", ["chat-1  | ", "2026-01-05T11:27:44.1Z ", "INFO:app:got "])
def test_events_are_found_behind_the_labels_of_a_log(label: str, tmp_path: Path) -> None:
    log = "".join(f"{label}{line}\n" for line in EVENTS if line)
    _, run = load(tmp_path, f"server is up\n{log}")
    assert run.message.text == TEXT


@pytest.mark.parametrize(
    "text",
    [
        f"version: 2\nnote: |\n  {SSE}",
        "apiVersion: v1\ndata: {a: b}\nkind: ConfigMap\n",
        'notes\ndata: {"a": 1}\n',
        "$ curl http://a.test\nhello\n",
        '[\n1\n]\n{"a": 1}',
    ],
)
def test_other_text_is_no_answer(text: str) -> None:
    source = SourceFile(text.encode())
    for format in (curl_verbose, printed_bytes, terminal):
        assert not format.recognises(source)


# ---- Python


def printed(lines: list[str], form: str = "b") -> str:
    values: list[Any] = [line.encode() for line in lines] if form == "b" else lines
    return "".join(f"{value!r}\n" for value in values)


@pytest.mark.parametrize(
    "text",
    {
        "iter_lines": printed(EVENTS),
        "str lines": printed(EVENTS, "str"),
        "pieces": printed([SSE[start : start + 50] for start in range(0, len(SSE), 50)]),
        "one literal": printed([SSE]),
        "a list": repr([line.encode() for line in EVENTS]),
        "a console": ">>> for line in response.iter_lines():\n...     print(line)\n...\n"
        + printed(EVENTS),
        "labels": "".join(f"chunk {n}: {line.encode()!r}\n" for n, line in enumerate(EVENTS)),
        "labels before texts": "".join(f"line: {line!r}\n" for line in EVENTS),
        "with its head": printed([HEAD + SSE]),
        "http.client": "send: b'POST / HTTP/1.1\\r\\n\\r\\n'\n" + printed(EVENTS),
    }.values(),
)
def test_what_python_printed_is_read(text: str, tmp_path: Path) -> None:
    found, run = load(tmp_path, text)
    assert run.message.text == TEXT
    assert found.response.body == SSE.encode()


def test_printed_json_is_joined_as_it_was_cut(tmp_path: Path) -> None:
    pieces = printed(
        [JSON.replace("\n", "")[start : start + 9] for start in range(0, len(JSON), 9)]
    )
    assert load(tmp_path, pieces)[1].message.text == TEXT
    lines = printed([chunk("It"), chunk(TEXT[2:])])
    assert load(tmp_path, lines)[1].message.text == TEXT


def test_escapes_are_those_of_python(tmp_path: Path) -> None:
    text = r"""b'data: \x41\101\t\q\\n\'"\n\n'"""
    assert load(tmp_path, text)[0].response.body == b"data: AA\t\\q\\n'\"\n\n"


@given(st.text("$> *<{}[]:,b'\"\\\r\n\x1bdatHTP/1. 20", max_size=120))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        source = SourceFile(
            f"< HTTP/1.1 200 OK\n{text}\ndata: {chunk('a')}\nb'data: {text}".encode()
        )
    except CassetteError:
        return
    for format in (curl_verbose, printed_bytes, terminal):
        if format.recognises(source):
            read_runs(format.read(source))
