"""Whatever is written over, JSON stays JSON: in whole bodies, in lines, in events, in frames."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.json_strings import Extent, keep_json
from chatviz.cassettes.redaction.redaction import RedactionRules, redact, redact_request
from chatviz.key_shapes import Span
from chatviz.wire.decoders.aws_frames import find_frames
from tests.wire.aws_building import frame

SECRET = "hush-7f3a-Quiet"
KEY = "sk-proj-" + "0123456789abcdef" * 2
PEM = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 2


class Place(NamedTuple):
    """Where a dialect's event has its fragment."""

    wrap: Callable[[str], object]
    read: Callable[[Any], str]


PLACES = {
    "content": Place(
        lambda text: {"choices": [{"index": 0, "delta": {"content": text}}], "n": 12},
        lambda event: event["choices"][0]["delta"]["content"],
    ),
    "arguments": Place(
        lambda text: {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": text}}]}}]},
        lambda event: event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"],
    ),
    "partial_json": Place(
        lambda text: {"delta": {"type": "input_json_delta", "partial_json": text}, "index": 0},
        lambda event: event["delta"]["partial_json"],
    ),
    "delta": Place(
        lambda text: {"item_id": "a", "delta": text, "obfuscation": "x"},
        lambda event: event["delta"],
    ),
}


def write_sse(payloads: list[bytes]) -> bytes:
    return b"".join(b"data: %s\n\n" % payload for payload in payloads) + b"data: [DONE]\n\n"


WIRES: dict[str, Callable[[list[bytes]], bytes]] = {
    "sse": write_sse,
    "ndjson": lambda payloads: b"\n".join(payloads) + b"\n",
    "json": lambda payloads: b"[%s]" % b",\r\n".join(payloads),
    "frames": lambda payloads: b"".join(frame(payload, event_type="chunk") for payload in payloads),
}


def read_wire(wire: str, body: bytes) -> Iterator[Any]:
    if wire == "json":
        yield from json.loads(body)
    elif wire == "frames":
        for each in find_frames(body):
            yield json.loads(body[each.payload : each.payload_end])
    else:
        for line in filter(None, body.removesuffix(b"data: [DONE]\n\n").split(b"\n")):
            yield json.loads(line.removeprefix(b"data: "))


def shape(value: Any) -> Any:
    """Return a value without its texts and numbers; the keys of an object are texts, too."""
    match value:
        case dict():
            return {number: shape(each) for number, each in enumerate(value.values())}
        case list():
            return [shape(each) for each in value]
        case _:
            return type(value)


def clean(body: bytes) -> bytes:
    cleaned, _ = redact(Interaction(RecordedRequest(), RecordedResponse(200, body=body)))
    return cleaned.response.body


NAMES = st.sampled_from(
    ["password", "headers", "cookies", "credentials", "secrets", "api_keys", "Authorization"]
)
SNIPPETS = st.one_of(
    NAMES.map('"{}":'.format),
    NAMES.map("'{}': ".format),
    NAMES.map("{}=".format),
    NAMES.map("{}: '".format),
    st.sampled_from(['{"name": "API_KEY", ', '"value":', "[", "{", "]", "}", ", ", '"', "'"]),
    st.sampled_from(["\\", "\n", "é", "\u2028", "12345", "Bearer ", KEY, KEY[:9], PEM]),
    st.sampled_from(["-----END ", "https://a.example/?key=", "a", SECRET, f'"{SECRET}"', "xyz"]),
)


@st.composite
def fragments(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    text = draw(texts)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    edges = [0, *cuts, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("place", PLACES)
@given(fragments(st.lists(SNIPPETS, max_size=12).map("".join)), st.booleans(), st.booleans())
def test_every_payload_stays_json_of_the_same_structure(
    wire: str, place: str, cut: list[str], escape: bool, compact: bool
) -> None:
    separators = (",", ":") if compact else None
    events = [PLACES[place].wrap(text) for text in cut]
    payloads = [
        json.dumps(event, ensure_ascii=escape, separators=separators).encode() for event in events
    ]
    body = WIRES[wire](payloads)
    cleaned = clean(body)
    assert len(cleaned) == len(body)
    assert [shape(event) for event in read_wire(wire, cleaned)] == [shape(each) for each in events]


VALUES = st.recursive(
    st.sampled_from([SECRET, KEY, "a", "", 'q"\\', "a\nb", 12345, None, True]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("place", PLACES)
@given(fragments(st.dictionaries(NAMES, VALUES, min_size=1, max_size=3).map(json.dumps)))
def test_what_fragments_spell_stays_json_of_the_same_structure(
    wire: str, place: str, cut: list[str]
) -> None:
    wrap, read = PLACES[place]
    body = WIRES[wire]([json.dumps(wrap(text)).encode() for text in cut])
    spelt = "".join(map(read, read_wire(wire, clean(body))))
    assert shape(json.loads(spelt)) == shape(json.loads("".join(cut)))


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "cut",
    [
        ['{"password":', f'"{SECRET}"}}'],
        ['{"user":"a","password": ', f'"{SECRET}","z":1}}'],
        ['{"headers":{', f'"X-Auth-Token":"{SECRET}"}}}}'],
        ['{"headers":{"Authorization":', f'"Bearer {SECRET}"}}}}'],
        ['{"cookies":', f'["{SECRET}"]}}'],
        ['{"secrets":["', f'{SECRET}"]}}'],
        ['{"credentials":{"user_name":', f'"","it":"{SECRET}"}}}}'],
        ['[{"name":"API_KEY","value":', f'"{SECRET}"}}]'],
        ["{'password': ", f"'{SECRET}'}}"],
        ["{'password': 'hush", "-7f3a'}"],
        ["export API_KEY=", f"{SECRET} --"],
    ],
)
def test_a_value_in_the_fragment_behind_its_name_is_found(
    wire: str, place: str, cut: list[str]
) -> None:
    wrap, read = PLACES[place]
    body = WIRES[wire]([json.dumps(wrap(text)).encode() for text in cut])
    spelt = "".join(map(read, read_wire(wire, clean(body))))
    assert "7f3a" not in spelt
    assert spelt.startswith(cut[0].partition("hush")[0])
    assert spelt.endswith(cut[1][-2:])


def test_a_private_key_takes_nothing_of_the_events_between_its_ends() -> None:
    wrap, read = PLACES["content"]
    body = write_sse([json.dumps(wrap(PEM[n : n + 9])).encode() for n in range(0, len(PEM), 9)])
    body += write_sse([json.dumps(wrap("\n-----END PRIVATE KEY-----")).encode()])
    events = [line[6:] for line in clean(body).split(b"\n\n") if line.startswith(b"data: {")]
    spelt = "".join(read(json.loads(event)) for event in events)
    assert "MIIE" not in spelt
    assert spelt.startswith("-----BEGIN PRIVATE KEY-----")
    assert spelt.endswith("-----END PRIVATE KEY-----")


def test_a_tool_that_has_the_name_of_a_secret_keeps_its_arguments() -> None:
    body = b'data: {"function":{"name":"get_password","arguments":"\\"value\\":\\"a book\\""}}\n\n'
    assert clean(body) == body


def test_what_a_user_names_is_written_over_member_by_member() -> None:
    rules = RedactionRules(patterns=(r'"badge": *[^}]*',))
    request = RecordedRequest(body=b'{"badge": "blue", "n": -12.50, "ok": true}')
    cleaned = redact_request(request, rules=rules).body
    assert cleaned == b'{"REDAC": "REDA", "R": -99.99, "RE": true}'


def test_a_secret_that_ends_in_a_backslash_takes_all_of_an_escape() -> None:
    request = RecordedRequest(headers={"x-key": ("a1b2c3d4e5\\",)}, body=b'["a1b2c3d4e5\\"", 1]')
    assert redact_request(request).body == b'["REDACTED____", 1]'


@pytest.mark.parametrize(
    "text",
    [
        "{'password': 'hush-7f3a'}",
        "[INFO] password = 'hush-7f3a'",
        '[{"a": 1}] password = "hush-7f3a"',
        'data: {"password": "hush-7f3a", \n\n',
    ],
)
def test_what_is_no_json_is_searched_as_text(text: str) -> None:
    assert b"7f3a" not in clean(text.encode())


def test_json_is_found_in_lines_and_in_frames() -> None:
    text = b'\x00\x01{"a": "b"}\x02\n9:{"c": "d"}\n"e": "f"'
    whole = [Span(0, len(text), "it")]
    assert list(keep_json(text, whole)) == whole
    (inside,) = keep_json(text, [Span(4, 9, "it")], [Extent(2, 12)])
    assert text[inside.start : inside.end] == b"a"
    cut = [text[span.start : span.end] for span in keep_json(text, [Span(16, 26, "it")])]
    assert cut == [b"c", b"d"]
    assert list(keep_json(text, [])) == []
