"""An array is read element by element, as it comes."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.wire.decoders.json_array import JSONArrayDecoder
from chatviz.wire.framing import event_data
from chatviz.wire.json_text import MAX_DEPTH
from chatviz.wire.wire_event import WireEvent


def decode(body: bytes, size: int = 0) -> list[WireEvent]:
    decoder = JSONArrayDecoder()
    pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()


def told(body: bytes) -> list[tuple[str, bytes]]:
    """Decode whole, by 1 byte and by 7; the spans give the data again."""
    whole = decode(body)
    assert decode(body, 1) == whole
    assert decode(body, 7) == whole
    for event in whole:
        assert event_data("json_array", event.kind, body[event.start : event.end]) == event.data
    return [(event.kind, event.data) for event in whole]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        pytest.param(
            b'[{\n  "a": [1]\n}\n,\r\n{"b": {}}\n]\n',
            [("data", b'{\n  "a": [1]\n}'), ("data", b'{"b": {}}')],
            id="as Gemini sends it",
        ),
        pytest.param(
            b'\xef\xbb\xbf \n[ {} ,{"a":"]}"},{"a":"\\"}"},{"\\\\":"\\\\"}]',
            [
                ("data", b"{}"),
                ("data", b'{"a":"]}"}'),
                ("data", b'{"a":"\\"}"}'),
                ("data", b'{"\\\\":"\\\\"}'),
            ],
            id="brackets, quotes and backslashes in strings",
        ),
        pytest.param(
            b'[ 1 , "a,]" ,null,[2,[]]]',
            [("data", b"1"), ("data", b'"a,]"'), ("data", b"null"), ("data", b"[2,[]]")],
            id="elements that are no objects",
        ),
        pytest.param(b'[{"a": N}]', [("data", b'{"a": N}')], id="an element that is no JSON"),
        pytest.param(b"[{}, ", [("data", b"{}"), ("unfinished", b"")], id="cut behind a comma"),
        pytest.param(b"[{}", [("data", b"{}"), ("unfinished", b"")], id="cut behind an element"),
        pytest.param(
            b'[{},{"a": "x\\',
            [("data", b"{}"), ("unfinished", b'{"a": "x\\')],
            id="cut in a string",
        ),
        pytest.param(b"[{},tru", [("data", b"{}"), ("unfinished", b"tru")], id="cut in a word"),
        pytest.param(
            b'[{"a":[1},{}]', [("unfinished", b'{"a":[1},{}]')], id="brackets do not match"
        ),
        pytest.param(b"[{} {}, {}]", [("data", b"{}"), ("unfinished", b"{}, {}]")], id="no comma"),
        pytest.param(b"[{},,{}]\n", [("data", b"{}"), ("unfinished", b",{}]")], id="two commas"),
        pytest.param(b"[{},]", [("data", b"{}"), ("unfinished", b"]")], id="a comma too many"),
        pytest.param(b"[1}]", [("data", b"1"), ("unfinished", b"}]")], id="a bracket too many"),
        pytest.param(
            b"[{}]\n[{}]\n", [("data", b"{}"), ("unfinished", b"[{}]")], id="more behind the end"
        ),
        pytest.param(b"  ", [], id="white space only"),
        pytest.param(b" x[1]", [("unfinished", b"x[1]")], id="no array"),
    ],
)
def test_each_element_is_an_event(body: bytes, wanted: list[tuple[str, bytes]]) -> None:
    assert told(body) == wanted


def test_an_element_is_given_as_soon_as_it_is_complete() -> None:
    decoder = JSONArrayDecoder()
    assert decoder.feed(b'[{"a": 1') == []
    assert decoder.feed(b"}") == [WireEvent("data", 1, 9, b'{"a": 1}')]
    assert decoder.feed(b"") == decoder.feed(b"\n,\n7") == []
    assert decoder.feed(b"]") == [WireEvent("data", 12, 13, b"7")]
    assert decoder.close() == decoder.close() == []


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 2, 100_000])
def test_an_array_of_any_depth_is_one_element(depth: int) -> None:
    body = b"[" * depth + b"]" * depth
    assert decode(body) == [WireEvent("data", 1, len(body) - 1, body[1:-1])]
    assert decode(body[:-2])[-1].kind == "unfinished"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(['\\"', "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(VALUES, min_size=1, max_size=4),
    st.sampled_from([None, 2]),
    st.sampled_from([",", "\n,\r\n", " , "]),
    st.booleans(),
    st.integers(1, 40),
)
def test_where_the_bytes_are_cut_does_not_matter(
    values: list[object], indent: int | None, comma: str, is_ascii: bool, size: int
) -> None:
    texts = [json.dumps(value, indent=indent, ensure_ascii=is_ascii) for value in values]
    body = f"[{comma.join(texts)}\n]".encode()
    assert decode(body, size) == decode(body)
    assert told(body) == [("data", text.encode()) for text in texts]


@given(st.lists(st.sampled_from(list('[]{}",\\ a1\n')), max_size=40).map("".join))
def test_any_damage_raises_nothing_and_keeps_every_byte(text: str) -> None:
    body = b"[" + text.encode()
    told(body)
    kept = 1
    for event in decode(body):
        assert not body[kept : event.start].strip(b" \n,]")
        kept = event.end
    assert not body[kept:].strip(b" \n,]")


@pytest.mark.parametrize(
    "element", [b'"' + b'\\"' * 200_000, b'{"a":"' + b"x" * 400_000, b'["' * 200_000]
)
def test_an_element_that_never_ends_is_read_in_linear_time(element: bytes) -> None:
    """Read again from its start at each piece, it would take minutes."""
    begun = time.process_time()
    (event,) = decode(b"[" + element, 16)
    assert event.data == element
    assert time.process_time() - begun < 5
