"""Server-sent events by the WHATWG text: https://html.spec.whatwg.org/#parsing-an-event-stream."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire.decoders import sse
from chatviz.wire.decoders.sse import SSEDecoder
from chatviz.wire.framing import event_data
from chatviz.wire.wire_event import WireEvent


def decode(body: bytes, size: int = 0) -> list[WireEvent]:
    decoder = SSEDecoder()
    pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()


def told(body: bytes) -> list[tuple[str, bytes]]:
    """Decode whole, by 1 byte and by 7; return what the events say."""
    whole = decode(body)
    assert decode(body, 1) == whole
    assert decode(body, 7) == whole
    return [(event.kind, event.data) for event in whole]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param(b"data: a\n\n", [("data", b"a")], id="one line"),
        pytest.param(b"data:a\n\n", [("data", b"a")], id="no space after the colon"),
        pytest.param(b"data:  a\n\n", [("data", b" a")], id="one space only is dropped"),
        pytest.param(b"data: a\ndata: b\n\n", [("data", b"a\nb")], id="lines are joined by LF"),
        pytest.param(b"data\n\n", [("data", b"")], id="a line without a colon is a field"),
        pytest.param(b"data\ndata\n\n", [("data", b"\n")], id="two empty data lines are one LF"),
        pytest.param(b"data:\n\n", [("data", b"")], id="empty data is dispatched"),
        pytest.param(b"data: a\r\n\r\n", [("data", b"a")], id="CRLF"),
        pytest.param(b"data: a\r\r", [("data", b"a")], id="CR"),
        pytest.param(b"data: a\r\n\ndata: b\n\r", [("data", b"a"), ("data", b"b")], id="mixed"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [("data", b"a")], id="byte-order mark"),
        pytest.param(
            b"data: a\n\n\xef\xbb\xbfdata: b\n\n",
            [("data", b"a"), ("fields", b"")],
            id="a later byte-order mark is part of a field name",
        ),
        pytest.param(b"\n\n\ndata: a\n\n\n\n", [("data", b"a")], id="blank lines say nothing"),
        pytest.param(b": hi\n\n", [("comment", b"hi")], id="a comment is kept"),
        pytest.param(b":\n", [("comment", b"")], id="an empty comment"),
        pytest.param(
            b"data: a\n: hi\ndata: b\n\n",
            [("comment", b"hi"), ("data", b"a\nb")],
            id="a comment inside an event",
        ),
        pytest.param(b"event: x\n\n", [("fields", b"")], id="no data, no dispatch"),
        pytest.param(b"foo: x\n\n", [("fields", b"")], id="an unknown field is ignored"),
        pytest.param(b"id: 1\n\n", [("fields", b"")], id="an id alone fires nothing"),
        pytest.param(b"retry: 10\n\n", [("fields", b"")], id="retry says nothing"),
        pytest.param(b"data: [DONE]\n\n", [("done", b"[DONE]")], id="the end"),
        pytest.param(b"data:[DONE]\n\n", [("done", b"[DONE]")], id="the end without a space"),
        pytest.param(b"data: [DONE] \n\n", [("done", b"[DONE] ")], id="the end and a blank"),
        pytest.param(b"data:  [DONE]\n\n", [("done", b" [DONE]")], id="the end behind two blanks"),
        pytest.param(b"data: [DONE]\t\r\n\r\n", [("done", b"[DONE]\t")], id="the end and a tab"),
        pytest.param(
            b'data: {"a":1}\ndata: [DONE] \n\n',
            [("data", b'{"a":1}'), ("done", b"[DONE] ")],
            id="the end and a blank behind no blank line",
        ),
        pytest.param(b'data: "[DONE]"\n\n', [("data", b'"[DONE]"')], id="a JSON text is no end"),
        pytest.param(b"data: [DONE] x\n\n", [("data", b"[DONE] x")], id="the end and more is none"),
        pytest.param(b"data: a", [("unfinished", b"a")], id="cut in a line"),
        pytest.param(b"data: a\n", [("unfinished", b"a")], id="cut before the blank line"),
        pytest.param(b"data: a\ndata: b", [("unfinished", b"a\nb")], id="cut in a second line"),
        pytest.param(b"id: 1", [("unfinished", b"")], id="cut in a field without data"),
        pytest.param(b": hi", [("unfinished", b"")], id="cut in a comment"),
        pytest.param(b"\xef\xbb\xbf", [], id="nothing but a byte-order mark"),
        pytest.param(b"\xef\xbb\xbfdata: a", [("unfinished", b"a")], id="a mark, and a cut"),
        pytest.param(b"", [], id="nothing"),
        pytest.param("data: é€😀\n\n".encode(), [("data", "é€😀".encode())], id="UTF-8"),
    ],
)
def test_a_body_is_decoded_as_the_standard_says(
    body: bytes, wanted: list[tuple[str, bytes]]
) -> None:
    assert told(body) == wanted


def test_a_lone_cr_ends_a_line_at_once() -> None:
    decoder = SSEDecoder()
    assert [event.data for event in decoder.feed(b"data: a\r\r")] == [b"a"]
    assert decoder.feed(b"\n") == []
    assert [event.data for event in decoder.feed(b"data: b\n\r")] == [b"b"]


def test_the_event_field_names_one_event_only() -> None:
    events = decode(b"event: x\ndata: a\n\ndata: b\n\nevent: y\n\ndata: c\n\n")
    assert [event.name for event in events] == [b"x", b"", b"y", b""]


def test_an_id_persists_and_one_with_a_nul_is_ignored() -> None:
    decoder = SSEDecoder()
    decoder.feed(b"id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\n")
    assert decoder.last_event_id == b"1"
    decoder.feed(b"id\n\n")
    assert decoder.last_event_id == b""


def test_spans_hold_each_event_with_the_byte_that_ended_it() -> None:
    body = b"\xef\xbb\xbfdata: a\r\n\r\n: hi\ndata: b\n\nid: 1"
    spans = [body[event.start : event.end] for event in decode(body)]
    assert spans == [b"data: a\r\n\r", b": hi\n", b"data: b\n\n", b"id: 1"]


def test_an_event_in_pieces_of_one_byte_is_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is linear in the event: its bytes are looked at once, and copied once."""
    joined = 0
    find_line_end = sse._LINE_END

    class Counting:
        searched = 0

        def search(self, data: bytes, position: int) -> object:
            Counting.searched += len(data) - position
            return find_line_end.search(data, position)

        def finditer(self, data: bytes, position: int) -> object:
            return find_line_end.finditer(data, position)

    original = sse._field

    def counted(line: bytes) -> tuple[bytes, bytes]:
        nonlocal joined
        joined += len(line)
        return original(line)

    monkeypatch.setattr(sse, "_LINE_END", Counting())
    monkeypatch.setattr(sse, "_field", counted)
    body = b"data: " + b"x" * 5_000 + b"\n\n"
    assert [event.data for event in decode(body, 1)] == [b"x" * 5_000]
    assert joined <= len(body)
    assert Counting.searched <= len(body)


LINES = st.sampled_from(
    [b"data: a", b"data:b", b"data", b"", b": c", b"id: 1", b"event: e", b"\xef\xbb\xbfdata: m"]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])


@given(st.lists(st.tuples(LINES, ENDS)), st.integers(1, 9))
def test_where_bytes_are_cut_does_not_matter(lines: list[tuple[bytes, bytes]], size: int) -> None:
    body = b"".join(line + end for line, end in lines)
    assert decode(body, size) == decode(body)


END = b"data: [DONE]"
UNIX_LINES = st.sampled_from(
    [
        *(b"data: 1\n", b"data: 2\n", b"event: a\ndata: 3\n", b"data: 4\n\n", b"data:\n", b""),
        *(b"id: 1\n", b": c\n", b"event: a", END + b"\n", END, b"data: 5 " + END + b"\n"),
        *[odd + END + b"\n" for odd in (b"x", b" ", b": ", b": c ", b"event: a ", b"\xef\xbb\xbf")],
    ]
)


@given(st.lists(UNIX_LINES), st.sampled_from([b"", b"\n", END + b"\n\n"]), st.integers(1, 9))
def test_where_usual_bodies_are_cut_does_not_matter(
    lines: list[bytes], end: bytes, size: int
) -> None:
    body = b"".join(line + b"\n" for line in lines) + end
    assert decode(body, size) == decode(body)


@given(st.lists(st.tuples(LINES, ENDS)))
def test_an_event_read_again_from_its_span_says_the_same(lines: list[tuple[bytes, bytes]]) -> None:
    body = b"".join(line + end for line, end in lines)
    for event in decode(body):
        if event.kind != "fields":
            assert event_data("sse", event.kind, body[event.start : event.end]) == event.data


USUAL = (
    b"event: a\ndata: 1\n\ndata: 2\n\nevent: b\ndata: [DONE]\n\nevent: c\ndata: 3\ndata: 4\n\n",
    b"data: 1\r\n\r\ndata: 2\r\n\r\ndata: [DONE]\r\n\r\ndata: 3\r\ndata: 4\r\n\r\n",
    b"data: 0\n\nevent: a\ndata: 1\nid: 5\n\nevent: b\n\nevent: c\nevent: d\ndata: 2\n\nevent: e\n",
    b"data: 0\r\n\r\ndata: 1\rdata: 2\r\n\r\ndata: 3\n\r\n\r\n: c\r\ndata: 4\r\n\r",
    # What ends in the letters of the last event, and is none.
    b"data: 1\n\n\ndata: 2\n\ndata: 3\ndata: [DONE]\n\n",
    *[
        b"data: 1\n\ndata: 2\n\n%bdata: [DONE]\n\n" % odd
        for odd in (b": end, ", b": ", b"x", b" ", b"\0", b"id: 1 ", b"event: x ", b"\xef\xbb\xbf")
    ],
    b"event: a\ndata: 1\n\nevent: a\ndata: 2\ndata:\ndata: [DONE]\n\n",
    b"data: 1\n\ndata: 2\n\ndata: [DONE]\n\ndata: [DONE]\n\n",
    *(
        b"".join(b"%bdata: %b\n\n" % (name, data) for data in (b"{}", b"{}", end, b"{}", b"[]"))
        for name in (b"", b"event: a\n")
        for end in (b"[DONE] ", b" [DONE]", b"\t[DONE]\t", b" {}", b" [DONE]x")
    ),
)


@pytest.mark.parametrize("body", USUAL)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_usual_events_are_the_same_wherever_they_are_cut(body: bytes, size: int) -> None:
    whole = SSEDecoder()
    wanted = [*whole.feed(body), *whole.close()]
    cut = SSEDecoder()
    found = [e for at in range(0, len(body), size) for e in cut.feed(body[at : at + size])]
    assert [*found, *cut.close()] == wanted


@pytest.mark.parametrize("body", USUAL)
def test_the_data_of_a_usual_event_is_found_again_in_its_span(body: bytes) -> None:
    decoder = SSEDecoder()
    for event in [*decoder.feed(body), *decoder.close()]:
        if event.kind in ("data", "done"):
            assert event_data("sse", event.kind, body[event.start : event.end]) == event.data


def test_usual_events_with_crlf_are_decoded_at_one_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body comes whole as a rule: its first line, a comment and odd events stop no glance."""
    lines: list[bytes] = []
    read_line = SSEDecoder._read_line

    def count(self: SSEDecoder, line: bytes, *args: Any) -> None:
        lines.append(line)
        read_line(self, line, *args)

    monkeypatch.setattr(SSEDecoder, "_read_line", count)
    odd = b": hi\r\n\r\nevent: e\r\ndata: b\r\n\r\ndata: c\rd\r\n\r\n"
    events = SSEDecoder().feed(b"data: a\r\n\r\n" * 3 + odd + b"data: e\r\n\r\n" * 3)
    assert [event.data for event in events if event.kind == "data"] == [
        *[b"a"] * 3, b"b", b"c", *[b"e"] * 3,
    ]  # fmt: skip
    assert lines == [b": hi", b"", b"event: e", b"data: b", b"", b"data: c", b"d", b""]
