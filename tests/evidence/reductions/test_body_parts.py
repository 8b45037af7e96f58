"""A body in parts: together they are the body, and each can have other JSON in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.reductions.body_parts import EventBytes, cut_body
from tests.wire.aws_building import error_frame, frame

CHUNKS: list[dict[str, Any]] = [{"n": 0}, {"n": 1, "text": "é"}]


def bodies() -> dict[str, bytes]:
    told = [json.dumps(chunk).encode() for chunk in CHUNKS]
    return {
        "sse": b"".join(b"data: " + one + b"\n\n" for one in told) + b"data: [DONE]\n\n",
        "sse with CRLF": b"".join(b"event: x\r\ndata: " + one + b"\r\n\r\n" for one in told),
        "sse in two data lines": b'\n: hi\ndata: {"n": 0,\ndata: "m": 1}\nid: 7\n\ndata: cut',
        "sse without blank lines": b"\xef\xbb\xbfdata: {}\ndata: {}\n",
        "json lines": told[0] + b"\n\n" + told[1] + b"\n",
        "json": b"  " + told[1] + b" ",
        "json array": b"[" + told[0] + b"\n,\r\n" + told[1] + b"]",
        "open array": b"[" + told[0] + b"," + told[1] + b',{"n":',
        "aws frames": frame(CHUNKS[0], event_type="chunk") + error_frame("code", "text"),
        "damaged frame": frame(CHUNKS[0], event_type="chunk")[:-1] + b"\0",
        "html": b"<html>",
        "nothing": b"",
    }


@pytest.mark.parametrize("name", bodies())
def test_the_parts_are_the_body_and_nothing_is_lost(name: str) -> None:
    run = cv.read_stream(bodies()[name])
    parts = cut_body(run)
    if name == "json array":  # what is between elements is a comma, however it was spaced
        assert json.loads(parts.body) == json.loads(run.body)
    else:
        assert parts.body == run.body
    for event in parts.events:
        assert event.with_lines(event.lines).raw == event.raw
        assert event.with_bytes(event.loose_bytes).raw == event.raw


@pytest.mark.parametrize("name", ["sse", "sse with CRLF", "json lines", "json", "json array"])
def test_other_json_stands_where_the_old_one_stood(name: str) -> None:
    parts = cut_body(cv.read_stream(bodies()[name]))
    written = [one if one.json is None else one.with_json({"new": True}) for one in parts.events]
    body = parts.before + parts.between.join(one.raw for one in written) + parts.behind
    run = cv.read_stream(body)
    assert run.framing == cv.read_stream(bodies()[name]).framing
    assert [chunk.json for chunk in run.chunks] == [{"new": True}] * len(run.chunks)
    assert len(run.chunks) == sum(one.json is not None for one in written) >= 1


def test_a_frame_is_sealed_again_and_what_it_wraps_is_opened() -> None:
    whole = frame(CHUNKS[0], event_type="chunk")
    (event,) = cut_body(cv.read_stream(whole)).events
    (read,) = cv.read_stream(event.with_json({"new": "one"}).raw).chunks
    assert read.json == {"new": "one"}
    wrapped = frame({"bytes": "eyJuIjogMX0=", "p": "abc"}, event_type="chunk")
    (event,) = cut_body(cv.read_stream(wrapped)).events
    assert event.json == {"n": 1}
    (read,) = cv.read_stream(event.with_json({"n": 2}).raw).chunks
    assert read.json == {"bytes": "eyJuIjoyfQ=="}


def test_a_damaged_frame_keeps_its_damage() -> None:
    (event,) = cut_body(cv.read_stream(bodies()["damaged frame"])).events
    assert event.json is None and event.kind == "damaged"


def test_lines_without_data_can_go_one_by_one() -> None:
    event = EventBytes(b"event: x\r\ndata: {}\r\nid: 7\r\n\r\n", "sse", "data")
    assert event.lines == (b"event: x\r\n", b"id: 7\r\n")
    assert event.with_lines(event.lines[1:]).raw == b"data: {}\r\nid: 7\r\n\r\n"
    assert event.with_json([]).raw == b"event: x\r\ndata: []\r\nid: 7\r\n\r\n"
