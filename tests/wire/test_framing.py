"""Which framing a body has is seen from its first bytes, not from its label."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire.framing import BodyDecoder, event_data
from tests.wire.aws_building import frame

DEEP = b"[" * 500 + b"]" * 500
FRAME = frame({"a": 1})


def decode(body: bytes, size: int) -> tuple[BodyDecoder, list[tuple[str, bytes]]]:
    decoder = BodyDecoder()
    events = [
        event
        for start in range(0, len(body), size)
        for event in decoder.feed(body[start : start + size])
    ]
    events += decoder.close()
    for event in events:
        assert 0 <= event.start <= event.end <= len(body)
        if event.kind != "fields":
            raw = body[event.start : event.end]
            assert event_data(decoder.framing, event.kind, raw) == event.data
    return decoder, [(event.kind, event.data) for event in events]


@pytest.mark.parametrize("size", [10_000, 1, 7])
@pytest.mark.parametrize(
    ("body", "framing", "wanted"),
    [
        pytest.param(b"", "unknown", [], id="nothing"),
        pytest.param(b"\n\r\n", "sse", [], id="blank lines only"),
        pytest.param(b"\n \t ", "sse", [("unfinished", b"")], id="white space only"),
        pytest.param(b"data: a\n\n", "sse", [("data", b"a")], id="events"),
        pytest.param(
            b": hi\n\ndata: {}\n\n", "sse", [("comment", b"hi"), ("data", b"{}")], id="sse"
        ),
        pytest.param(b"\n\ndata: a\n\n", "sse", [("data", b"a")], id="events behind blank lines"),
        pytest.param(b'{"a": 1}', "json", [("data", b'{"a": 1}')], id="one JSON value"),
        pytest.param(b"{}\n", "json", [("data", b"{}")], id="one JSON value and a line break"),
        pytest.param(b"[ ]\n", "json", [("data", b"[ ]")], id="an empty array"),
        pytest.param(b" [\n ", "json", [("unfinished", b"[")], id="an array without an element"),
        pytest.param(b" [\n1,", "json_array", [("data", b"1"), ("unfinished", b"")], id="array"),
        pytest.param(b" \n \n {}", "json", [("data", b"{}")], id="JSON behind white space"),
        pytest.param(b"\xef\xbb\xbf{}", "json", [("data", b"{}")], id="JSON behind a mark"),
        pytest.param(
            b'{\n  "a": 1\n}\n', "json", [("data", b'{\n  "a": 1\n}')], id="JSON on several lines"
        ),
        pytest.param(
            b'{"a":1}\n\n{"a":2}\r\n{"a":3}',
            "json_lines",
            [("data", b'{"a":1}'), ("data", b'{"a":2}'), ("data", b'{"a":3}')],
            id="NDJSON",
        ),
        pytest.param(
            b'{"a":1}\n{"a":',
            "json_lines",
            [("data", b'{"a":1}'), ("unfinished", b'{"a":')],
            id="cut",
        ),
        pytest.param(
            b'{"a":1}\nx\n',
            "json_lines",
            [("data", b'{"a":1}'), ("data", b"x")],
            id="a line of NDJSON that is no JSON",
        ),
        pytest.param(b'{"a": N', "json", [("unfinished", b'{"a": N')], id="JSON cut short"),
        pytest.param(b'{"a":\n1', "json", [("unfinished", b'{"a":\n1')], id="long JSON cut short"),
        pytest.param(
            b'{"a": NaN}\n{}\n', "json_lines", [("data", b'{"a": NaN}'), ("data", b"{}")], id="NaN"
        ),
        pytest.param(
            b"{}\n\xef\xbb\xbf\n", "json_lines", [("data", b"{}"), ("data", b"")], id="a late mark"
        ),
        pytest.param(b'{"a":' + DEEP, "json", [("unfinished", b'{"a":' + DEEP)], id="too deep"),
        pytest.param(DEEP, "json_array", [("data", DEEP[1:-1])], id="an array that nests too deep"),
        pytest.param(b"<html>\n\n</html>", "opaque", [("data", b"<html>\n\n</html>")], id="HTML"),
        pytest.param(b"\0\0\1data", "opaque", [("data", b"\0\0\1data")], id="binary"),
        pytest.param(b"\0" * 16, "opaque", [("data", b"\0" * 16)], id="more binary data"),
        pytest.param(FRAME, "aws_frames", [("data", b'{"a": 1}')], id="a frame"),
        pytest.param(FRAME[:12], "aws_frames", [("unfinished", b"")], id="no more than a prelude"),
        pytest.param(FRAME[:11], "opaque", [("data", FRAME[:11])], id="not even a prelude"),
        pytest.param(b"\n" + FRAME, "opaque", [("data", b"\n" + FRAME)], id="a frame elsewhere"),
    ],
)
def test_the_first_byte_tells_the_framing(
    body: bytes, framing: str, wanted: list[tuple[str, bytes]], size: int
) -> None:
    decoder, events = decode(body, size)
    assert decoder.framing == framing
    assert events == wanted


def test_kilobytes_of_white_space_before_json_are_counted() -> None:
    """OpenRouter keeps the line of an unstreamed answer alive with white space."""
    decoder, events = decode(b"\n         " * 500 + b'{"a": 1}', 7)
    assert decoder.white_space == 5_000
    assert events == [("data", b'{"a": 1}')]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=2), min_size=1, max_size=4),
    st.sampled_from([None, 2]),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.integers(1, 9),
)
def test_json_lines_and_laid_out_json_are_told_apart_in_any_pieces(
    values: list[object], indent: int | None, end: bytes, size: int
) -> None:
    texts = [json.dumps(value).encode() for value in values]
    if indent:
        texts = [json.dumps({"a": values}, indent=indent).encode()]
    decoder, events = decode(b"".join(text + end for text in texts), size)
    assert events == [("data", text) for text in texts]
    assert decoder.framing == ("json_lines" if len(texts) > 1 else "json")


def test_json_becomes_json_lines_when_the_second_value_comes() -> None:
    decoder = BodyDecoder()
    assert [event.data for event in decoder.feed(b"{}\n{")] == [b"{}"]
    assert decoder.framing == "json"
    assert [event.data for event in decoder.feed(b"}\n")] == [b"{}"]
    assert decoder.framing == "json_lines"


@given(
    st.lists(
        st.sampled_from(
            [b"\xef", b"\xbb", b"\xbf", b" ", b"\n", b"[", b"]", b"{", b"<", b"\0", b"d", FRAME]
        ),
        max_size=20,
    ),
    st.integers(1, 9),
)
def test_any_beginning_is_read_alike_in_any_pieces(parts: list[bytes], size: int) -> None:
    body = b"".join(parts)
    whole, events = decode(body, len(body) or 1)
    cut, same = decode(body, size)
    assert (whole.framing, whole.white_space, events) == (cut.framing, cut.white_space, same)


def test_an_empty_piece_says_nothing() -> None:
    decoder = BodyDecoder()
    assert decoder.feed(b"") == decoder.close() == []
    assert decoder.framing == "unknown"
