"""Ruby's VCR and Python's Betamax: text, base64 and binary bodies, in YAML and in JSON."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.convert import convert
from chatviz.cassettes.formats import ruby_vcr
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteFormatError

URL = "https://api.example/v1/chat/completions"
TEXT = 'data: {"choices":[{"index":0,"delta":{"content":"höi"}}]}\n\ndata: [DONE]\n\n'
GZIPPED = gzip.compress(TEXT.encode(), mtime=0)

RUBY = f"""---
http_interactions:
- request:
    method: post
    uri: {URL}
    body:
      encoding: UTF-8
      string: '{{"model": "m"}}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 200
      message:
    headers:
      Content-Type:
      - text/event-stream
      %s
    body:
      encoding: ASCII-8BIT
      string: %s
    http_version: '1.1'
  recorded_at: Thu, 12 Jun 2025 15:47:11 GMT
recorded_with: VCR 6.3.1
"""


def betamax(body: dict[str, Any], **headers: list[str]) -> bytes:
    """An exchange as Betamax writes it (synthetic)."""
    request = {
        "body": {"encoding": "utf-8", "string": '{"model": "m"}'},
        "headers": {"Accept": "*/*"},
        "method": "POST",
        "uri": URL,
    }
    response = {
        "body": {"encoding": "utf-8", **body},
        "headers": {name.replace("_", "-"): values for name, values in headers.items()},
        "status": {"code": 200, "message": "OK"},
        "url": URL,
    }
    entry = {"recorded_at": "2025-06-12T15:47:11", "request": request, "response": response}
    return json.dumps({"http_interactions": [entry], "recorded_with": "betamax/0.9.0"}).encode()


def check(path: Path) -> Cassette:
    cassette = load_cassette(path)
    assert cassette.format == "ruby-vcr"
    (found,) = cassette.interactions
    assert (found.request.method, found.request.url) == ("POST", URL)
    assert found.request.body == b'{"model": "m"}'
    assert found.response.body == TEXT.encode()
    assert found.response.status == 200
    (run,) = read_runs(cassette)
    assert (run.message.text, run.dialect) == ("höi", "openai-chat")
    assert convert(cassette, path.with_name("b.yaml")) == load_cassette(path.with_name("b.yaml"))
    return cassette


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("X: [a]", json.dumps(TEXT, ensure_ascii=False)),
        ("X: a", f"!binary |-\n        {base64.b64encode(TEXT.encode()).decode()}"),
        (
            "Content-Encoding: [gzip]",
            f"!binary |-\n        {base64.b64encode(GZIPPED).decode()[:60]}\n"
            f"        {base64.b64encode(GZIPPED).decode()[60:]}",
        ),
    ],
    ids=["text", "binary", "gzip"],
)
def test_what_ruby_wrote_is_read(header: str, body: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(RUBY % (header, body))
    cassette = check(path)
    assert cassette.extra == {"ruby-vcr": {"recorded_with": "VCR 6.3.1"}}
    (found,) = cassette.interactions
    assert found.response.proto == "HTTP/1.1"
    assert found.extra == {"ruby-vcr": {"recorded_at": "Thu, 12 Jun 2025 15:47:11 GMT"}}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"string": TEXT}, {}),
        ({"base64_string": base64.b64encode(GZIPPED).decode()}, {"Content_Encoding": ["gzip"]}),
    ],
    ids=["text", "base64"],
)
def test_what_betamax_wrote_is_read(
    body: dict[str, Any], headers: dict[str, list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(betamax(body, **headers))
    check(path)


@pytest.mark.parametrize("held", ["[]", ""])
def test_an_empty_recording_is_one(held: str) -> None:
    source = SourceFile(f"http_interactions: {held}".encode())
    assert ruby_vcr.recognises(source)
    assert ruby_vcr.read(source).interactions == ()


def test_the_list_must_be_one() -> None:
    with pytest.raises(CassetteFormatError, match="http_interactions should be a list"):
        ruby_vcr.read(SourceFile(b"http_interactions: {}"))


GOOD = "request: {uri: u}\n  response: {status: {code: 200}, body: plain}"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("request: {uri: u}", "has no 'response'"),
        (GOOD.replace("plain", "[a]"), "body should be text or a map with 'string'"),
        (GOOD.replace("plain", "{encoding: UTF-8}"), "body should be text or a map with 'string'"),
        (GOOD.replace("plain", "{base64_string: '?'}"), "base64_string should be base64"),
    ],
)
def test_an_odd_entry_costs_no_other(entry: str, reason: str) -> None:
    source = SourceFile(f"http_interactions:\n- {GOOD}\n- {entry}".encode())
    good, odd = ruby_vcr.read(source).interactions
    assert good.response.body == b"plain"
    assert f"http_interactions[1]{odd.fault.partition('http_interactions[1]')[2]}" in odd.fault
    assert reason in odd.fault
