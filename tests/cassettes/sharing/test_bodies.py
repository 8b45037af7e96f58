"""Every framing of a body: what is text in it is replaced, what frames it is not."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.sharing.bodies import find_texts, put_texts
from chatviz.cassettes.sharing.personal import PersonalFinder
from chatviz.cassettes.sharing.share import share_cassette
from chatviz.cassettes.sharing.vocabulary import Vocabulary
from chatviz.cassettes.sharing.word_map import WordMap
from chatviz.cassettes.sharing.writer import Writer
from chatviz.wire.decoders.aws_frames import AWSFrameDecoder
from tests.wire.aws_building import error_frame, frame


def writer(*names: str, text: Any = "shapes") -> Writer:
    return Writer(WordMap(b"key", names), Vocabulary(), PersonalFinder(names), text=text)


@pytest.mark.parametrize(
    ("body", "kept", "gone"),
    [
        (b": PROCESSING\n\ndata: {\"text\":\"Alice\"}\n\n", b": PROCESSING", b"Alice"),
        (b'event: ping\nid: 7\ndata: {"text":\ndata: "Alice"}\n\n', b"ping\nid: 7", b"Alice"),
        (b'\xef\xbb\xbfdata: {"type":"delta","text":"Alice"}\r\n\r\n', b'"delta"', b"Alice"),
        (b"data: {\"text\":\"for Alice", b'data: {"text":"', b"Alice"),
        (b"stray Alice\n\ndata: {}\n\n", b"data: {}", b"Alice"),
        (b'data: t\ndata: {"text":"Alice"}\n\n', b'\ndata: {"', b"Alice"),
        (b'stray Alice\ndata: {"text":"a"}\n\n', b'data: {"text":"', b"Alice"),
        (b'event\ndata\nAlice\n\ndata: {}\n\n', b"event\ndata\n", b"Alice"),
        (b'\xff{"text":"Alice"}\n{"text":"Bob"}\n', b'\n{"text":"', b"Bob"),
        (b"<html><p>Alice</p>", b"</", b"Alice"),
        (b'{"text":"Alice"}\n{"text":"Bob"}\n', b'{"text":"', b"Alice"),
        (b'[{"text":"Alice"},\n{"text":"Bob"}]', b'"},\n{"text":"', b"Bob"),
        (b'{"text":"Alice \xff\xfe"}', b"\xff\xfe", b"Alice"),
        (b'{"text":"\\u0041lice \\ud83d\\ude00"}', b"\\ud83d\\ude00", b"lice"),
        (b'{"text":"Alice", "n": NaN, x}', b'"n": NaN', b"Alice"),
        (b'{"tokens":[72, 105], "bytes": [200]}', b'"bytes": [', b"72"),
        (b'{"name":"Alice","created_at":"2025-01-02T03:04:05.6Z"}', b"T03:04:05.6Z", b"Alice"),
        (b'{"user_id":123456,"index":123456}', b'"index":123456', b'"user_id":123456'),
        (b'{"m":{"input":{"Alice":1}}}', b'{"m":{"input":{"', b"Alice"),
        (b'{"x":{"jsonPath":"$.city","v":"Alice"}}', b'"$.city"', b"Alice"),
        (b'{"metadata":{"type":"Alice","n":12}}', b'{"metadata":{"type":"', b"12"),
        (b"<think>Alice</think>", b"<think>", b"Alice"),
    ],
)  # fmt: skip
def test_a_body_keeps_its_size_and_what_frames_it(body: bytes, kept: bytes, gone: bytes) -> None:
    written = writer().write_body(body, "")
    assert len(written) == len(body) and kept in written and gone not in written
    spans = [[(text.places, text.chunk) for text in find_texts(each)] for each in (body, written)]
    assert spans[0] == spans[1]


def test_forms_keep_their_fields_and_escapes() -> None:
    form = b"name=Alice%20B&mail=a%40b.de"
    written = writer().write_body(form, "application/x-www-form-urlencoded")
    assert written.startswith(b"name=") and b"%20" in written and b"&mail=" in written
    assert b"Alice" not in written and len(written) == len(form) and b"%40" in written
    parts = (
        b'--xx\r\nContent-Disposition: form-data; name="file"\r\n\r\nDear Alice\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="n"\r\n\r\nBob\r\n--xx--\r\n'
    )
    written = writer().write_body(parts, "multipart/form-data; boundary=xx")
    assert written.count(b"\r\n--xx") == 2 and b'name="file"' in written
    assert b"Alice" not in written and b"Bob" not in written and len(written) == len(parts)


def test_the_query_of_a_chat_keeps_the_protocols_words() -> None:
    url = "https://a.example/v1/x?alt=sse&q=for+Alice%20B&who=Alice"
    chat = writer().write_url(url, is_chat=True)
    other = writer().write_url(url, is_chat=False)
    assert chat.startswith("https://a.example/v1/x?alt=sse&q=") and chat.endswith("&who=Alice")
    assert "for" not in chat and "%20" in chat and len(chat) == len(url) == len(other)
    assert "sse" not in other and "Alice" not in other and other.startswith(url[:22])


def test_frames_are_sealed_anew_also_around_base64() -> None:
    inner = b'{"type":"content_block_delta","delta":{"text":"Alice"}}'
    carried = json.dumps({"bytes": b64encode(inner).decode(), "p": "abcd"}).encode()
    plain = frame(b'{"delta":{"text":"Alice"}}')
    body = frame(carried) + plain + plain[:-5]
    written = writer().write_body(body, "application/vnd.amazon.eventstream")
    decoder = AWSFrameDecoder()
    first, second, rest = [*decoder.feed(written), *decoder.close()]
    assert (first.flaw, second.flaw, rest.kind) == ("", "", "unfinished")
    assert b"Alice" not in b64decode(json.loads(first.data)["bytes"]) + second.data + rest.data
    assert json.loads(first.data)["p"] == "abcd" and len(written) == len(body)


def test_a_name_in_the_header_of_a_frame_stays_and_fails_the_check() -> None:
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream"
    response = RecordedResponse(200, body=error_frame("Refused", "not for Alice Smith"))
    before = Cassette((Interaction(RecordedRequest("POST", url, body=b"{}"), response),))
    _, report = share_cassette(before, names=["Alice Smith"])
    assert not report.holds and "FAILS: no name" in str(report)


def test_a_frame_that_is_damaged_stays_damaged() -> None:
    body = bytearray(frame(b'{"delta":{"text":"Alice"}}'))
    body[-1] ^= 1
    written = writer().write_body(bytes(body), "")
    (event,) = AWSFrameDecoder().feed(written)
    assert event.flaw == "crc" and b"Alice" not in written


def test_texts_that_are_put_back_give_the_same_body() -> None:
    for name in cv.samples():
        for each in cv.load_cassette(cv.sample(name)).interactions:
            body = each.response.body
            assert put_texts(body, [(text, text.text) for text in find_texts(body)]) == body


def test_what_lies_around_the_bodies_is_replaced() -> None:
    cassette = Cassette(
        (
            Interaction(
                RecordedRequest(
                    "GET", "https://api.example.com/v1/responses/resp_0123456789abcdef?u=a@b.example",
                    {"user-agent": ("made by bob@b.example",)}, b"",
                    form={"who": ("Alice",)}, remote_addr="10.1.2.3:50",
                    host="api.example.com", extra={"note": [b"of Alice", {"n": 1}]},
                ),
                RecordedResponse(
                    200, "200 OK", {"x-request-id": ("req_9f8e7d6c5b4a",)},
                    b'{"id":"resp_0123456789abcdef","object":"response","output":[]}',
                ),
                extra={"har": {"comment": "Alice", "when": 5}},
            ),
        ),
        extra={"by": "Alice"},
    )  # fmt: skip
    after, report = share_cassette(cassette)
    text = repr([asdict(one) for one in (after, *after.interactions)])
    for gone in ("Alice", "b.example", "resp_0123456789abcdef", "10.1.2.3"):
        assert gone not in text, gone
    assert report.holds, str(report)
    (one,) = after.interactions
    answer = json.loads(one.response.body)
    assert answer["id"] in one.request.url and answer["id"].startswith("resp_")
    assert one.response.headers["x-request-id"] != ("req_9f8e7d6c5b4a",)
    assert one.request.url.startswith("https://api.example.com/v1/responses/resp_")
