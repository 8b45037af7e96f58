"""Secrets in URLs, wherever these are, and in the fields of forms."""

from __future__ import annotations

import json

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.redaction import redact, redact_request

SECRET = "hush7f3aQuiet"
PRESIGNED = (
    "https://bucket.s3.amazonaws.com/cat.png?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    f"&X-Amz-Credential={SECRET}%2F20250101%2Fus-east-1&X-Amz-Expires=3600&X-Amz-Signature={SECRET}"
)
URLS = [
    PRESIGNED,
    f"https://a.blob.core.windows.net/c/b?sv=2022-11-02&sr=b&sig={SECRET}%3D",
    f"https://storage.googleapis.com/b/o?X-Goog-Credential={SECRET}&X-Goog-Signature={SECRET}",
    f"https://anna:{SECRET}@a.example/x",
    f"postgres://anna:{SECRET}@db.example:5432/x",
    f"https://{SECRET}longer@github.example/x.git",
    f"https://a.example/cb?code={SECRET}&state=1",
    f"https://a.example/?pass={SECRET}",
    f"https://a.example/?a=1&sid={SECRET}#top",
    f"https://a.example/?a=1;token={SECRET}",
    f"https://a.example/app;jsessionid={SECRET}?x=1",
    f"https://a.example/cb#access_token={SECRET}&token_type=bearer",
    f"https://a.example/?api%5Fkey={SECRET}",
    f"https://a.example/?next=https%3A%2F%2Fb.example%2F%3Faccess_token%3D{SECRET}%26n%3D1",
    f"wss://a.example/v1?key={SECRET}",
]


def clean(body: bytes, content_type: str = "application/json") -> bytes:
    request = RecordedRequest("POST", "https://a/", {"content-type": (content_type,)}, body)
    cleaned, _ = redact(Interaction(request, RecordedResponse(200, body=body)))
    assert len(cleaned.request.body) == len(cleaned.response.body) == len(body)
    assert SECRET.encode() not in cleaned.response.body
    return cleaned.request.body


@pytest.mark.parametrize("url", URLS)
def test_a_url_inside_a_body_keeps_no_secret(url: str) -> None:
    asked = {"content": f"See {url} and more", "image_url": {"url": url}, "n": 1}
    for body in (json.dumps(asked), json.dumps({"arguments": json.dumps(asked)})):
        for escaped in (
            body,
            body.replace("/", "\\/"),
            body.replace("&", "\\u0026").replace("=", "\\u003d"),
            f"data: {body}\n\n",
        ):
            cleaned = clean(escaped.encode()).decode()
            assert SECRET not in cleaned
            told = json.loads(cleaned.removeprefix("data: "))
            told = json.loads(told["arguments"]) if "arguments" in told else told
            assert told["content"].startswith("See ")
            assert told["content"].endswith(" and more")


@pytest.mark.parametrize("url", URLS)
def test_a_url_in_a_request_line_a_header_or_an_archive_keeps_no_secret(url: str) -> None:
    har = {"redirectURL": url, "queryString": [{"name": "code", "value": SECRET}]}
    request = RecordedRequest("GET", url, request_uri=url, extra={"har": har})
    response = RecordedResponse(302, headers={"Location": (url,)}, extra={"har": har})
    cleaned, removed = redact(Interaction(request, response, extra={"har": {"page": url}}))
    parts = (cleaned.request, cleaned.response, cleaned)
    shown = repr([(getattr(part, "headers", ""), part.extra) for part in parts])
    assert SECRET not in shown + cleaned.request.url + cleaned.request.request_uri
    assert removed
    again, more = redact(cleaned)
    assert (again, more) == (cleaned, ())


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/?q=the+key&page_token=abc&max_tokens=4000&n=1#token-types",
        "https://a.example/@anna/post:5?v=1",
        "https://user@a.example/",
        "http://localhost:11434/v1",
        "see https://a.example/a?b, or mailto:anna@a.example",
    ],
)
def test_other_urls_are_left_alone(url: str) -> None:
    body = json.dumps({"content": url}).encode()
    assert redact_request(RecordedRequest(body=body)).body == body


def test_the_name_and_value_pairs_of_an_archive_are_cleaned() -> None:
    har = {
        "cookies": [{"name": "theme", "value": SECRET, "path": "/"}],
        "postData": {
            "params": [{"name": "password", "value": SECRET}, {"name": "n", "value": "1"}]
        },
        "queryString": [{"value": SECRET, "name": "api_key"}],
        "_headers": [{"name": "Authorization", "value": f"Bearer {SECRET}"}],
    }
    request = RecordedRequest("POST", "https://a/", extra={"har": har})
    cleaned, removed = redact(Interaction(request, RecordedResponse(200, extra={"har": har})))
    for part in (cleaned.request.extra, cleaned.response.extra):
        assert SECRET not in repr(part)
        assert "'theme'" in repr(part)
        assert "{'name': 'n', 'value': '1'}" in repr(part)
    assert "request.har.cookies.cookie" in " ".join(removed)


def multipart(name: str, *, headers: str = "", line: str = "\r\n", quote: str = '"') -> bytes:
    lines = [
        "--b0undary",
        f"Content-Disposition: form-data; name={quote}{name}{quote}",
        *([headers] if headers else []),
        "",
        SECRET,
        "--b0undary",
        'Content-Disposition: form-data; name="prompt"; filename="a.txt"',
        "",
        "a cat",
        "--b0undary--",
        "",
    ]
    return line.join(lines).encode()


@pytest.mark.parametrize("name", ["api_key", "password", "code", "sid"])
@pytest.mark.parametrize("line", ["\r\n", "\n"])
@pytest.mark.parametrize("headers", ["", "Content-Type: text/plain"])
@pytest.mark.parametrize("quote", ['"', ""])
def test_a_secret_field_of_several_parts_is_masked(
    name: str, line: str, headers: str, quote: str
) -> None:
    body = multipart(name, headers=headers, line=line, quote=quote)
    cleaned = clean(body, "multipart/form-data; boundary=b0undary")
    assert cleaned == body.replace(SECRET.encode(), b"REDACTED_____")
    assert clean(body, "") == cleaned  # what it is may not be known


def test_other_fields_of_several_parts_are_left_alone() -> None:
    body = multipart("max_tokens")
    kind = {"content-type": ("multipart/form-data; boundary=b0undary",)}
    assert redact_request(RecordedRequest(headers=kind, body=body)).body == body


@pytest.mark.parametrize("text", ["https://" * 20_000, "https://a?" + "token=" * 20_000 + "x"])
@pytest.mark.timeout(20)
def test_nothing_that_is_sent_makes_the_search_slow(text: str) -> None:
    redact_request(RecordedRequest(body=text.encode()))
