"""AWS event streams: https://smithy.io/2.0/aws/amazon-eventstream.html."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zlib import crc32

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire.decoders.aws_frames import AWSFrameDecoder, find_frames, frame_data, refill_frame
from chatviz.wire.wire_event import WireEvent
from tests.wire.aws_building import error_frame, exception_frame, frame, header, raw_frame

FRAMES = [frame({"n": n}, event_type="chunk") for n in range(3)]


def decode(body: bytes, size: int = 0) -> list[WireEvent]:
    decoder = AWSFrameDecoder()
    pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()


def told(body: bytes) -> list[WireEvent]:
    """Decode whole, by 1 byte and by 7; the spans follow one another and give the data again."""
    whole = decode(body)
    assert decode(body, 1) == whole
    assert decode(body, 7) == whole
    edges = [edge for event in whole for edge in (event.start, event.end)]
    assert edges == sorted(edges)
    assert b"".join(body[event.start : event.end] for event in whole) == body
    for event in whole:
        assert frame_data(body[event.start : event.end]) == event.data
    return whole


def one(body: bytes) -> tuple[str, bytes, bytes, str]:
    (event,) = told(body)
    return event.kind, event.name, event.data, event.flaw


def test_each_frame_is_an_event_with_its_payload_and_type() -> None:
    events = told(b"".join(FRAMES))
    assert {(event.kind, event.name, event.flaw) for event in events} == {("data", b"chunk", "")}
    assert [json.loads(event.data) for event in events] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_a_frame_is_given_as_soon_as_it_is_complete() -> None:
    decoder = AWSFrameDecoder()
    assert decoder.feed(FRAMES[0] + FRAMES[1][:-1])[0].data == b'{"n": 0}'
    assert [event.data for event in decoder.feed(FRAMES[1][-1:])] == [b'{"n": 1}']
    assert decoder.feed(b"") == decoder.close() == []


def test_an_exception_and_an_error_say_so_in_their_name() -> None:
    body = exception_frame("throttlingException", "slow down")
    assert one(body) == ("data", b"exception/throttlingException", b'{"message": "slow down"}', "")
    data = '{"message":"gone \\"ä\\""}'.encode()
    assert one(error_frame("InternalError", 'gone "ä"')) == (
        "data",
        b"error/InternalError",
        data,
        "",
    )
    body = frame(b"{}", message_type="error")
    assert one(body) == ("data", b"error/", b"{}", "")


def test_headers_of_every_type_are_passed_over() -> None:
    body = frame(
        b"x",
        yes=True,
        no=False,
        byte=-7,
        short=700,
        int=70_000,
        long=1 << 40,
        bytes=b":event-type",
        when=datetime(2024, 5, 1, tzinfo=UTC),
        which=UUID(int=7),
        event_type="chunk",
    )
    assert one(body) == ("data", b"chunk", b"x", "")


@pytest.mark.parametrize(
    ("block", "name"),
    [
        pytest.param(b"\x05ab", b"", id="a name that is cut off"),
        pytest.param(b"\x02ab", b"", id="no type"),
        pytest.param(b"\x02ab\x0a", b"", id="an unknown type"),
        pytest.param(b"\x02ab\x07\x00", b"", id="half a length"),
        pytest.param(b"\x02ab\x04\x00", b"", id="half a number"),
        pytest.param(header("event_type", "e") + b"\x02ab\x07\x00\x09c", b"e", id="half a text"),
    ],
)
def test_headers_that_cannot_be_read_are_a_flaw_and_the_payload_is_kept(
    block: bytes, name: bytes
) -> None:
    body = raw_frame(b"{}", block)
    assert [(e.name, e.data, e.flaw) for e in told(body + FRAMES[0])] == [
        (name, b"{}", "headers"),
        (b"chunk", b'{"n": 0}', ""),
    ]


def test_a_frame_without_anything_is_an_event() -> None:
    assert one(raw_frame(b"", b"")) == ("data", b"", b"", "")


def test_a_frame_with_a_wrong_checksum_is_given_and_the_next_one_is_read() -> None:
    spoilt = FRAMES[0][:-6] + b"9" + FRAMES[0][-5:]
    assert [(e.kind, e.data, e.flaw) for e in told(spoilt + FRAMES[1])] == [
        ("data", b'{"n":9 0}'.replace(b"9 0", b" 9"), "crc"),
        ("data", b'{"n": 1}', ""),
    ]


def lengths(total: int, headers: int) -> bytes:
    pair = struct.pack(">II", total, headers)
    return pair + struct.pack(">I", crc32(pair))


@pytest.mark.parametrize(
    ("damage", "flaw"),
    [
        pytest.param(b"\0" + FRAMES[1], "prelude", id="a byte too much"),
        pytest.param(FRAMES[1][1:], "prelude", id="a byte too few"),
        pytest.param(lengths(15, 0) + b"rest", "length", id="shorter than an empty frame"),
        pytest.param(lengths(20, 5) + b"rest", "length", id="headers longer than the frame"),
        pytest.param(lengths(1 << 20, (128 << 10) + 1), "length", id="too long headers"),
        pytest.param(lengths((24 << 20) + 17, 0), "length", id="too long a payload"),
    ],
)
def test_behind_a_wrong_prelude_the_rest_is_one_unfinished_event(damage: bytes, flaw: str) -> None:
    rest = damage + FRAMES[2]
    assert [(e.kind, e.data, e.flaw) for e in told(FRAMES[0] + rest)] == [
        ("data", b'{"n": 0}', ""),
        ("unfinished", rest, flaw),
    ]


@pytest.mark.parametrize(
    ("kept", "data"),
    [(4, FRAMES[0][:4]), (12, b""), (40, b""), (len(FRAMES[0]) - 6, b'{"n": '), (-1, b'{"n": 0}')],
)
def test_a_frame_that_is_cut_off_is_unfinished_with_its_payload_so_far(
    kept: int, data: bytes
) -> None:
    assert one(FRAMES[0][:kept]) == ("unfinished", b"", data, "")


@given(
    st.lists(
        st.tuples(st.binary(max_size=40), st.text(max_size=5), st.integers(-(1 << 62), 1 << 62)),
        max_size=5,
    ),
    st.integers(1, 60),
)
def test_where_the_bytes_are_cut_does_not_matter(
    values: list[tuple[bytes, str, int]], size: int
) -> None:
    body = b"".join(frame(data, number=n, event_type=name) for data, name, n in values)
    events = decode(body, size)
    assert events == told(body)
    assert [(e.data, e.name.decode()) for e in events] == [(data, name) for data, name, _ in values]


@given(st.data())
def test_any_wrong_byte_shows_and_raises_nothing(data: st.DataObject) -> None:
    body = b"".join([*FRAMES, exception_frame("e", "m"), error_frame("c", "m")])
    at = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != body[at]))
    events = told(body[:at] + bytes([byte]) + body[at + 1 :])
    assert sum(bool(event.flaw) for event in events) == 1


@given(st.binary(max_size=80))
def test_any_bytes_raise_nothing(data: bytes) -> None:
    told(data)
    told(FRAMES[0] + data)
    told(raw_frame(b"", data))


def test_every_recorded_frame_is_right(shared_cassettes: Path) -> None:
    found: dict[str, set[bytes]] = {}
    for path in shared_cassettes.rglob("*bedrock*.yaml"):
        for body in recorded_bodies(path):
            events = told(body)
            assert {(event.kind, event.flaw) for event in events} == {("data", "")}
            assert all(isinstance(json.loads(event.data), dict) for event in events)
            found.setdefault(path.stem, set()).update(event.name for event in events)
    message = {b"messageStart", b"messageStop", b"metadata"}
    block = {b"contentBlockStart", b"contentBlockDelta", b"contentBlockStop"}
    assert found["bedrock_invoke_tool"] == {b"chunk"}
    assert found["bedrock_converse"] == message | block - {b"contentBlockStart"}
    assert found["bedrock_converse_server_tool_and_call"] == message | block


def recorded_bodies(path: Path) -> list[bytes]:
    """Return the binary bodies of a cassette, read by PyYAML alone."""
    recorded = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    bodies = []
    for interaction in recorded["interactions"]:
        body = interaction["response"].get("body")
        body = body.get("string") if isinstance(body, dict) else body
        if isinstance(body, bytes) and body.startswith(b"\0"):
            bodies.append(body)
    return bodies


def test_frames_are_found_up_to_the_first_that_is_not_whole() -> None:
    body = b"".join(FRAMES)
    assert [span.end for span in find_frames(body)][-1] == len(body)
    assert len(list(find_frames(body[:-1]))) == 2
    assert list(find_frames(body[: len(FRAMES[0]) - 1])) == []
    damaged = FRAMES[0][:-1] + bytes([FRAMES[0][-1] ^ 1])
    assert [span.is_sealed for span in find_frames(FRAMES[1] + damaged)] == [True, False]


# ---- another payload


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"n": "' + b"x" * 300 + b'"}'])
def test_a_frame_with_another_payload_keeps_its_headers_and_is_sealed(payload: bytes) -> None:
    event = one(refill_frame(FRAMES[0], payload))
    assert event == ("data", b"chunk", payload, "")
    assert refill_frame(FRAMES[0], b'{"n": 0}') == FRAMES[0]


def test_what_is_no_frame_is_not_refilled() -> None:
    with pytest.raises(ValueError, match="wanted a whole frame, found 3 bytes"):
        refill_frame(b"abc", b"{}")
