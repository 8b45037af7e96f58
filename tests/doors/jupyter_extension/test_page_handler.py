"""The page of a recording from a Jupyter server: what it shows, and to whom."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import httpx
import pytest

import chatviz as cv
from tests.doors.cli.conftest import KIMI
from tests.doors.jupyter_extension.conftest import TOKEN, Ask, Jupyter

LINES = "application/x-ndjson"
HOSTILE = b'data: {"choices":[{"delta":{"content":"<script>alert(1)</script>"}}]}\n\n'


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def har_of(body: bytes) -> bytes:
    """A HAR file of one answer."""
    request = {"method": "POST", "url": "https://api.example/v1/chat/completions", "headers": []}
    content = {"mimeType": "text/event-stream", "text": body.decode()}
    response = {"status": 200, "headers": [], "content": content}
    entry = {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": response}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()


def ollama_line(text: str, *, done: bool = False) -> bytes:
    """A line of a streamed answer as Ollama writes it."""
    message = {"role": "assistant", "content": text}
    line = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done}
    return json.dumps({**line, "done_reason": "stop"} if done else line).encode() + b"\n"


HOSTILE_NAME = "name with ü & b.yaml" if os.name == "nt" else "name with ü & <b>.yaml"
FILES = {
    "a.sse": HOSTILE,
    "a.har": har_of(HOSTILE),
    "a.ndjson": b"".join(ollama_line(text) for text in ("Hi", "!")) + ollama_line("", done=True),
    HOSTILE_NAME: cv.sample(KIMI).read_bytes(),
}


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_file_has_its_page(jupyter: Jupyter, ask: Ask, name: str) -> None:
    (jupyter.folder / name).write_bytes(FILES[name])
    answer = ask(name)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert "chatviz" in answer.text and "cannot be read" not in answer.text
    assert "alert(1)</script>" not in answer.text and "<b>.yaml" not in answer.text
    assert lines_of(ask(name, Accept=LINES))[-1] == {"page": answer.text}


def test_a_file_in_a_folder_has_its_page(ask: Ask) -> None:
    assert ask("inner/a.sse").status_code == 200


def test_who_asks_for_lines_is_told_what_is_done(jupyter: Jupyter, ask: Ask) -> None:
    (jupyter.folder / "b.yaml").write_bytes(FILES[HOSTILE_NAME])
    *told, _ = lines_of(ask("b.yaml", Accept=LINES))
    assert [line["doing"] for line in told] == [
        "file", "recording", "answers", "answers", "answers", "page",
    ]  # fmt: skip
    assert told[0]["size"] == (jupyter.folder / "b.yaml").stat().st_size
    assert [(line["done"], line["total"]) for line in told[2:5]] == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize("token", ["", "wrong"])
@pytest.mark.parametrize("accept", ["text/html", LINES])
def test_who_is_not_logged_in_sees_nothing(ask: Ask, token: str, accept: str) -> None:
    answer = ask("inner/a.sse", token=token, Accept=accept)
    assert answer.status_code == 403 and "Hi" not in answer.text


@pytest.mark.parametrize("path", ["../secret.sse", "inner/../../secret.sse", "/../secret.sse"])
def test_a_path_leads_nowhere_that_jupyter_does_not_show(ask: Ask, path: str) -> None:
    answer = ask(path, Accept=LINES)
    assert answer.status_code == 404
    assert answer.json()["message"] == "Jupyter shows no such file."


def test_an_absolute_path_and_a_hidden_file_are_not_read(jupyter: Jupyter, ask: Ask) -> None:
    (jupyter.folder / ".hidden.sse").write_bytes(HOSTILE)
    for path in (str(jupyter.folder.parent / "secret.sse"), ".hidden.sse", "gone.sse"):
        assert ask(path).status_code == 404, path


def test_a_folder_has_no_page_and_a_sentence_says_so(ask: Ask) -> None:
    answer = ask("inner")
    assert answer.status_code == 400 and "This is no file that Jupyter reads." in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_a_path_is_wanted(jupyter: Jupyter) -> None:
    headers = {"Authorization": f"token {TOKEN}"}
    answer = httpx.get(f"{jupyter.url}chatviz/page", headers=headers, trust_env=False)
    assert answer.status_code == 400 and "path" in answer.text


def test_a_file_that_is_no_recording_says_what_it_is(jupyter: Jupyter, ask: Ask) -> None:
    (jupyter.folder / "other.yaml").write_bytes(b"a: <script>alert(1)</script>\n")
    answer = ask("other.yaml")
    assert answer.status_code == 200 and "This recording cannot be read." in answer.text
    assert "this is not a recording" in answer.text and "<script>alert" not in answer.text
    last = lines_of(ask("other.yaml", Accept=LINES))[-1]
    assert last["unreadable"].startswith("line 1: this is not a recording")


def test_a_file_that_is_no_text_says_what_it_is(jupyter: Jupyter, ask: Ask) -> None:
    (jupyter.folder / "picture.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    last = lines_of(ask("picture.yaml", Accept=LINES))[-1]
    assert "PNG" in last["unreadable"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not hold here")
def test_a_file_that_may_not_be_read_says_so(jupyter: Jupyter, ask: Ask) -> None:
    (jupyter.folder / "locked.sse").write_bytes(HOSTILE)
    (jupyter.folder / "locked.sse").chmod(0)
    last = lines_of(ask("locked.sse", Accept=LINES))[-1]
    assert last == {"unreadable": "Jupyter may not read this file."}


def test_what_the_contents_manager_refuses_behind_the_first_line_is_a_line(
    jupyter: Jupyter, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tornado.web import HTTPError

    def get(path: str, *, content: bool, type: str) -> dict[str, Any]:
        if content:
            raise HTTPError(403, "/home/somebody/a.sse is locked")
        return {"size": 3}

    monkeypatch.setattr(jupyter.app.contents_manager, "get", get)
    last = lines_of(ask("inner/a.sse", Accept=LINES))[-1]
    assert last == {"unreadable": "Jupyter may not read this file."}
    assert ask("inner/a.sse").status_code == 403


def test_a_page_is_an_origin_of_its_own_and_nobody_keeps_or_frames_it(ask: Ask) -> None:
    headers = ask("inner/a.sse").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert policy.endswith("sandbox allow-scripts") and "same-origin" not in policy
    assert headers["cache-control"] == "no-store" and headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_of_another_origin_is_refused(ask: Ask) -> None:
    assert ask("inner/a.sse", token="", Origin="https://evil.example").status_code in (403, 404)


def test_a_reader_that_leaves_holds_up_nobody(jupyter: Jupyter, ask: Ask) -> None:
    """The first is left at its first line; the next page must have its turn."""
    cassette = cv.load_cassette(cv.sample(KIMI))
    many = replace(cassette, interactions=cassette.interactions * 50)
    cv.save_cassette(many, jupyter.folder / "many.yaml")
    headers = {"Authorization": f"token {TOKEN}", "Accept": LINES}
    url = f"{jupyter.url}chatviz/page?path=many.yaml"
    with (
        httpx.Client(trust_env=False) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        next(answer.iter_lines())
    assert ask("inner/a.sse").status_code == 200


def test_what_was_not_foreseen_is_said_without_its_text(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("a word of the body")

    monkeypatch.setattr("chatviz.cassettes.storage.read_data", fails)
    last = lines_of(ask("inner/a.sse", Accept=LINES))[-1]
    assert last == {"unreadable": "KeyError: this was not foreseen"}


@pytest.mark.parametrize(
    ("name", "told"),
    [("body.txt", ""), ("../secret.sse", "only a plain name"), ("gone.txt", "shows no such file")],
)
def test_a_body_beside_an_archive_is_read_as_jupyter_reads_files(
    jupyter: Jupyter, ask: Ask, name: str, told: str
) -> None:
    har = json.loads(har_of(HOSTILE))
    content = har["log"]["entries"][0]["response"]["content"]
    content["_file"] = name
    (jupyter.folder / "inner" / "body.txt").write_text(content.pop("text"))
    (jupyter.folder / "inner" / "attached.har").write_text(json.dumps(har))
    page = ask("inner/attached.har").text
    assert told in page and ("alert(1)" in page) == (not told)


def test_a_body_beside_an_archive_has_a_limit(
    jupyter: Jupyter, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_a_body_beside_an_archive_is_read_as_jupyter_reads_files(jupyter, ask, "body.txt", "")
    place = "chatviz.doors.jupyter_extension.page_handler.MAX_DECODED_BYTES"
    monkeypatch.setattr(place, 3)
    assert "larger than 3 bytes" in ask("inner/attached.har").text
